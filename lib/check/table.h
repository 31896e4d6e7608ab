/* The checks' functions (struct mi_check's look), file by file, for the table that names them. */
#ifndef MI_CHECK_TABLE_H
#define MI_CHECK_TABLE_H

#include "base/err.h"
#include "check/check.h"

/* check/connection.c */
int mi_check_connect(struct mi_check_at *at, struct mi_err *err);
int mi_check_tls(struct mi_check_at *at, struct mi_err *err);
int mi_check_version(struct mi_check_at *at, struct mi_err *err);
int mi_check_same_server(struct mi_check_at *at, struct mi_err *err);

/* check/binlog.c */
int mi_check_log_bin(struct mi_check_at *at, struct mi_err *err);
int mi_check_binlog_format(struct mi_check_at *at, struct mi_err *err);
int mi_check_row_image(struct mi_check_at *at, struct mi_err *err);
int mi_check_gtid_mode(struct mi_check_at *at, struct mi_err *err);
int mi_check_gtid_consistency(struct mi_check_at *at, struct mi_err *err);
int mi_check_gtid_strict(struct mi_check_at *at, struct mi_err *err);
int mi_check_server_id(struct mi_check_at *at, struct mi_err *err);
int mi_check_retention(struct mi_check_at *at, struct mi_err *err);
int mi_check_binlog_filters(struct mi_check_at *at, struct mi_err *err);
int mi_check_durability(struct mi_check_at *at, struct mi_err *err);

/* check/sessions.c */
int mi_check_session_format(struct mi_check_at *at, struct mi_err *err);
int mi_check_binlog_form(struct mi_check_at *at, struct mi_err *err);
int mi_check_gtid_domains(struct mi_check_at *at, struct mi_err *err);

/* check/privileges.c */
int mi_check_stream(struct mi_check_at *at, struct mi_err *err);
int mi_check_read(struct mi_check_at *at, struct mi_err *err);
int mi_check_snapshot(struct mi_check_at *at, struct mi_err *err);
int mi_check_lock(struct mi_check_at *at, struct mi_err *err);
int mi_check_write(struct mi_check_at *at, struct mi_err *err);
int mi_check_create(struct mi_check_at *at, struct mi_err *err);

/* check/schema.c */
int mi_check_databases(struct mi_check_at *at, struct mi_err *err);
int mi_check_row_key(struct mi_check_at *at, struct mi_err *err);
int mi_check_engine(struct mi_check_at *at, struct mi_err *err);
int mi_check_names(struct mi_check_at *at, struct mi_err *err);
int mi_check_charsets(struct mi_check_at *at, struct mi_err *err);
int mi_check_limits(struct mi_check_at *at, struct mi_err *err);
int mi_check_foreign_keys(struct mi_check_at *at, struct mi_err *err);
int mi_check_zero_dates(struct mi_check_at *at, struct mi_err *err);
int mi_check_leftovers(struct mi_check_at *at, struct mi_err *err);

/* check/programs.c */
int mi_check_definitions(struct mi_check_at *at, struct mi_err *err);
int mi_check_parent_keys(struct mi_check_at *at, struct mi_err *err);
int mi_check_views(struct mi_check_at *at, struct mi_err *err);
int mi_check_left_behind(struct mi_check_at *at, struct mi_err *err);
int mi_check_triggers(struct mi_check_at *at, struct mi_err *err);
int mi_check_events(struct mi_check_at *at, struct mi_err *err);

/* check/json.c */
int mi_check_json_types(struct mi_check_at *at, struct mi_err *err);

/* check/settings.c */
int mi_check_writable(struct mi_check_at *at, struct mi_err *err);
int mi_check_local_infile(struct mi_check_at *at, struct mi_err *err);
int mi_check_name_case(struct mi_check_at *at, struct mi_err *err);
int mi_check_packet(struct mi_check_at *at, struct mi_err *err);

/* check/target.c */
int mi_check_target_empty(struct mi_check_at *at, struct mi_err *err);
int mi_check_space(struct mi_check_at *at, struct mi_err *err);
int mi_check_connections(struct mi_check_at *at, struct mi_err *err);
int mi_check_peak(struct mi_check_at *at, struct mi_err *err);
int mi_check_statements(struct mi_check_at *at, struct mi_err *err);

/* check/pair.c */
int mi_check_collations(struct mi_check_at *at, struct mi_err *err);
int mi_check_session_defaults(struct mi_check_at *at, struct mi_err *err);
int mi_check_auto_increment(struct mi_check_at *at, struct mi_err *err);
int mi_check_accounts(struct mi_check_at *at, struct mi_err *err);
int mi_check_definers(struct mi_check_at *at, struct mi_err *err);
/* Adds the accounts, user@host, that views and programs run as and the target lacks. */
MI_MUST int mi_check_lacking_definers(const struct mi_check_run *run, struct mi_check_names *names,
                                      struct mi_err *err);

/* check/switch.c */
int mi_check_xa(struct mi_check_at *at, struct mi_err *err);
int mi_check_user_locks(struct mi_check_at *at, struct mi_err *err);
int mi_check_bypass(struct mi_check_at *at, struct mi_err *err);
int mi_check_replica(struct mi_check_at *at, struct mi_err *err);
int mi_check_writer_side(struct mi_check_at *at, struct mi_err *err);
int mi_check_replicating(struct mi_check_at *at, struct mi_err *err);
int mi_check_reverse(struct mi_check_at *at, struct mi_err *err);

/* check/logins.c */
int mi_check_logins(struct mi_check_at *at, struct mi_err *err);

/* check/dates.c */
int mi_check_date_values(struct mi_check_at *at, struct mi_err *err);

/* check/generated.c */
int mi_check_generated(struct mi_check_at *at, struct mi_err *err);

/* check/flavours.c */
int mi_check_flavours(struct mi_check_at *at, struct mi_err *err);
int mi_check_database_names(struct mi_check_at *at, struct mi_err *err);
int mi_check_primary_keys(struct mi_check_at *at, struct mi_err *err);
int mi_check_router_settings(struct mi_check_at *at, struct mi_err *err);
int mi_check_row_size(struct mi_check_at *at, struct mi_err *err);

/* check/lost.c */
int mi_check_lost(struct mi_check_at *at, struct mi_err *err);
/* check/trial.c */
int mi_check_trial(struct mi_check_at *at, struct mi_err *err);

/* check/forecast.c */
int mi_check_forecast(struct mi_check_at *at, struct mi_err *err);
int mi_check_transactions(struct mi_check_at *at, struct mi_err *err);

extern const struct mi_check mi_checks[]; /* ends with a row whose id is NULL */

#endif
