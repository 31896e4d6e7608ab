#include "stream/words.h"

#include <stddef.h>

const char *const mi_stream_kind_words[4] = {"schema", "rows", "events", NULL};
const char *const mi_key_kind_words[6] = {"plain",    "unique",  "primary",
                                          "fulltext", "spatial", NULL};
const char *const mi_ddl_setting_names[MI_DDL_SETTINGS] = {
    "sql_mode",
    "character_set_client",
    "collation_connection",
    "time_zone",
    "explicit_defaults_for_timestamp",
    "collation_server",
    "default_collation_for_utf8mb4",
};
const char *const mi_generated_words[4] = {"no", "virtual", "stored", NULL};
const char *const mi_xa_words[4] = {"prepare", "commit", "rollback", NULL};
