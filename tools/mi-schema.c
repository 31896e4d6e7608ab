/* mi-schema: a database's definitions, as a stream or as SQL. */
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/opt.h"
#include "base/stop.h"
#include "base/words.h"
#include "schema/convert.h"
#include "schema/list.h"
#include "schema/script.h"
#include "server/conn.h"
#include "server/open.h"
#include "server/options.h"
#include "source/schema.h"
#include "stream/frame.h"
#include "stream/opts.h"
#include "stream/parse.h"
#include "stream/write.h"
#include "table/filter.h"
#include "table/parent_key.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct settings {
	struct mi_conn_options source;
	struct mi_schema_options schema;
	const char *section, *unique, *target, *target_server;
	bool sql, schema_only, text_types, with[3], programs;
	struct mi_stream_opts stream;
};

static void parse(int argc, char **argv, struct settings *s)
{
	const struct mi_opt opts[] = {
	    MI_CONN_OPT_ROWS(&s->source),
	    MI_FILTER_OPT_ROWS(&s->schema.filter),
	    MI_FLAG(0, "routines", &s->schema.routines, "carry procedures and functions"),
	    MI_FLAG(0, "triggers", &s->schema.triggers, "carry triggers"),
	    MI_FLAG(0, "events", &s->schema.events, "carry events"),
	    MI_FLAG(0, "strip-definers", &s->schema.strip_definers,
	            "whoever loads views and programs becomes their definer"),
	    MI_FLAG(0, "skip-invalid-views", &s->schema.skip_invalid_views,
	            "leave out views that the server itself cannot read"),
	    MI_HEADING("Definitions"),
	    MI_WORD(0, "section", "NAME", &s->section, "all",
	            "pre-data, post-data, post-high, programs or all"),
	    MI_WORD(0, "unique", "WHEN", &s->unique, "after",
	            "UNIQUE keys: after the rows, or before"),
	    MI_TEXT(0, "for", "FLAVOUR", &s->target,
	            "mysql or mariadb, as in mariadb-10.6: for whom (default the source's)"),
	    MI_TEXT(0, "for-server", "NAME", &s->target_server,
	            "ask the server of group [client_NAME] for its flavour and version"),
	    MI_FLAG(0, "text-types", &s->text_types,
	            "UUID, INET4 and INET6 become CHAR and VARCHAR for MySQL"),
	    MI_HEADING("Output"),
	    MI_FLAG(0, "sql", &s->sql, "SQL for the stock client, not a stream"),
	    MI_FLAG(0, "schema-only", &s->schema_only, "no rows will follow in the same input"),
	    MI_STREAM_OPT_ROWS(&s->stream),
	    MI_OPT_END};
	const struct mi_opt_tool tool = {
	    .synopsis = "[options] -s NAME > stream",
	    .summary = "Writes a database's definitions as a stream, or as SQL.",
	    .opts = opts};

	if (mi_opt_parse(argc, argv, &tool) != argc)
		exit(mi_usage_error("operands are not understood; databases go after -d"));
}

/* 0, or the exit code. */
static int complete(struct settings *s)
{
	static const char *const names[] = {"pre-data", "post-data", "post-high"};
	bool all = strcmp(s->section, "all") == 0, any;

	s->programs = strcmp(s->section, "programs") == 0;
	s->with[MI_SECTION_POST] = s->programs;
	any = all || s->programs;
	for (size_t i = 0; i < 3; i++) {
		s->with[i] = s->with[i] || all || strcmp(s->section, names[i]) == 0;
		any = any || s->with[i];
	}
	if (!any)
		return mi_usage_error("--section=%s is none of pre-data, post-data, post-high, "
		                      "programs, all",
		                      s->section);
	s->schema.unique_before = strcmp(s->unique, "before") == 0;
	if (!s->schema.unique_before && strcmp(s->unique, "after") != 0)
		return mi_usage_error("--unique=%s is neither before nor after", s->unique);
	return mi_stream_opt_check(&s->stream, !s->sql, ", or ask for --sql");
}

