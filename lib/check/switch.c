/* The checks for what stands in the way of a switch, or of switching back. */
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "check/run.h"
#include "check/say.h"
#include "check/table.h"
#include "gtid/gtid.h"
#include "server/conn.h"
#include "server/mysql_errors.h"
#include "server/name.h"
#include "source/position.h"

#include <stdlib.h>
#include <strings.h>
#include <time.h>

/* ---- Prepared XA transactions ---- */

int mi_check_xa(struct mi_check_at *at, struct mi_err *err)
{
	struct mi_conn *conn = at->server->conn;
	bool source = at->side == MI_CHECK_SOURCE;
	unsigned long long count;
	MYSQL_RES *result;

	if (mi_conn_query(conn, err, "XA RECOVER CONVERT XID", &result) != 0 &&
	    mi_conn_query(conn, err, "XA RECOVER", &result) != 0) {
		/* MySQL's error when the account lacks XA_RECOVER_ADMIN */
		if (err->code == MI_UNAVAILABLE || mysql_errno(conn->mysql) != MI_ER_XAER_RMERR)
			return -1;
		*err = (struct mi_err){0};
		mi_check_say(at, source ? MI_CHECK_BLOCK : MI_CHECK_WARN,
		             "GRANT XA_RECOVER_ADMIN ON *.* TO the account",
		             "XA RECOVER is denied: prepared transactions cannot be seen");
		return 0;
	}
	count = mysql_num_rows(result);
	mysql_free_result(result);
	if (count)
		mi_check_say(at, source ? MI_CHECK_BLOCK : MI_CHECK_WARN,
		             "XA COMMIT or XA ROLLBACK what XA RECOVER CONVERT XID shows",
		             "%llu prepared XA transaction%s: rows that no snapshot shows", count,
		             count == 1 ? "" : "s");
	else
		mi_check_ok(at, "no prepared XA transactions");
	return 0;
}

/* ---- Who else is there ---- */

int mi_check_user_locks(struct mi_check_at *at, struct mi_err *err)
{
	uint64_t count;

	if (!mi_check_on(at->server, "performance_schema")) {
		mi_check_warn(at, "performance_schema = ON in the [mysqld] group, and a restart",
		              "GET_LOCK cannot be seen without performance_schema");
		return 0;
	}
	if (mi_conn_number(at->server->conn, err,
	                   "SELECT COUNT(*) FROM performance_schema.metadata_locks WHERE "
	                   "OBJECT_TYPE = 'USER LEVEL LOCK'",
	                   &count) != 0) {
		if (err->code != MI_DENIED)
			return -1;
		*err = (struct mi_err){0};
		mi_check_warn(at,
		              "GRANT SELECT ON performance_schema.* TO the account, for this check "
		              "alone",
		              "could not look: the account may not see locks");
	} else if (count) {
		mi_check_warn(
		    at, "end the sessions that hold them before a switch",
		    "%llu locks of GET_LOCK are held, which the other server does not know",
		    (unsigned long long)count);
	} else {
		mi_check_ok(at, "nobody holds a lock of GET_LOCK");
	}
	return 0;
}

/* Is it a session of the server's own, or a replica's? */
static bool is_service(const char *user, const char *command)
{
	return !user || !command || strcmp(user, "system user") == 0 ||
	       strcmp(user, "event_scheduler") == 0 ||
	       strncasecmp(command, "Binlog Dump", 11) == 0 || strcasecmp(command, "Daemon") == 0;
}

static void add_once(struct mi_check_names *names, const char *user)
{
	if (!names->count || !strstr(mi_buf_cstr(&names->text), user))
		mi_check_names_add(names, user, "");
}

/* Ids, sorted, of the sessions that the router has opened, by their connection attributes. */
struct routed {
	uint64_t *ids;
	size_t count;
	bool known;
};

