/* The servers' error numbers that MI knows, each once, by the servers' own names:
 * MI_ER_LOCK_DEADLOCK for ER_LOCK_DEADLOCK. ("Server Error Message Reference" of MySQL, "MariaDB
 * Error Codes".) The libraries' headers have not all of them: each lacks what only the other
 * flavour, or a newer server, says. Here is no client library. */
#ifndef MI_SERVER_MYSQL_ERRORS_H
#define MI_SERVER_MYSQL_ERRORS_H

#include <stdbool.h>

/* The name, the number, the SQLSTATE, and the text where the router itself answers with the error
 * and always says the same. CONNECTION_KILLED is 70100 when MariaDB says it to a session that it
 * ends; the router's clients get 08S01, by which drivers know that the connection is over. */
/* clang-format off */
#define MI_SERVER_ERRORS(X) \
	X(CON_COUNT_ERROR, 1040, "08004", "Too many connections") \
	X(HANDSHAKE_ERROR, 1043, "08S01", "Bad handshake") \
	X(DBACCESS_DENIED_ERROR, 1044, "42000", "") \
	X(ACCESS_DENIED_ERROR, 1045, "28000", "") \
	X(NO_DB_ERROR, 1046, "3D000", "") \
	X(UNKNOWN_COM_ERROR, 1047, "08S01", "Unknown command") \
	X(BAD_DB_ERROR, 1049, "42000", "") \
	X(TABLE_EXISTS_ERROR, 1050, "42S01", "") \
	X(BAD_TABLE_ERROR, 1051, "42S02", "") \
	X(SERVER_SHUTDOWN, 1053, "08S01", "Server shutdown in progress") \
	X(BAD_FIELD_ERROR, 1054, "42S22", "") \
	X(DUP_KEYNAME, 1061, "42000", "") \
	X(DUP_ENTRY, 1062, "23000", "") \
	X(PARSE_ERROR, 1064, "42000", "") \
	X(SHUTDOWN_COMPLETE, 1079, "HY000", "") \
	X(NO_SUCH_THREAD, 1094, "HY000", "") \
	X(KILL_DENIED_ERROR, 1095, "HY000", "") \
	X(UNKNOWN_ERROR, 1105, "HY000", "") \
	X(UNKNOWN_CHARACTER_SET, 1115, "42000", "") \
	X(TOO_BIG_ROWSIZE, 1118, "42000", "") \
	X(CANT_INITIALIZE_UDF, 1123, "HY000", "") \
	X(HOST_IS_BLOCKED, 1129, "HY000", "") \
	X(HOST_NOT_PRIVILEGED, 1130, "HY000", "") \
	X(TABLEACCESS_DENIED_ERROR, 1142, "42000", "") \
	X(COLUMNACCESS_DENIED_ERROR, 1143, "42000", "") \
	X(NO_SUCH_TABLE, 1146, "42S02", "") \
	X(NOT_ALLOWED_COMMAND, 1148, "42000", \
	  "The used command is not allowed with this MySQL version") \
	X(NET_PACKET_TOO_LARGE, 1153, "08S01", "") \
	X(NET_PACKETS_OUT_OF_ORDER, 1156, "08S01", "Got packets out of order") \
	X(NET_READ_INTERRUPTED, 1159, "08S01", "") \
	X(UNKNOWN_SYSTEM_VARIABLE, 1193, "HY000", "") \
	X(TOO_MANY_USER_CONNECTIONS, 1203, "42000", "") \
	X(LOCK_WAIT_TIMEOUT, 1205, "HY000", "") \
	X(LOCK_DEADLOCK, 1213, "40001", \
	  "Deadlock found when trying to get lock; try restarting transaction") \
	X(USER_LIMIT_REACHED, 1226, "42000", "") \
	X(SPECIFIC_ACCESS_DENIED_ERROR, 1227, "42000", "") \
	X(NOT_SUPPORTED_YET, 1235, "42000", "") \
	X(SOURCE_FATAL_ERROR_READING_BINLOG, 1236, "HY000", "") \
	X(UNKNOWN_STMT_HANDLER, 1243, "HY000", "") \
	X(WARN_DATA_OUT_OF_RANGE, 1264, "22003", "") \
	X(UNKNOWN_COLLATION, 1273, "HY000", "") \
	X(WARN_DEPRECATED_SYNTAX, 1287, "HY000", "") \
	X(OPTION_PREVENTS_STATEMENT, 1290, "HY000", "") \
	X(DUPLICATED_VALUE_IN_TYPE, 1291, "HY000", "") \
	X(TRUNCATED_WRONG_VALUE, 1292, "22007", "") \
	X(UNSUPPORTED_PS, 1295, "HY000", "") \
	X(SP_ALREADY_EXISTS, 1304, "42000", "") \
	X(SP_DOES_NOT_EXIST, 1305, "42000", "") \
	X(QUERY_INTERRUPTED, 1317, "70100", "Query execution was interrupted") \
	X(WRONG_OBJECT, 1347, "HY000", "") \
	X(VIEW_INVALID, 1356, "HY000", "") \
	X(TRG_ALREADY_EXISTS, 1359, "HY000", "") \
	X(TRG_DOES_NOT_EXIST, 1360, "HY000", "") \
	X(TRUNCATED_WRONG_VALUE_FOR_FIELD, 1366, "HY000", "") \
	X(PROCACCESS_DENIED_ERROR, 1370, "42000", "") \
	X(XAER_RMERR, 1401, "XAE03", "") \
	X(DATA_TOO_LONG, 1406, "22001", "") \
	X(WRONG_VALUE_FOR_TYPE, 1411, "HY000", "") \
	X(TABLE_DEF_CHANGED, 1412, "HY000", "") \
	X(NO_SUCH_USER, 1449, "HY000", "") \
	X(EVENT_ALREADY_EXISTS, 1537, "HY000", "") \
	X(EVENT_DOES_NOT_EXIST, 1539, "HY000", "") \
	X(WRONG_PARAMCOUNT_TO_NATIVE_FCT, 1582, "42000", "") \
	X(FUNC_INEXISTENT_NAME_COLLISION, 1630, "42000", "") \
	X(WARN_DEPRECATED_SYNTAX_NO_REPLACEMENT, 1681, "HY000", "") \
	X(SOURCE_HAS_PURGED_REQUIRED_GTIDS, 1789, "HY000", "") \
	X(CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, 1792, "25006", "") \
	X(MUST_CHANGE_PASSWORD, 1820, "HY000", "") \
	X(FK_DUP_NAME, 1826, "HY000", "") \
	X(MALFORMED_PACKET, 1835, "HY000", "Malformed communication packet.") \
	X(MUST_CHANGE_PASSWORD_LOGIN, 1862, "HY000", "") \
	X(BAD_DATA, 1918, "22007", "") /* MariaDB */ \
	X(CONNECTION_KILLED, 1927, "08S01", "") /* MariaDB */ \
	X(STATEMENT_TIMEOUT, 1969, "70100", "") /* MariaDB */ \
	X(QUERY_TIMEOUT, 3024, "HY000", "") \
	X(ACCOUNT_HAS_BEEN_LOCKED, 3118, "HY000", "") \
	X(INVALID_JSON_VALUE_FOR_CAST, 3156, "22018", "") \
	X(SECURE_TRANSPORT_REQUIRED, 3159, "HY000", "") \
	X(SESSION_WAS_KILLED, 3169, "HY000", "") \
	X(DEPRECATED_UTF8_ALIAS, 3719, "HY000", "") \
	X(DEPRECATED_NATIONAL, 3720, "HY000", "") \
	X(DATA_TRUNCATED_FUNCTIONAL_INDEX, 3751, "01000", "") /* WARN_... */ \
	X(DATA_OUT_OF_RANGE_FUNCTIONAL_INDEX, 3752, "22003", "") /* WARN_... */ \
	X(WARN_DEPRECATED_UTF8MB3_COLLATION, 3778, "HY000", "") \
	X(FUNCTIONAL_INDEX_DATA_IS_TOO_LONG, 3907, "22001", "") \
	X(CLIENT_LOCAL_FILES_DISABLED, 3948, "42000", "") \
	X(USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK, 3955, "HY000", "") \
	X(CONSTRAINT_FAILED, 4025, "23000", "") /* MariaDB */ \
	X(CLIENT_INTERACTION_TIMEOUT, 4031, "HY000", \
	  "The client was disconnected by the server because of inactivity.") \
	X(FK_NO_UNIQUE_INDEX_PARENT, 6125, "HY000", "") \
	X(USER_IS_BLOCKED, 4150, "HY000", "") /* MariaDB */ \
	X(ACCOUNT_HAS_BEEN_LOCKED_MARIADB, 4151, "HY000", "") /* ER_ACCOUNT_HAS_BEEN_LOCKED there */
/* clang-format on */

enum mi_server_error_number {
	MI_WARN_DATA_TRUNCATED = 1265, /* a warning, hence without ER_ */
#define X(name, number, state, text) MI_ER_##name = (number),
	MI_SERVER_ERRORS(X)
#undef X
};

struct mi_server_error {
	unsigned number;
	char state[6];
	const char *text; /* "": who answers with the error says more than a fixed text could */
};

/* What is known of a number. One that is none of the above has the general state, HY000, and no
 * text. */
struct mi_server_error mi_server_error(unsigned number);

/* True for what strict mode makes errors of: a value, a column's or an expression's, was cut, bent
 * or not understood. */
bool mi_server_error_is_about_value(unsigned number);

#endif
