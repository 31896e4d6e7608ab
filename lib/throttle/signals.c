#include "throttle/signals.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/name.h"
#include "server/open.h"
#include "server/options.h"

#include <stdlib.h>
#include <stdio.h>

/* Weight of the newest look in what moves fast. */
static const double fresh = 0.25;

struct mi_signals {
	const struct mi_conn_options *options;
	bool is_source;
	struct mi_conn conn; /* to the server; {0}: not open */
	double cores;        /* 0: not asked yet */
	double running;      /* of late */
	double writes,
	    waited; /* the server's counts at the last look, of statements and picoseconds */
	bool has_writes;

	struct mi_conn_options replica_options;
	struct mi_conn replica; /* {0}: not open */
	char replica_name[65];
};

struct mi_signals *mi_signals_new(const struct mi_conn_options *conn, bool is_source)
{
	struct mi_signals *s = mi_alloc(sizeof *s);

	s->options = conn;
	s->is_source = is_source;
	return s;
}

static void close_replica(struct mi_signals *s)
{
	mi_conn_close(&s->replica);
	mi_conn_options_release(&s->replica_options);
	s->replica_options = (struct mi_conn_options){0};
}

void mi_signals_free(struct mi_signals *s)
{
	if (!s)
		return;
	mi_conn_close(&s->conn);
	close_replica(s);
	free(s);
}

/* Takes a value into the reading, if it is nearer to its limit than what is there. */
static void weigh(struct mi_reading *reading, double value, double limit, const char *text)
{
	double load = value / limit;

	if (reading->why[0] && load <= reading->load)
		return;
	reading->load = load;
	(void)snprintf(reading->why, sizeof reading->why, "%s (limit %g)", text, limit);
}

/* The first value of the row, a number; *is_null: there is none. */
static int number_of(struct mi_conn *conn, const char *sql, unsigned column, double *value,
                     bool *is_null, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(conn, err, sql, &result) != 0)
		return -1;
	row = mysql_fetch_row(result);
	*is_null = !row || mysql_num_fields(result) <= column || !row[column];
	*value = *is_null ? 0 : strtod(row[column], NULL);
	mysql_free_result(result);
	return 0;
}

static const char *side(const struct mi_signals *s)
{
	return s->is_source ? "source" : "target";
}

/* ---- Statements that run ---- */

/* The server's cores, "0-3,6" for MySQL's threads, or a number. */
static double count_cores(const char *text)
{
	double cores = 0;

	if (!strpbrk(text, "-,") && strcmp(text, "0") != 0)
		return strtod(text, NULL);
	while (*text) {
		char *end;
		unsigned long from = strtoul(text, &end, 10), to = from;

		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		cores += (double)(to - from + 1);
		text = *end == ',' ? end + 1 : end + strlen(end);
	}
	return cores;
}

static int ask_cores(struct mi_signals *s, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret = mi_conn_value(&s->conn, err,
	                        s->conn.flavour == MI_FLAVOUR_MARIADB
	                            ? "SELECT @@thread_pool_size"
	                            : "SELECT VCPU_IDS FROM information_schema.RESOURCE_GROUPS "
	                              "WHERE RESOURCE_GROUP_NAME = 'USR_default'",
	                        &text, NULL);

	if (ret == 0)
		s->cores = count_cores(mi_buf_cstr(&text));
	mi_buf_release(&text);
	if (ret != 0 || s->cores < 1) {
		(void)mi_fail(err, MI_CONFIG, "the number of the %s's cores is not known", side(s));
		return mi_hint(err, "use threads-running");
	}
	return 0;
}

static int read_running(struct mi_signals *s, const struct mi_limits *limits,
                        const struct mi_signals_own *own, struct mi_reading *reading,
                        struct mi_err *err)
{
	double limit = limits->running, running;
	bool is_null;
	char text[120];

	if (limits->per_core > 0) {
		if (s->cores < 1 && ask_cores(s, err) != 0)
			return -1;
		if (limit <= 0 || limits->per_core * s->cores < limit)
			limit = limits->per_core * s->cores;
	}
	if (limit <= 0)
		return 0;
	if (number_of(&s->conn, "SHOW GLOBAL STATUS LIKE 'Threads_running'", 1, &running, &is_null,
	              err) != 0)
		return -1;
	running -= 1 + own->running; /* this question, and the tool's work */
	if (is_null || running < 0)
		running = 0;
	s->running += (running - s->running) * fresh;
	(void)snprintf(text, sizeof text, "%s runs %.1f statements of others", side(s), s->running);
	weigh(reading, s->running, limit, text);
	return 0;
}

/* ---- Commits ---- */

/* How long others' writes took since the last look: performance_schema counts them. */
static int read_writes(struct mi_signals *s, double limit, struct mi_reading *reading,
                       struct mi_err *err)
{
	static const char sql[] =
	    "SELECT SUM(COUNT_STAR), SUM(SUM_TIMER_WAIT) FROM "
	    "performance_schema.events_statements_summary_global_by_event_name WHERE EVENT_NAME IN "
	    "('statement/sql/commit', 'statement/sql/insert', 'statement/sql/update', "
	    "'statement/sql/delete', 'statement/sql/replace', 'statement/com/Execute')";
	double writes, waited, ms;
	bool is_null, waited_is_null;
	char text[120];

