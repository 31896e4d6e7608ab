/* mk_broken_dump SERVER DB LOCK [SKIP]: mi-dump of one database, but with ranges that leave a row
 * out: this program is linked so that mi_key_predicate is the function below. A dump must find that
 * out by its count. */
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "chunk/done.h"
#include "chunk/range.h"
#include "server/conn.h"
#include "server/options.h"
#include "source/dump.h"
#include "source/snapshot.h"

#include <stdlib.h>
#include <unistd.h>

/* What the linker calls the two, with --wrap=mi_key_predicate. */
int __real_mi_key_predicate(const struct mi_table *table, const char *lo, const char *hi,
                            struct mi_buf *sql, struct mi_err *err);
int __wrap_mi_key_predicate(const struct mi_table *table, const char *lo, const char *hi,
                            struct mi_buf *sql, struct mi_err *err);

int __wrap_mi_key_predicate(const struct mi_table *table, const char *lo, const char *hi,
                            struct mi_buf *sql, struct mi_err *err)
{
	if (__real_mi_key_predicate(table, lo, hi, sql, err) != 0)
		return -1;
	if (*lo || *hi)
		mi_buf_add_str(sql, " AND `id`<>777");
	return 0;
}

int main(int argc, char **argv)
{
	struct mi_conn_options source = {.config = getenv("MI_CONFIG")};
	struct mi_filter filter = {0};
	struct mi_snapshot_options options = {.source = &source,
	                                      .filter = &filter,
	                                      .readers = 4,
	                                      .lock_tries = 1,
	                                      .guard_seconds = 60};
	struct mi_dump_options dump = {.import_id = "", .chunk_bytes = 4096};
	struct mi_snapshot snapshot = {0};
	struct mi_done done = {0};
	struct mi_err err = {0};
	const char *databases[1];
	int ret = -1;

	mi_msg_init(argv[0]);
	if (argc < 4 || mi_conn_init(&err) != 0)
		return MI_USAGE;
	source.server = argv[1];
	databases[0] = argv[2];
	filter.databases = (struct mi_opt_list){databases, 1};
	if (mi_snapshot_lock_parse(argv[3], &options.lock) &&
	    (argc < 5 || mi_done_read(&done, argv[4], &err) == 0) &&
	    mi_conn_options_load(&source, &err) == 0 &&
	    mi_snapshot_open(&snapshot, &options, &err) == 0) {
		dump.skip = argc < 5 ? NULL : &done;
		ret = mi_src_dump(&snapshot, STDOUT_FILENO, &dump, &err);
	}
	mi_snapshot_close(&snapshot);
	mi_done_release(&done);
	mi_conn_options_release(&source);
	return ret == 0 ? 0 : mi_report(&err);
}
