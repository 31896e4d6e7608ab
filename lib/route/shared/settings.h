/* The settings of a session as the writer's trackers tell them, to make them again on another
 * back-end session by name and value. */
#ifndef MI_ROUTE_SHARED_SETTINGS_H
#define MI_ROUTE_SHARED_SETTINGS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_setting {
	char *name, *value;
	uint64_t generation; /* number of the change that was told last */
};

/* {0}: none. */
struct mi_route_settings {
	struct mi_route_setting *items; /* in the order in which they were changed last */
	size_t count;
	uint64_t generation; /* of the newest change */
};

/* Frees them; there are none afterwards. */
void mi_route_settings_release(struct mi_route_settings *settings);

/* Records a tracked change. False: the variable is none that is made again (the server changes it
 * by itself, or the router does). */
bool mi_route_settings_note(struct mi_route_settings *settings, struct mi_span name,
                            struct mi_span value);

/* Is name collation_connection, or a setting that changes it? */
bool mi_route_settings_is_charset(struct mi_span name);

/* A setting in another server's terms: appends its value to there, and returns its name there. */
typedef const char *mi_route_there_fn(const void *arg, const char *name, const char *value,
                                      struct mi_buf *there);

/* Appends a SET of all settings newer than a generation, in the order in which they were made last:
 * one may change another. False: there are none. sql may be NULL, to only ask. collation_connection
 * comes last, because every setting of a character set changes it.
 */
bool mi_route_settings_sql(const struct mi_route_settings *settings, uint64_t since,
                           mi_route_there_fn *there, const void *arg, struct mi_buf *sql);

#endif
