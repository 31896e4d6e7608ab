#include "apply/ddl.h"
#include "apply/commit.h"
#include "apply/definitions.h"
#include "apply/wording.h"
#include "apply/follower.h"
#include "apply/session.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "change/bundle.h"
#include "change/compact.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/link.h"
#include "stream/parse.h"
#include "table/dbmap.h"

static const char ddl_word[] = "ddl";

struct run {
	struct mi_follower *f;
	const struct mi_trx *trx;
	const struct mi_ddl *ddl;
	bool several;              /* ddl drops or renames more than one object */
	bool announced;            /* an earlier run has announced it, and may have done it */
	char before[33];           /* the digest of what it names before ddl */
	char text[33];             /* that of the statement itself */
	struct mi_wording wording; /* ddl as the target understands it */
};

/* ---- Once ---- */

/* Does the statement change several objects, one after another? Where such statements are not
 * atomic, a server that dies in between leaves some of them changed. */
static bool may_be_half_done(const struct run *run, const struct mi_conn *conn)
{
	bool atomic = conn->flavour == MI_FLAVOUR_MYSQL && conn->version >= 80000;

	return run->several && !atomic;
}

static int cannot_tell(const struct run *run, struct mi_err *err)
{
	(void)mi_fail(err, MI_DATA,
	              "transaction %s: it cannot be told whether all of this was done: "
	              "%.200s",
	              run->trx->gtid, run->ddl->text);
	return mi_hint(err,
	               "complete it by hand, then set intent in the checkpoint row to NULL and "
	               "run with --on-ddl=skip once");
}

static int run_it(const struct run *run, struct mi_conn *conn, struct mi_err *err)
{
	const struct mi_ddl *ddl = &run->wording.ddl;

	if (mysql_set_server_option(conn->mysql, MYSQL_OPTION_MULTI_STATEMENTS_OFF) != 0)
		return mi_conn_fail(conn, err, "allowing one statement only");
	if (mi_session_set(ddl, conn, err) != 0)
		return mi_within(err, "%.200s", ddl->text);
	return mi_conn_exec(conn, err, ddl->text);
}

/* What it names is not as it was before: an earlier run has done it, all of it or a part. */
static int check_done(const struct run *run, const struct mi_conn *conn, struct mi_err *err)
{
	return may_be_half_done(run, conn) ? cannot_tell(run, err) : 0;
}

/* Called when the intent is in the checkpoint row. */
static int run_unless_done(void *user, struct mi_link *link, struct mi_err *err)
{
	struct run *run = user;
	struct mi_conn *conn = &link->conn;
	struct mi_object_names names;
	char now[33];
	int ret = mi_object_names_read(&names, run->ddl, conn, err);

	if (ret == 0)
		ret = mi_object_names_digest(&names, conn, now, err);
	if (ret == 0 && strcmp(now, run->before) != 0) {
		ret = check_done(run, conn, err);
	} else if (ret == 0 && run->announced && mi_object_names_turn(&names)) {
		ret = cannot_tell(run, err);
	} else if (ret == 0) {
		ret = run_it(run, conn, err);
		run->announced = true; /* another try may find it done */
		mi_link_close(link);   /* its session has the statement's settings */
	}
	mi_object_names_release(&names);
	return ret;
}

/* "ddl GTID DIGEST-OF-TEXT DIGEST", the last one left out when digest is NULL. */
static void print_intent(const struct run *run, const char *digest, struct mi_buf *intent)
{
	mi_buf_addf(intent, "%s %s %.8s %s", ddl_word, run->trx->gtid, run->text,
	            digest ? digest : "");
}

/* Is the intent in the checkpoint row that of this statement, left by an earlier run? */
static bool has_intent(struct run *run)
{
	const char *intent = run->f->position.intent;
	struct mi_buf want = {0};
	bool has;

	print_intent(run, NULL, &want);
	has = strncmp(intent, mi_buf_cstr(&want), want.len) == 0 && strlen(intent) == want.len + 32;
	if (has)
		memcpy(run->before, intent + want.len, 33);
	mi_buf_release(&want);
	return has;
}