static bool is_wanted(const struct settings *s, const struct mi_ddl *ddl)
{
	static const char *const programs[] = {"routine", "trigger", "event", NULL};

	if (!s->programs)
		return true;
	/* routines that only a view wants belong to the view, which is not here */
	if (strcmp(ddl->kind, "routine") == 0 && !s->schema.routines)
		return false;
	return mi_word_index(mi_span_str(ddl->kind), programs) >= 0;
}

static int write_definitions(struct mi_writer *writer, const struct settings *s,
                             const struct mi_tables *tables, struct mi_err *err)
{
	for (size_t i = 0; i < tables->count; i++) {
		const struct mi_table *table = tables->items[i];

		if (mi_record_table(writer, table, err) != 0)
			return -1;
		if (!s->schema_only && mi_record_expect(writer, table->db, table->name, err) != 0)
			return -1;
	}
	return 0;
}

static int write_stream(const struct settings *s, const struct mi_schema *schema,
                        const struct mi_stream_header *header, struct mi_err *err)
{
	struct mi_stream *stream = mi_stream_new(STDOUT_FILENO, (int)s->stream.level);
	struct mi_writer *writer = mi_writer_new(stream, MI_FRAME_CONTROL);
	int ret = -1;

	if (mi_stream_begin(stream, header, err) != 0)
		goto done;
	for (size_t which = 0; which < 3; which++) {
		const struct mi_ddl_list *list = &schema->list[which];

		for (size_t i = 0; s->with[which] && i < list->count; i++)
			if (is_wanted(s, &list->items[i]) &&
			    mi_record_ddl(writer, &list->items[i], err) != 0)
				goto done;
		if (which == MI_SECTION_PRE && s->with[which] &&
		    write_definitions(writer, s, &schema->tables, err) != 0)
			goto done;
	}
	if (mi_writer_flush(writer, err) != 0 || mi_stream_end(stream, err) != 0)
		goto done;
	ret = mi_fd_close(STDOUT_FILENO, "standard output", err);
done:
	mi_writer_free(writer);
	mi_stream_free(stream);
	return ret;
}

/* A foreign key to what is no whole UNIQUE key? */
static bool is_odd_fkey(const struct mi_schema *schema, const struct mi_ddl *ddl)
{
	const struct mi_fkey *fkey;

	if (strcmp(ddl->kind, "foreign-key") != 0)
		return false;
	fkey = mi_tables_fkey(&schema->tables, ddl->db, ddl->object, ddl->name);
	return fkey && !mi_fkey_is_standard(fkey, &schema->tables);
}

static int write_sql(const struct settings *s, const struct mi_schema *schema,
                     const struct mi_stream_header *header, struct mi_err *err)
{
	struct mi_buf sql = {0};
	const char *db = NULL;
	int ret;

	mi_ddl_sql_begin(&sql, header);
	for (size_t which = 0; which < 3; which++)
		for (size_t i = 0; s->with[which] && i < schema->list[which].count; i++) {
			const struct mi_ddl *ddl = &schema->list[which].items[i];
			bool odd = is_odd_fkey(schema, ddl);

			if (!is_wanted(s, ddl))
				continue;
			if (odd)
				mi_ddl_sql_restrict_fkeys(&sql, false);
			mi_ddl_sql_add(&sql, ddl, &db);
			if (odd)
				mi_ddl_sql_restrict_fkeys(&sql, true);
		}
	ret = mi_fd_write(STDOUT_FILENO, sql.data, sql.len, err);
	mi_buf_release(&sql);
	return ret != 0 ? -1 : mi_fd_close(STDOUT_FILENO, "standard output", err);
}