	if (number_of(&s->conn, sql, 0, &writes, &is_null, err) != 0 ||
	    number_of(&s->conn, sql, 1, &waited, &waited_is_null, err) != 0)
		return -1;
	if (is_null || waited_is_null)
		return mi_fail(err, MI_CONFIG, "performance_schema is off");
	if (s->has_writes && writes > s->writes) {
		ms = (waited - s->waited) / 1e9 / (writes - s->writes);
		(void)snprintf(text, sizeof text, "source's statements take %.3g ms", ms);
		weigh(reading, ms, limit, text);
	}
	s->writes = writes;
	s->waited = waited;
	s->has_writes = true;
	return 0;
}

static int read_commits(struct mi_signals *s, double limit, const struct mi_signals_own *own,
                        struct mi_reading *reading, struct mi_err *err)
{
	char text[120];

	if (limit <= 0)
		return 0;
	if (s->is_source)
		return read_writes(s, limit, reading, err);
	if (own->commit_ms >= 0) {
		(void)snprintf(text, sizeof text, "target's commits take %.3g ms", own->commit_ms);
		weigh(reading, own->commit_ms, limit, text);
	}
	return 0;
}

/* ---- The history list ---- */

static int read_history(struct mi_signals *s, double limit, struct mi_reading *reading,
                        struct mi_err *err)
{
	bool mariadb = s->conn.flavour == MI_FLAVOUR_MARIADB, is_null;
	double length;
	char text[120];

	/* a source's grows for as long as the snapshot is read: a rest would only make it longer */
	if (limit <= 0 || s->is_source)
		return 0;
	if (number_of(&s->conn,
	              mariadb ? "SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'"
	                      : "SELECT COUNT FROM information_schema.INNODB_METRICS "
	                        "WHERE NAME = 'trx_rseg_history_len'",
	              mariadb ? 1 : 0, &length, &is_null, err) != 0)
		return -1;
	if (is_null)
		return mi_fail(err, MI_CONFIG,
		               "the server does not tell its history list's length");
	(void)snprintf(text, sizeof text, "%s's history list has %.0f entries", side(s), length);
	weigh(reading, length, limit, text);
	return 0;
}

/* ---- A replica ---- */

static int open_replica(struct mi_signals *s, const char *name, struct mi_err *err)
{
	if (s->replica.mysql && strcmp(name, s->replica_name) == 0)
		return 0;
	close_replica(s);
	(void)snprintf(s->replica_name, sizeof s->replica_name, "%s", name);
	s->replica_options.config = s->options->config;
	s->replica_options.server = s->replica_name;
	if (mi_conn_options_load(&s->replica_options, err) == 0 &&
	    mi_conn_open(&s->replica, &s->replica_options, MI_ROLE_PLAIN, err) == 0)
		return 0;
	close_replica(s);
	return -1;
}

/* The greatest lag of all that it follows; NULL when one of them stands still. */
static int ask_lag(struct mi_conn *conn, double *lag, bool *stands, struct mi_err *err)
{
	bool mariadb = conn->flavour == MI_FLAVOUR_MARIADB;
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(conn, err,
	                  mariadb                  ? "SHOW ALL SLAVES STATUS"
	                  : conn->version >= 80022 ? "SHOW REPLICA STATUS"
	                                           : "SHOW SLAVE STATUS",
	                  &result) != 0)
		return -1;
	*lag = 0;
	*stands = mysql_num_rows(result) == 0;
	while ((row = mysql_fetch_row(result)) != NULL) {
		for (unsigned i = 0; i < mysql_num_fields(result); i++) {
			const char *name = mysql_fetch_field_direct(result, i)->name;

			if (strcmp(name, "Seconds_Behind_Source") != 0 &&
			    strcmp(name, "Seconds_Behind_Master") != 0)
				continue;
			if (!row[i])
				*stands = true;
			else if (strtod(row[i], NULL) > *lag)
				*lag = strtod(row[i], NULL);
		}
	}
	mysql_free_result(result);
	return 0;
}

static int read_replica(struct mi_signals *s, const struct mi_limits *limits,
                        struct mi_reading *reading, struct mi_err *err)
{
	bool stands;
	double lag;
	char text[120];

	if (limits->replica_lag <= 0)
		return 0;
	if (open_replica(s, limits->replica, err) != 0 ||
	    ask_lag(&s->replica, &lag, &stands, err) != 0) {
		close_replica(s);
		return mi_within(err, "replica %s", limits->replica);
	}
	if (stands)
		return mi_fail(err, MI_UNAVAILABLE, "replica %s does not replicate",
		               limits->replica);
	(void)snprintf(text, sizeof text, "replica %s is %.0f s behind", limits->replica, lag);
	weigh(reading, lag, limits->replica_lag, text);
	return 0;
}

/* ---- All ---- */

int mi_signals_read(struct mi_signals *s, const struct mi_limits *limits,
                    const struct mi_signals_own *own, struct mi_reading *reading,
                    struct mi_err *err)
{
	*reading = (struct mi_reading){0};
	if (!mi_limits_need_signals(limits))
		return 0;
	if (!s->conn.mysql && mi_conn_open(&s->conn, s->options, MI_ROLE_PLAIN, err) != 0)
		return -1;
	if (read_running(s, limits, own, reading, err) != 0 ||
	    read_commits(s, limits->commit_ms, own, reading, err) != 0 ||
	    read_history(s, limits->history, reading, err) != 0) {
		mi_conn_close(&s->conn); /* it may be what is wrong */
		s->has_writes = false;
		return -1;
	}
	return read_replica(s, limits, reading, err);
}
