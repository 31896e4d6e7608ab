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
    "character_set_collations",
    "timestamp",
    "auto_increment_increment",
    "auto_increment_offset",
    "foreign_key_checks",
    "unique_checks",
    "lc_time_names",
    "sql_require_primary_key",
    "default_table_encryption",
    "check_constraint_checks",
    "sql_if_exists",
};
const char *const mi_generated_words[4] = {"no", "virtual", "stored", NULL};
const char *const mi_xa_words[4] = {"prepare", "commit", "rollback", NULL};