/* What is left behind is said once, with the section that comes first; refusals always. */
static int report_notes(const struct settings *s, const struct mi_notes *notes, struct mi_err *err)
{
	static const char *const words[MI_NOTE_COUNT] = {"changed: ", "not carried: ", "",
	                                                 "cannot carry "};

	for (size_t i = 0; i < notes->count; i++) {
		const struct mi_note *note = &notes->items[i];

		if (note->kind == MI_NOTE_REFUSED ||
		    (note->kind == MI_NOTE_FAULT && s->with[MI_SECTION_PRE]))
			mi_warn("%s%s", words[note->kind], note->text);
		else if (s->with[MI_SECTION_PRE])
			mi_notice("%s%s", words[note->kind], note->text);
		else
			mi_detail("%s%s", words[note->kind], note->text);
	}
	if (!notes->refused)
		return 0;
	(void)mi_fail(err, MI_DATA, "%zu definition%s cannot be carried exactly", notes->refused,
	              notes->refused == 1 ? "" : "s");
	return mi_hint(err, "change them on the source, or leave the tables out with --exclude");
}

static int write_schema(const struct settings *s, const struct mi_conn *conn,
                        const struct mi_schema *schema, struct mi_err *err)
{
	char tool[64];
	struct mi_stream_header header = {.kind = MI_STREAM_SCHEMA,
	                                  .features = "",
	                                  .tool = tool,
	                                  .import_id = s->stream.import_id,
	                                  .flavour = conn->flavour == MI_FLAVOUR_MARIADB ? "mariadb"
	                                                                                 : "mysql",
	                                  .version = conn->version_text,
	                                  .server = conn->server_id,
	                                  .low = "",
	                                  .high = ""};

	(void)snprintf(tool, sizeof tool, "%s %s", mi_progname(), mi_version);
	return s->sql ? write_sql(s, schema, &header, err) : write_stream(s, schema, &header, err);
}

/* Flavour and version of the server that the definitions are for, as --for would say them. */
static int ask_target(const struct settings *s, char *text, size_t size, struct mi_err *err)
{
	struct mi_conn_options options = {.config = s->source.config, .server = s->target_server};
	struct mi_conn conn = {0};
	int ret = -1;

	if (mi_conn_options_load(&options, err) == 0 &&
	    mi_conn_open(&conn, &options, MI_ROLE_PLAIN, err) == 0) {
		(void)snprintf(text, size, "%s-%u.%u",
		               conn.flavour == MI_FLAVOUR_MARIADB ? "mariadb" : "mysql",
		               conn.version / 10000, conn.version / 100 % 100);
		ret = 0;
	}
	mi_conn_close(&conn);
	mi_conn_options_release(&options);
	return ret;
}

static int run(struct settings *s, struct mi_err *err)
{
	char target[32];
	struct mi_conn conn = {0};
	struct mi_schema schema = {0};
	struct mi_convert convert = {.text_types = s->text_types};
	int ret = -1;

	if (mi_conn_options_load(&s->source, err) != 0 ||
	    mi_conn_open(&conn, &s->source, MI_ROLE_PLAIN, err) != 0)
		goto done;
	if (s->target_server) {
		if (ask_target(s, target, sizeof target, err) != 0)
			goto done;
		s->target = target;
	}
	convert.from = conn.flavour == MI_FLAVOUR_MARIADB ? MI_DIALECT_MARIADB : MI_DIALECT_MYSQL;
	convert.to = convert.from;
	convert.version = conn.version;
	if (s->target && !mi_convert_target(&convert, s->target)) {
		(void)mi_fail(err, MI_USAGE,
		              "--for=%s is neither mysql nor mariadb, with a version or "
		              "without",
		              s->target);
		goto done;
	}
	if (mi_src_schema(&conn, &s->schema, &convert, &schema, err) != 0 ||
	    report_notes(s, &schema.notes, err) != 0 || write_schema(s, &conn, &schema, err) != 0)
		goto done;
	ret = 0;
done:
	mi_schema_release(&schema);
	mi_convert_release(&convert);
	mi_conn_close(&conn);
	mi_conn_options_release(&s->source);
	return ret;
}

int main(int argc, char **argv)
{
	struct settings s = {.sql = false};
	struct mi_err err = {0};
	int code;

	mi_msg_init(argv[0]);
	parse(argc, argv, &s);
	code = complete(&s);
	if (code != 0)
		return code;
	mi_stop_install();
	if (mi_conn_init(&err) != 0 || run(&s, &err) != 0)
		return mi_report(&err);
	return 0;
}
