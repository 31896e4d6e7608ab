/* The text of metrics. */
#include "base/buf.h"
#include "program/metric.h"
#include "t.h"

int main(void)
{
	struct mi_buf out = {0};

	mi_metric_begin(&out, "mi_things_total", "counter", "Things done.");
	mi_metric_count(&out, "mi_things_total", NULL, UINT64_MAX);
	mi_metric_count(&out, "mi_things_total", MI_LABELS({"side", "source"}), 0);
	mi_metric_count(&out, "mi_things_total", MI_LABELS({"side", "a\"b\\c\nd"}, {"why", ""}), 7);
	mi_metric_real(&out, "mi_seconds", MI_LABELS({"tool", "mi-load"}), 3, 1.5);
	mi_metric_real(&out, "mi_seconds", NULL, 0, 1e15);
	mi_metric_real(&out, "mi_seconds", NULL, MI_METRIC_SHORT, 0.1);
	mi_metric_real(&out, "mi_seconds", NULL, MI_METRIC_SHORT, 1e15);
	CHECK_STR(mi_buf_cstr(&out),
	          "# HELP mi_things_total Things done.\n# TYPE mi_things_total counter\n"
	          "mi_things_total 18446744073709551615\n"
	          "mi_things_total{side=\"source\"} 0\n"
	          "mi_things_total{side=\"a\\\"b\\\\c\\nd\",why=\"\"} 7\n"
	          "mi_seconds{tool=\"mi-load\"} 1.500\n"
	          "mi_seconds 1000000000000000\n"
	          "mi_seconds 0.1\n"
	          "mi_seconds 1e+15\n",
	          "metrics");
	mi_buf_release(&out);
	DONE();
}
