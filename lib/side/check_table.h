/* The checks' functions, for the table that names them. */
#ifndef MI_SIDE_CHECK_TABLE_H
#define MI_SIDE_CHECK_TABLE_H

#include "side/check.h"

/* check_connection.c */
int mi_check_connect(struct mi_check_at *at, struct mi_err *err);
int mi_check_tls(struct mi_check_at *at, struct mi_err *err);
int mi_check_version(struct mi_check_at *at, struct mi_err *err);
int mi_check_same_server(struct mi_check_at *at, struct mi_err *err);

/* check_binlog.c */
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
int mi_check_reverse(struct mi_check_at *at, struct mi_err *err);

/* check_settings.c */
int mi_check_writable(struct mi_check_at *at, struct mi_err *err);
int mi_check_local_infile(struct mi_check_at *at, struct mi_err *err);
int mi_check_name_case(struct mi_check_at *at, struct mi_err *err);
int mi_check_packet(struct mi_check_at *at, struct mi_err *err);

#endif
