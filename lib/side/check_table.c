#include "side/check_table.h"

#define S MI_CHECK_BIT(MI_CHECK_SOURCE)
#define T MI_CHECK_BIT(MI_CHECK_TARGET)
#define PAIR MI_CHECK_BIT(MI_CHECK_PAIR)
#define MYSQL_ONLY MI_CHECK_BIT(MI_FLAVOUR_MYSQL)
#define MARIADB_ONLY MI_CHECK_BIT(MI_FLAVOUR_MARIADB)
#define SERVER (MYSQL_ONLY | MARIADB_ONLY)
#define ANY (SERVER | MI_CHECK_BIT(MI_FLAVOUR_VITESS))

/* Every check: its id is in the manual, and stays what it is. */
const struct mi_check mi_checks[] = {
    {"connect", S | T, ANY, "the server can be reached and logged in to",
     "nothing else can be looked at", mi_check_connect},
    {"tls", S | T, ANY, "the connection is encrypted, and the server's certificate verified",
     "who sits between can read the data and the password, or pose as the server", mi_check_tls},
    {"version", S | T, ANY, "flavour and version are known ones, and can play this side",
     "the import fails somewhere on the way, or cannot follow the source", mi_check_version},
    {"log-bin", S, SERVER, "the binary log is on", "changes made during the copy are lost",
     mi_check_log_bin},
    {"binlog-format", S, SERVER, "changes are logged as rows",
     "changes logged as statements stop the import", mi_check_binlog_format},
    {"row-image", S, SERVER, "logged rows are complete",
     "changes cannot be applied exactly, and stop the import", mi_check_row_image},
    {"gtid-mode", S, MYSQL_ONLY, "transactions have GTIDs",
     "there is no position to follow the source from", mi_check_gtid_mode},
    {"gtid-consistency", S, MYSQL_ONLY, "statements that GTIDs cannot describe are refused",
     "such a statement stops the import", mi_check_gtid_consistency},
    {"gtid-strict", S, MARIADB_ONLY, "sequence numbers grow within a domain",
     "a number that does not grow stops the import", mi_check_gtid_strict},
    {"server-id", S, SERVER, "server_id is set", "nobody can read its binary log",
     mi_check_server_id},
    {"retention", S, SERVER, "binary logs are kept for more than two days",
     "the import cannot go on after a pause, and must copy anew", mi_check_retention},
    {"binlog-filters", S, SERVER, "no database is left out of the binary log",
     "changes to such a database are lost", mi_check_binlog_filters},
    {"durability", S, SERVER, "a commit is on disk when it is acknowledged",
     "a crash of the source can take back what the target already has", mi_check_durability},
    {"writable", T, SERVER, "the target may be written to", "loading fails", mi_check_writable},
    {"local-infile", T, SERVER, "LOAD DATA LOCAL is allowed",
     "rows are loaded by INSERT, which is slower", mi_check_local_infile},
    {"reverse", T, ANY, "the target can be followed later, for the way back",
     "once the target is written to, there is no way back to the source", mi_check_reverse},
    {"same-server", PAIR, ANY, "source and target are two servers",
     "the import overwrites what it reads", mi_check_same_server},
    {"name-case", PAIR, ANY, "both compare table names in the same way",
     "tables whose names differ in case fall together, or are not found", mi_check_name_case},
    {"packet", PAIR, ANY, "the target takes rows as large as the source's",
     "a row that is too large stops the import", mi_check_packet},
    {0},
};
