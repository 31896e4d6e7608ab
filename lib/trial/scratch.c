#include "trial/scratch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "server/conn.h"
#include "server/link.h"
#include "sql/literal.h"
#include "table/dbmap.h"
#include "trial/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PREFIX MI_SCRATCH_PREFIX
enum { PREFIX_LEN = sizeof PREFIX - 1, RETRY_SECONDS = 10 };

/* ---- Names ---- */

/* Behind the digits: l, the binary log has the database's making; u, it has not. */
static bool was_logged(const char *run)
{
	return run[MI_SCRATCH_RUN - 1] == 'l';
}

static int choose_run(struct mi_scratch *scratch, const struct mi_conn *conn, struct mi_err *err)
{
	unsigned char random[MI_SCRATCH_RANDOM];

	if (getentropy(random, sizeof random) != 0)
		return mi_fail(err, MI_BUG, "the system has no random numbers");
	mi_scratch_run(random, conn->server_id, !scratch->options.no_binlog, scratch->run);
	return 0;
}

static void choose_names(struct mi_scratch *scratch, char *const *databases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mi_buf pair = {0};

		mi_buf_addf(&pair, "%s=" PREFIX "%s_%zu", databases[i], scratch->run, i + 1);
		*(char **)mi_array_add(&scratch->pairs, &scratch->pair_count,
		                       sizeof *scratch->pairs) = mi_strdup(mi_buf_cstr(&pair));
		*(const char **)mi_array_add(&scratch->map.pairs.items, &scratch->map.pairs.count,
		                             sizeof *scratch->map.pairs.items) = scratch->pairs[i];
		mi_buf_release(&pair);
	}
}

const char *mi_scratch_name(const struct mi_scratch *scratch, const char *db)
{
	return mi_map_db(&scratch->map, db);
}

void mi_scratch_unname(const struct mi_scratch *scratch, const char *text, struct mi_buf *out)
{
	mi_scratch_unname_pairs(scratch->pairs, scratch->pair_count, text, out);
}

/* ---- The lock ---- */

static int lock(struct mi_conn *conn, const char *run, bool *taken, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t got;
	int ret;

	mi_buf_addf(&sql, "SELECT COALESCE(GET_LOCK('" PREFIX "%s', 0), 0)", run);
	ret = mi_conn_number(conn, err, mi_buf_cstr(&sql), &got);
	*taken = ret == 0 && got == 1;
	mi_buf_release(&sql);
	return ret;
}

static int unlock(struct mi_conn *conn, const char *run, struct mi_err *err)
{
	return mi_conn_execf(conn, err, "DO RELEASE_LOCK('" PREFIX "%s')", run);
}

/* ---- Dropping ---- */

/* The drop goes into the binary log exactly when the making did. */
static int drop(struct mi_conn *conn, const char *name, bool logged, bool session_logs,
                struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret = 0;

	if (logged && !session_logs)
		ret = mi_conn_exec(conn, err, "SET SESSION sql_log_bin=1");
	mi_buf_add_str(&sql, "DROP DATABASE IF EXISTS ");
	mi_sql_ident(&sql, name);
	if (ret == 0)
		ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	if (logged && !session_logs && ret == 0)
		ret = mi_conn_exec(conn, err, "SET SESSION sql_log_bin=0");
	mi_buf_release(&sql);
	return ret;
}

/* Drops the database of another run, if that is dead. One that cannot be dropped is told. */
static int drop_left_over(struct mi_scratch *scratch, const char *name, struct mi_err *err)
{
	struct mi_conn *conn = &scratch->link.conn;
	char run[MI_SCRATCH_RUN + 1];
	bool dead;

	(void)snprintf(run, sizeof run, "%.*s", MI_SCRATCH_RUN, name + PREFIX_LEN);
	if (lock(conn, run, &dead, err) != 0)
		return -1;
	if (!dead)
		return 0;
	if (drop(conn, name, was_logged(run), !scratch->options.no_binlog, err) == 0) {
		mi_notice("dropped %s, which a run that died has left", name);
	} else if (err->code == MI_UNAVAILABLE) {
		return -1;
	} else {
		mi_warn("%s is left over by a run that died, and cannot be dropped: %s", name,
		        err->text);
		*err = (struct mi_err){0};
	}
	return unlock(conn, run, err);
}

static int drop_left_overs(struct mi_scratch *scratch, struct mi_err *err)
{
	struct mi_conn *conn = &scratch->link.conn;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int ret;

	ret = mi_conn_query(conn, err,
	                    "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA "
	                    "WHERE LEFT(SCHEMA_NAME, 9) = '" PREFIX "'",
	                    &result);
	if (ret != 0)
		return -1;
	while (ret == 0 && (row = mysql_fetch_row(result)))
		if (mi_scratch_is_ours(row[0], conn->server_id))
			ret = drop_left_over(scratch, row[0], err);
	mysql_free_result(result);
	return ret;
}

/* ---- The binary log ---- */

/* Does somebody read the binary log who would repeat what is in it? Not this account itself, whose
 * sessions only look at it. *known: the account can see that. */