/* Reads the ids; they stay unknown when performance_schema is off, or this account may not look. */
static int read_routed(struct mi_check_at *at, struct routed *routed, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (!mi_check_on(at->server, "performance_schema"))
		return 0;
	if (mi_conn_query(at->server->conn, err,
	                  "SELECT DISTINCT PROCESSLIST_ID FROM "
	                  "performance_schema.session_connect_attrs WHERE ATTR_NAME = "
	                  "'program_name' AND ATTR_VALUE = 'mi-route'",
	                  &result) != 0) {
		if (err->code == MI_UNAVAILABLE)
			return -1;
		*err = (struct mi_err){0};
		return 0;
	}
	while ((row = mysql_fetch_row(result)))
		*(uint64_t *)mi_array_add(&routed->ids, &routed->count, sizeof *routed->ids) =
		    row[0] ? strtoull(row[0], NULL, 10) : 0;
	mysql_free_result(result);
	routed->known = true;
	return 0;
}

static bool is_routed(const struct routed *routed, const char *id)
{
	uint64_t number = id ? strtoull(id, NULL, 10) : 0;

	for (size_t i = 0; i < routed->count; i++)
		if (routed->ids[i] == number)
			return true;
	return false;
}

/* SHOW PROCESSLIST begins with Id, User, Host, db, Command, Time, State, Info in every version. */
int mi_check_bypass(struct mi_check_at *at, struct mi_err *err)
{
	const char *own = at->server->conn->options->user;
	struct mi_check_names names = {0};
	struct routed routed = {0};
	unsigned count = 0;
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (read_routed(at, &routed, err) != 0)
		return -1;
	if (mi_conn_query(at->server->conn, err, "SHOW PROCESSLIST", &result) != 0) {
		free(routed.ids);
		return -1;
	}
	while ((row = mysql_fetch_row(result))) {
		if (is_service(row[1], row[4]) || (own && strcmp(row[1], own) == 0) ||
		    is_routed(&routed, row[0]))
			continue;
		count++;
		add_once(&names, row[1]);
	}
	mysql_free_result(result);
	if (count)
		mi_check_warn(at, "let them connect to mi-route before a switch",
		              "%u sessions are at the source itself, of: %s%s", count,
		              mi_check_names_text(&names),
		              routed.known ? ""
		                           : " (some may be the router's own, which only "
		                             "performance_schema could tell)");
	else
		mi_check_ok(at, "nobody else is connected%s",
		            routed.count ? " but through the router" : "");
	mi_check_names_release(&names);
	free(routed.ids);
	return 0;
}

/* ---- A source that is a replica ---- */

/* A row's value in the column that has one of two names, the old or the new. */
static const char *field(MYSQL_RES *result, MYSQL_ROW row, const char *old, const char *new)
{
	MYSQL_FIELD *fields = mysql_fetch_fields(result);

	for (unsigned i = 0; i < mysql_num_fields(result); i++)
		if (strcasecmp(fields[i].name, old) == 0 || strcasecmp(fields[i].name, new) == 0)
			return row[i];
	return NULL;
}

static const char *status_statement(const struct mi_conn *conn)
{
	if (conn->flavour == MI_FLAVOUR_MARIADB)
		return "SHOW ALL SLAVES STATUS";
	return conn->version >= 80022 ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS";
}

static bool logs_what_it_applies(const struct mi_check_at *at)
{
	return mi_check_on(at->server, "log_slave_updates") ||
	       mi_check_on(at->server, "log_replica_updates");
}

enum { LAG_SECONDS = 60, COMES_MS = 5000, COMES_PAUSE_MS = 100 };

static void judge_replica(struct mi_check_at *at, MYSQL_RES *result, MYSQL_ROW row)
{
	const char *lag = field(result, row, "Seconds_Behind_Master", "Seconds_Behind_Source");

	if (!logs_what_it_applies(at))
		mi_check_block(at, "log_replica_updates = ON (log_slave_updates), and a restart",
		               "a replica that does not log what it applies cannot be followed");
	else if (!lag)
		mi_check_warn(at, "START REPLICA (START SLAVE)",
		              "a replica whose replication does not run: the copy would be old");
	else if (strtod(lag, NULL) > LAG_SECONDS)
		mi_check_warn(at, "wait until it has caught up", "a replica, %s s behind", lag);
	else
		mi_check_ok(at, "a replica, %s s behind", lag);
}

