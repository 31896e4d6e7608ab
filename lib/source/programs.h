/* Routines, triggers, events and accounts of a database, for a schema stream. */
#ifndef MI_SOURCE_PROGRAMS_H
#define MI_SOURCE_PROGRAMS_H

#include "base/err.h"
#include "source/schema.h"

/* Routines, triggers and events of reader->db: carried, or noted as left behind. */
MI_MUST int mi_src_routines(struct mi_ddl_reader *reader, struct mi_err *err);
MI_MUST int mi_src_triggers(struct mi_ddl_reader *reader, struct mi_err *err);
MI_MUST int mi_src_events(struct mi_ddl_reader *reader, struct mi_err *err);

/* Notes accounts, which are never carried. */
MI_MUST int mi_src_note_accounts(struct mi_ddl_reader *reader, struct mi_err *err);

#endif
