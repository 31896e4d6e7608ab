#include "route/shared/settings.h"
#include "base/buf.h"

#include <stdlib.h>
#include <strings.h>

#define COLLATION "collation_connection"

void mi_route_settings_release(struct mi_route_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		free(settings->items[i].name);
		free(settings->items[i].value);
	}
	free(settings->items);
	*settings = (struct mi_route_settings){0};
}

/* Variables that trackers tell and that are not made again: those that every statement changes,
 * those that the router sets itself, and those that belong to a side or to a transaction. */
static bool is_passed_over(struct mi_span name)
{
	static const char *const names[] = {"autocommit",    "error_count",
	                                    "gtid_next",     "gtid_seq_no",
	                                    "identity",      "insert_id",
	                                    "last_gtid",     "last_insert_id",
	                                    "rand_seed1",    "rand_seed2",
	                                    "statement_id",  "timestamp",
	                                    "tx_read_only",  "transaction_read_only",
	                                    "warning_count", "resultset_metadata"};
	static const char tracker[] = "session_track_";

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name.len == strlen(names[i]) && strncasecmp(name.data, names[i], name.len) == 0)
			return true;
	return name.len >= sizeof tracker - 1 &&
	       strncasecmp(name.data, tracker, sizeof tracker - 1) == 0;
}

static struct mi_route_setting *find(const struct mi_route_settings *settings, struct mi_span name)
{
	for (size_t i = 0; i < settings->count; i++)
		if (mi_span_is(name, settings->items[i].name))
			return &settings->items[i];
	return NULL;
}

/* Settings stand in the order in which they were changed last, as one may change another. */
static struct mi_route_setting *move_to_end(struct mi_route_settings *settings,
                                            struct mi_route_setting *setting)
{
	struct mi_route_setting moved = *setting, *last = &settings->items[settings->count - 1];

	memmove(setting, setting + 1, (size_t)(last - setting) * sizeof *setting);
	*last = moved;
	return last;
}

bool mi_route_settings_note(struct mi_route_settings *settings, struct mi_span name,
                            struct mi_span value)
{
	struct mi_route_setting *setting;

	if (is_passed_over(name))
		return false;
	setting = find(settings, name);
	if (setting && mi_span_is(value, setting->value))
		return true;
	if (setting) {
		setting = move_to_end(settings, setting);
	} else {
		setting = mi_array_add(&settings->items, &settings->count, sizeof *setting);
		setting->name = mi_strndup(name.data, name.len);
	}
	free(setting->value);
	setting->value = mi_strndup(value.data ? value.data : "", value.len);
	setting->generation = ++settings->generation;
	return true;
}

static bool is_number(const char *text)
{
	text += *text == '-';
	return *text && text[strspn(text, "0123456789.")] == '\0';
}

/* Appends the value of the setting name. One with a backslash cannot be quoted for a session whose
 * sql_mode is not known: it makes the SET fail, and the session then stays at the writer. */
static void add_value(struct mi_buf *sql, const char *name, const char *value)
{
	if (is_number(value)) {
		mi_buf_add_str(sql, value);
		return;
	}
	if (!*value && strcmp(name, "character_set_results") == 0) {
		mi_buf_add_str(sql, "NULL");
		return;
	}
	mi_buf_add_char(sql, '\'');
	for (const char *c = value; *c; c++) {
		if (*c == '\'')
			mi_buf_add_char(sql, '\'');
		mi_buf_add_char(sql, *c);
	}
	mi_buf_add_char(sql, '\'');
}

bool mi_route_settings_is_charset(struct mi_span name)
{
	static const char charset[] = "character_set_";

	return mi_span_is(name, COLLATION) ||
	       (name.len >= sizeof charset && memcmp(name.data, charset, sizeof charset - 1) == 0);
}

struct setter {
	mi_route_there_fn *there;
	const void *arg;
	struct mi_buf *sql;
};

static void add_setting(const struct setter *setter, const struct mi_route_setting *setting)
{
	struct mi_buf value = {0};
	const char *name = setter->there(setter->arg, setting->name, setting->value, &value);

	mi_buf_addf(setter->sql, "%s%s=", setter->sql->len ? "," : "SET ", name);
	add_value(setter->sql, name, mi_buf_cstr(&value));
	mi_buf_release(&value);
}

bool mi_route_settings_sql(const struct mi_route_settings *settings, uint64_t since,
                           mi_route_there_fn *there, const void *arg, struct mi_buf *sql)
{
	const struct mi_route_setting *collation;
	const struct setter setter = {.there = there, .arg = arg, .sql = sql};
	bool charsets = false;

	if (since >= settings->generation)
		return false;
	for (size_t i = 0; sql && i < settings->count; i++) {
		const struct mi_route_setting *setting = &settings->items[i];

		if (setting->generation <= since)
			continue;
		charsets |= mi_route_settings_is_charset(mi_span_str(setting->name));
		if (strcmp(setting->name, COLLATION) != 0)
			add_setting(&setter, setting);
	}
	collation = charsets ? find(settings, mi_span_str(COLLATION)) : NULL;
	if (collation)
		add_setting(&setter, collation);
	return true;
}