/* *result is NULL when the account may not look; a warning has been added then. */
static int ask_replication(struct mi_check_at *at, const char *who, MYSQL_RES **result,
                           struct mi_err *err)
{
	struct mi_conn *conn = at->server->conn;

	*result = NULL;
	if (mi_conn_query(conn, err, status_statement(conn), result) == 0)
		return 0;
	*result = NULL;
	if (err->code != MI_DENIED)
		return -1;
	*err = (struct mi_err){0};
	mi_check_warn(at, "GRANT REPLICATION CLIENT (MariaDB: REPLICA MONITOR) ON *.* TO ...",
	              "could not look: whether %s is a replica cannot be seen", who);
	return 0;
}

int mi_check_replica(struct mi_check_at *at, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (ask_replication(at, "it", &result, err) != 0)
		return -1;
	if (!result)
		return 0;
	row = mysql_fetch_row(result);
	if (row)
		judge_replica(at, result, row);
	else
		mi_check_ok(at, "not a replica");
	mysql_free_result(result);
	return 0;
}

/* Does a row of SHOW REPLICA STATUS name the source as its master? */
static bool replicates_from(const struct mi_conn *source, MYSQL_RES *result, MYSQL_ROW row)
{
	const char *id = source->flavour == MI_FLAVOUR_MARIADB
	                     ? field(result, row, "Master_Server_Id", "Source_Server_Id")
	                     : field(result, row, "Master_UUID", "Source_UUID");

	return id && strcmp(id, source->server_id) == 0;
}

int mi_check_replicating(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_conn *source = at->run->source.conn;
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (ask_replication(at, "the target", &result, err) != 0)
		return -1;
	if (!result)
		return 0;
	row = mysql_fetch_row(result);
	if (!row)
		mi_check_ok(at, "the target replicates from nobody");
	else if (source && replicates_from(source, result, row))
		mi_check_block(at, "STOP REPLICA; RESET REPLICA ALL on the target",
		               "the target is a replica of the source: each change would come "
		               "twice");
	else
		mi_check_warn(at,
		              "STOP REPLICA; RESET REPLICA ALL on the target, unless it is meant",
		              "the target is a replica, of %s: what it replicates is written "
		              "beside the import",
		              field(result, row, "Master_Host", "Source_Host"));
	mysql_free_result(result);
	return 0;
}

static int executed_by(struct mi_conn *conn, struct mi_gtid_set **set, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret = mi_src_position(conn, &text, err);

	if (ret == 0)
		ret = mi_gtid_parse(mi_buf_span(&text), set, err);
	mi_buf_release(&text);
	return ret;
}

/* What the writer has written must be in the source's log under the writer's GTIDs: asks until
 * everything is there, or the time is over. *missing: what is not there. */
static int await_source(const struct mi_check_run *run, struct mi_gtid_set **missing,
                        struct mi_err *err)
{
	const struct timespec pause = {0, COMES_PAUSE_MS * 1000000L};
	struct mi_gtid_set *source = NULL;

	if (executed_by(run->writer.conn, missing, err) != 0)
		return -1;
	for (unsigned waited = 0;; waited += COMES_PAUSE_MS) {
		mi_gtid_free(source);
		source = NULL;
		if (executed_by(run->source.conn, &source, err) != 0)
			return -1;
		if (mi_gtid_contains(source, *missing) || waited >= COMES_MS)
			break;
		(void)nanosleep(&pause, NULL);
	}
	if (mi_gtid_contains(source, *missing)) {
		mi_gtid_free(*missing);
		*missing = NULL;
	}
	mi_gtid_free(source);
	return 0;
}