static int is_log_read(struct mi_conn *conn, bool *known, bool *read, struct mi_err *err)
{
	static const char sees[] = "SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES "
				   "WHERE PRIVILEGE_TYPE = 'PROCESS'";
	struct mi_buf own = {0};
	MYSQL_RES *result = NULL;
	MYSQL_ROW row;
	uint64_t count;
	int ret = -1;

	*read = false;
	if (mi_conn_number(conn, err, sees, &count) != 0 ||
	    mi_conn_value(conn, err, "SELECT SUBSTRING_INDEX(USER(), '@', 1)", &own, NULL) != 0 ||
	    mi_conn_query(conn, err, "SHOW PROCESSLIST", &result) != 0)
		goto out;
	*known = count > 0;
	while ((row = mysql_fetch_row(result)))
		*read = *read || (row[1] && row[4] && strcmp(row[1], mi_buf_cstr(&own)) != 0 &&
		                  strncmp(row[4], "Binlog Dump", 11) == 0);
	mysql_free_result(result);
	ret = 0;
out:
	mi_buf_release(&own);
	return ret;
}

/* Decides whether the sessions log; without a log they need not decide. */
static int choose_log(struct mi_scratch *scratch, struct mi_err *err)
{
	struct mi_conn *conn = &scratch->link.conn;
	uint64_t logs;
	bool known, read;

	if (mi_conn_number(conn, err, "SELECT @@log_bin", &logs) != 0)
		return -1;
	if (!logs)
		return 0;
	if (mi_conn_exec(conn, err, "SET SESSION sql_log_bin=0") == 0) {
		scratch->options.no_binlog = true;
		return 0;
	}
	if (err->code == MI_UNAVAILABLE || is_log_read(conn, &known, &read, err) != 0)
		return -1;
	*err = (struct mi_err){0};
	if (known && !read)
		return 0;
	(void)snprintf(scratch->refused, sizeof scratch->refused,
	               "%s the target's binary log and would repeat it, and this account may not "
	               "keep it out of the log",
	               known ? "somebody reads" : "somebody may read");
	(void)snprintf(scratch->fix, sizeof scratch->fix, "GRANT %s ON *.* to the account",
	               conn->flavour == MI_FLAVOUR_MARIADB ? "BINLOG ADMIN"
	                                                   : "SESSION_VARIABLES_ADMIN");
	return 0;
}

/* ---- A run ---- */

int mi_scratch_open(struct mi_scratch *scratch, const struct mi_conn *conn, char *const *databases,
                    size_t count, struct mi_err *err)
{
	bool taken;

	*scratch =
	    (struct mi_scratch){.options = {.conn = conn->options, .retry_seconds = RETRY_SECONDS}};
	scratch->link.options = &scratch->options;
	if (mi_link_open(&scratch->link, err) != 0 || choose_log(scratch, err) != 0)
		return -1;
	if (*scratch->refused)
		return 0;
	if (choose_run(scratch, conn, err) != 0 ||
	    lock(&scratch->link.conn, scratch->run, &taken, err) != 0)
		return -1;
	if (!taken)
		return mi_fail(err, MI_AGAIN, "another run has the lock " PREFIX "%s",
		               scratch->run);
	if (drop_left_overs(scratch, err) != 0)
		return -1;
	choose_names(scratch, databases, count);
	return 0;
}

int mi_scratch_still_ours(struct mi_scratch *scratch, struct mi_err *err)
{
	struct mi_buf sql = {0};
	uint64_t ours = 0;
	int ret = 0;

	mi_buf_addf(&sql, "SELECT COALESCE(IS_USED_LOCK('" PREFIX "%s') = CONNECTION_ID(), 0)",
	            scratch->run);
	if (scratch->link.is_open)
		ret = mi_conn_number(&scratch->link.conn, err, mi_buf_cstr(&sql), &ours);
	mi_buf_release(&sql);
	if (ret == 0 && !ours)
		ret = mi_fail(err, MI_AGAIN, "the session that guards " PREFIX "%s was lost",
		              scratch->run);
	return ret;
}

static int drop_own(void *user, struct mi_link *link, struct mi_err *err)
{
	const struct mi_scratch *scratch = user;
	bool logged = was_logged(scratch->run);

	for (size_t i = 0; i < scratch->pair_count; i++)
		if (drop(&link->conn, mi_scratch_of_pair(scratch->pairs[i]), logged, logged, err) !=
		    0)
			return -1;
	return 0;
}

int mi_scratch_close(struct mi_scratch *scratch, struct mi_err *err)
{
	int ret = 0;

	if (scratch->pair_count)
		ret = mi_link_run(&scratch->link, drop_own, scratch, err);
	if (ret != 0)
		(void)mi_within(err, "dropping " PREFIX "%s_...", scratch->run);
	mi_link_close(&scratch->link); /* and with it the lock */
	for (size_t i = 0; i < scratch->pair_count; i++)
		free(scratch->pairs[i]);
	free(scratch->pairs);
	free(scratch->map.pairs.items);
	*scratch = (struct mi_scratch){0};
	return ret;
}
