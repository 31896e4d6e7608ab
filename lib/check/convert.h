/* The definitions that are to be imported, converted for the run's target as mi-schema does. */
#ifndef MI_CHECK_CONVERT_H
#define MI_CHECK_CONVERT_H

#include "base/err.h"
#include "check/check.h"
#include "schema/list.h"

#include <stdbool.h>

/* Reads run->schema at the first call: tables and views, and with a target to be asked programs.
 * Where those are hidden from the account, programs_err says so and the rest is there. Anything
 * else that cannot be read is schema_err, and the schema is empty. -1: the connection is lost. */
MI_MUST int mi_check_schema(struct mi_check_at *at, struct mi_err *err);

/* Is the note about a routine, a trigger or an event? */
bool mi_check_is_of_program(const struct mi_note *note);

#endif