static int announce(struct run *run, struct mi_err *err)
{
	struct mi_buf intent = {0};
	struct mi_work work = {0};
	int ret;

	print_intent(run, run->before, &intent);
	work.intent = mi_buf_cstr(&intent);
	ret = mi_follower_commit(run->f, &work, err);
	mi_buf_release(&intent);
	return ret;
}

static void hash_text(struct run *run)
{
	struct mi_hash hash;

	mi_hash_init(&hash);
	mi_hash_add_str(&hash, run->ddl->text);
	mi_hash_hex(&hash, run->text);
}

/* ---- Whether ---- */

static int check_names(const struct run *run, const struct mi_object_names *names,
                       struct mi_err *err)
{
	const struct mi_map *map = &run->f->options->map;
	bool mapped = *run->ddl->db && mi_map_db(map, run->ddl->db) != run->ddl->db;

	for (size_t i = 0; i < names->count; i++) {
		const struct mi_object_name *object = &names->items[i];

		mapped |= mi_map_db(map, object->db) != object->db;
		if (strcmp(object->kind, "database") == 0 && object->role != MI_NAMED_ALTERED &&
		    strcmp(object->name, run->f->state.db) == 0) {
			(void)mi_fail(err, MI_DATA, "this would drop the checkpoint: %.200s",
			              run->ddl->text);
			return mi_hint(err, "keep the checkpoint elsewhere (--state-db) to follow "
			                    "this");
		}
	}
	return mapped ? mi_fail(err, MI_CONFIG,
	                        "a statement names a database, which --map-db renames: %.200s",
	                        run->ddl->text)
	              : 0;
}

static int convert(void *user, struct mi_link *link, struct mi_err *err)
{
	struct run *run = user;

	mi_wording_release(&run->wording);
	return mi_wording_convert(&run->wording, run->ddl, run->f->of_mariadb, &link->conn, err);
}

static int look_before(void *user, struct mi_link *link, struct mi_err *err)
{
	struct run *run = user;
	struct mi_object_names names;
	int ret = mi_object_names_read(&names, run->ddl, &link->conn, err);

	if (ret == 0)
		ret = check_names(run, &names, err);
	if (ret == 0)
		ret = mi_object_names_digest(&names, &link->conn, run->before, err);
	mi_object_names_release(&names);
	return ret;
}

int mi_follower_ddl(struct mi_follower *f, const struct mi_trx *trx, const struct mi_ddl *ddl,
                    bool several, bool rows_follow, struct mi_err *err)
{
	struct run run = {.f = f, .trx = trx, .ddl = ddl, .several = several};
	const struct mi_work done = {.touched = trx->gtids, .intent = ""};
	int ret = 0;

	if (f->is_vitess)
		return mi_fail(err, MI_CONFIG,
		               "transaction %s: definitions are not changed through vtgate: %.200s",
		               trx->gtid, ddl->text);
	hash_text(&run);
	run.announced = has_intent(&run);
	ret = mi_link_run(&f->link, convert, &run, err);
	if (ret == 0 && !run.announced) {
		ret = mi_link_run(&f->link, look_before, &run, err);
		if (ret == 0)
			ret = announce(&run, err);
	}
	if (ret == 0)
		ret = mi_link_run(&f->link, run_unless_done, &run, err);
	mi_wording_release(&run.wording);
	if (ret != 0)
		return mi_within(err, "transaction %s", trx->gtid);
	/* the statement may have changed keys and foreign keys of any table: ask the server again
	 */
	mi_compact_reset(&f->compact);
	mi_shapes_release(&f->shapes);
	f->intent_ends = rows_follow;
	return rows_follow ? 0 : mi_follower_commit(f, &done, err);
}
