/* The settings of a session as the writer's trackers tell them, to make them again on another
 * back-end session by name and value. */
#ifndef MI_ROUTE_SHARED_SETTINGS_H
#define MI_ROUTE_SHARED_SETTINGS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_route_setting {
	char *name, *value;
	uint64_t generation; /* when it was told last */
};

struct mi_route_settings {
	struct mi_route_setting *items;
	size_t count;
	uint64_t generation; /* of the newest */
};

void mi_route_settings_release(struct mi_route_settings *settings);

/* Takes a tracked change. False: it is not one to be made again (the server's own, or the
 * router's). */
bool mi_route_settings_note(struct mi_route_settings *settings, struct mi_span name,
                            struct mi_span value);

/* Does this setting change collation_connection, or is it that? */
bool mi_route_settings_is_charset(struct mi_span name);

/* A setting as another server has it: appends its value to there, and returns its name. */
typedef const char *mi_route_there_fn(const void *arg, const char *name, const char *value,
                                      struct mi_buf *there);

/* Appends SET with all that is newer than a generation; false: nothing is. sql may be NULL, which
 * only asks. collation_connection comes last, because every setting of a character set changes it.
 */
bool mi_route_settings_sql(const struct mi_route_settings *settings, uint64_t since,
                           mi_route_there_fn *there, const void *arg, struct mi_buf *sql);

#endif
