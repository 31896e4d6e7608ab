/* One definition of the stream on the server that is written to: run under the settings that it was
 * made with, or compared with the object that exists there. */
#ifndef MI_TARGET_OBJECT_H
#define MI_TARGET_OBJECT_H

#include "base/buf.h"
#include "base/err.h"
#include "bookkeeping/load.h"
#include "server/link.h"
#include "stream/parse.h"
#include "table/dbmap.h"

#include <stdbool.h>

/* Appends ",SESSION name=value" for each setting that ddl gives. */
void mi_object_settings(const struct mi_ddl *ddl, struct mi_buf *sql);

/* Why a server has refused a statement. */
struct mi_refusal {
	unsigned number; /* the server's; 0: it was not the server that refused */
	char text[512];
};

/* Runs ddl's text, with databases renamed by map, under its database and its settings (a table's
 * also as mi_lenient_exec says), and sets the session back (the default database stays). When that
 * fails, or the text does, a link whose session was changed is closed. mi_object_try also says
 * whether it was the server that refused the text, and how. */
MI_MUST int mi_object_try(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                          struct mi_refusal *refusal, struct mi_err *err);
MI_MUST int mi_object_run(const struct mi_ddl *ddl, const struct mi_map *map, struct mi_link *link,
                          struct mi_err *err);

/* Compares the view, routine, trigger, event or sequence that is there with ddl (schema/meant.h).
 * MI_DATA: it is not what was meant. One that is not there is no failure. */
MI_MUST int mi_object_meant(const struct mi_ddl *ddl, const struct mi_map *map,
                            struct mi_conn *conn, struct mi_err *err);

/* A view, routine, trigger, event or sequence to be created; all pointers are the caller's. */
struct mi_object {
	const struct mi_ddl *ddl;
	const struct mi_map *map;
	const struct mi_state *state;
	bool leave_others; /* an object that exists and differs is left as it is */
};
/* Creates the object, with tries as in mi_link_run. One that exists is left when the server prints
 * it as the stream defines it, or when this flow has made it (see mi_state_object_planned); any
 * other is MI_CONFIG, unless leave_others. */
MI_MUST int mi_object_create(struct mi_object *object, struct mi_link *link, struct mi_err *err);

#endif