/* Has the source transactions of its own, which the writer does not have? */
static int has_own(const struct mi_check_run *run, bool *own, struct mi_err *err)
{
	struct mi_gtid_set *source = NULL, *writer = NULL;
	int ret = -1;

	/* the source is asked first, so that what it has from the writer is at the writer, too */
	if (executed_by(run->source.conn, &source, err) == 0 &&
	    executed_by(run->writer.conn, &writer, err) == 0) {
		*own = !mi_gtid_contains(writer, source);
		ret = 0;
	}
	mi_gtid_free(source);
	mi_gtid_free(writer);
	return ret;
}

static int check_other_writer(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_server *writer = &at->run->writer;
	struct mi_gtid_set *missing = NULL;
	bool own;

	if (writer->conn->flavour != at->run->source.conn->flavour) {
		mi_check_block(at, "name the server that the source replicates from",
		               "the writer is %s, and a replica of it that is another flavour has "
		               "not its GTIDs",
		               mi_conn_name(writer->conn));
		return 0;
	}
	if (await_source(at->run, &missing, err) != 0 || has_own(at->run, &own, err) != 0)
		return -1;
	if (missing)
		mi_check_say(at, mi_check_follow_level(at),
		             "name the server that the source replicates from, with its GTIDs and "
		             "all that is in its log; or wait until the source has caught up",
		             "what %s has written has not come to the source within %d s",
		             mi_conn_name(writer->conn), COMES_MS / 1000);
	else if (own)
		mi_check_warn(at, "write to the writer alone, and make the source read-only",
		              "the source has transactions of its own, which the writer lacks");
	else
		mi_check_ok(at, "the application's writes go to %s, and come to the source",
		            mi_conn_name(writer->conn));
	mi_gtid_free(missing);
	return 0;
}

int mi_check_writer_side(struct mi_check_at *at, struct mi_err *err)
{
	const struct mi_check_server *writer = mi_check_writer(at->run);
	bool other = at->run->writer.conn != NULL;

	if (mi_check_read_only(writer)) {
		mi_check_say(at, mi_check_follow_level(at),
		             other ? "name the server that takes writes in the writer's group"
		                   : "name the server that takes the writes with --writer=NAME, or "
		                     "SET GLOBAL read_only = OFF",
		             "%s is read-only (%s): the application writes elsewhere",
		             other ? "the writer" : "the source", mi_check_read_only(writer));
		return 0;
	}
	if (other)
		return check_other_writer(at, err);
	mi_check_ok(at, "the application's writes go to %s", mi_conn_name(writer->conn));
	return 0;
}

/* ---- The way back ---- */

/* The target's binary log matters only after the switch: a warning, not a blocker. */
int mi_check_reverse(struct mi_check_at *at, struct mi_err *err)
{
	const char *missing = NULL;
	const char *format = mi_check_var(at->server, "binlog_format");
	const char *image = mi_check_var(at->server, "binlog_row_image");
	const char *mode = mi_check_var(at->server, "gtid_mode");

	(void)err;
	if (mi_check_kind(at->run) == MI_SERVER_PLANETSCALE)
		missing = "PlanetScale shows its binary log to nobody outside";
	else if (at->server->conn->flavour == MI_FLAVOUR_VITESS)
		missing = "vtgate has no binary log";
	else if (!mi_check_on(at->server, "log_bin"))
		missing = "log_bin is off";
	else if (!format || strcasecmp(format, "ROW") != 0)
		missing = "binlog_format is not ROW";
	else if (!image || strcasecmp(image, "FULL") != 0)
		missing = "binlog_row_image is not FULL";
	else if (at->server->conn->flavour == MI_FLAVOUR_MYSQL &&
	         (!mode || strcasecmp(mode, "ON") != 0))
		missing = "gtid_mode is not ON";
	if (missing)
		mi_check_warn(at, "the same settings as on the source",
		              "%s: the import is one-way, with no switching back", missing);
	else
		mi_check_ok(at, "the target can be followed, for the way back");
	return 0;
}
