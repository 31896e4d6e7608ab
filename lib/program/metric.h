/* Metrics in Prometheus's text format: for each metric mi_metric_begin, then its values. */
#ifndef MI_PROGRAM_METRIC_H
#define MI_PROGRAM_METRIC_H

#include "base/buf.h"

#include <stdint.h>

struct mi_metric_label {
	const char *name, *value;
};

/* The labels of a value: MI_LABELS({"side", side}, {"why", why}). */
#define MI_LABELS(...) ((const struct mi_metric_label[]){__VA_ARGS__, {NULL, NULL}})

/* Appends the two lines that come before a metric's values. kind: "counter", "gauge", "histogram".
 */
void mi_metric_begin(struct mi_buf *out, const char *name, const char *kind, const char *help);

/* Each appends the line of one value. labels: from MI_LABELS, or NULL for none; their values are
 * escaped. A real number has as many digits behind the point as decimals says; MI_METRIC_SHORT: as
 * few as tell it, at most 15 significant ones. */
enum { MI_METRIC_SHORT = -1 };
void mi_metric_count(struct mi_buf *out, const char *name, const struct mi_metric_label *labels,
                     uint64_t value);
void mi_metric_real(struct mi_buf *out, const char *name, const struct mi_metric_label *labels,
                    int decimals, double value);

#endif
