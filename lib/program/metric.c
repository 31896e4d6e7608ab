#include "program/metric.h"
#include "base/buf.h"

void mi_metric_begin(struct mi_buf *out, const char *name, const char *kind, const char *help)
{
	mi_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void add_escaped(struct mi_buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			mi_buf_add_str(out, "\\n");
			continue;
		}
		if (*text == '"' || *text == '\\')
			mi_buf_add_char(out, '\\');
		mi_buf_add_char(out, *text);
	}
}

/* name{label="value",...} and the blank behind it */
static void add_series(struct mi_buf *out, const char *name, const struct mi_metric_label *labels)
{
	mi_buf_add_str(out, name);
	for (size_t i = 0; labels && labels[i].name; i++) {
		mi_buf_addf(out, "%c%s=\"", i ? ',' : '{', labels[i].name);
		add_escaped(out, labels[i].value);
		mi_buf_add_char(out, '"');
	}
	mi_buf_add_str(out, labels ? "} " : " ");
}

void mi_metric_count(struct mi_buf *out, const char *name, const struct mi_metric_label *labels,
                     uint64_t value)
{
	add_series(out, name, labels);
	mi_buf_addf(out, "%llu\n", (unsigned long long)value);
}

void mi_metric_real(struct mi_buf *out, const char *name, const struct mi_metric_label *labels,
                    int decimals, double value)
{
	add_series(out, name, labels);
	if (decimals == MI_METRIC_SHORT)
		mi_buf_addf(out, "%.15g\n", value);
	else
		mi_buf_addf(out, "%.*f\n", decimals, value);
}
