#include "side/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

const struct mi_check *mi_check_find(const char *id)
{
	for (const struct mi_check *check = mi_checks; check->id; check++)
		if (strcmp(check->id, id) == 0)
			return check;
	return NULL;
}

static bool is_ignored(const struct mi_check_run *run, const char *id)
{
	for (size_t i = 0; run->ignore && i < run->ignore->count; i++)
		if (strcmp(run->ignore->items[i], id) == 0)
			return true;
	return false;
}

static void say(struct mi_check_at *at, enum mi_check_level level, const char *mend,
                const char *fmt, va_list args) MI_PRINTF(4, 0);

static void say(struct mi_check_at *at, enum mi_check_level level, const char *mend,
                const char *fmt, va_list args)
{
	struct mi_finding *finding =
	    mi_array_add(&at->run->findings, &at->run->count, sizeof *finding);
	char text[1024];

	(void)vsnprintf(text, sizeof text, fmt, args);
	*finding = (struct mi_finding){.check = at->check,
	                               .side = at->side,
	                               .level = level,
	                               .text = mi_strdup(text),
	                               .mend = mend ? mi_strdup(mend) : NULL};
	if (level == MI_CHECK_BLOCK && is_ignored(at->run, at->check->id)) {
		finding->level = MI_CHECK_WARN;
		finding->ignored = true;
	}
}

void mi_check_ok(struct mi_check_at *at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(at, MI_CHECK_OK, NULL, fmt, args);
	va_end(args);
}

void mi_check_warn(struct mi_check_at *at, const char *mend, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(at, MI_CHECK_WARN, mend, fmt, args);
	va_end(args);
}

void mi_check_block(struct mi_check_at *at, const char *mend, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(at, MI_CHECK_BLOCK, mend, fmt, args);
	va_end(args);
}

/* Not a blocker of the server's, so that nothing can ignore it: the answer is unknown. */
static void could_not_look(struct mi_check_at *at, const struct mi_err *err)
{
	struct mi_finding *finding;

	mi_check_block(at, err->hint[0] ? err->hint : NULL, "could not look: %s", err->text);
	finding = &at->run->findings[at->run->count - 1];
	finding->level = MI_CHECK_BLOCK;
	finding->ignored = false;
	if (!at->run->code)
		at->run->code = err->code;
}

static void look(struct mi_check_run *run, const struct mi_check *check, enum mi_check_side side)
{
	struct mi_check_server *servers[] = {&run->source, &run->target, NULL};
	struct mi_check_at at = {.run = run, .check = check, .side = side, .server = servers[side]};
	struct mi_err err = {0};

	if (at.server && !(check->flavours & MI_CHECK_BIT(at.server->conn->flavour)))
		return;
	if (check->look(&at, &err) != 0)
		could_not_look(&at, &err);
}

static bool present(const struct mi_check_run *run, enum mi_check_side side)
{
	switch (side) {
	case MI_CHECK_SOURCE:
		return run->source.conn;
	case MI_CHECK_TARGET:
		return run->target.conn;
	case MI_CHECK_PAIR:
		return run->source.conn && run->target.conn;
	}
	return false;
}

void mi_check_all(struct mi_check_run *run)
{
	for (int side = 0; side < MI_CHECK_SIDES; side++) {
		if (!present(run, (enum mi_check_side)side))
			continue;
		for (const struct mi_check *check = mi_checks; check->id; check++)
			if (check->sides & MI_CHECK_BIT(side))
				look(run, check, (enum mi_check_side)side);
	}
}

void mi_check_unreached(struct mi_check_run *run, enum mi_check_side side, const struct mi_err *why)
{
	struct mi_check_at at = {.run = run, .check = mi_check_find("connect"), .side = side};

	could_not_look(&at, why);
}

size_t mi_check_tally(const struct mi_check_run *run, enum mi_check_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++)
		count += run->findings[i].level == level;
	return count;
}

static int by_name(const void *a, const void *b)
{
	const struct mi_check_var *left = a, *right = b;

	return strcmp(left->name, right->name);
}

const char *mi_check_var(const struct mi_check_server *server, const char *name)
{
	for (size_t low = 0, high = server->count; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, server->vars[middle].name);

		if (order == 0)
			return server->vars[middle].value;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool mi_check_on(const struct mi_check_server *server, const char *name)
{
	const char *value = mi_check_var(server, name);

	return value && (strcasecmp(value, "ON") == 0 || strcmp(value, "1") == 0 ||
	                 strcasecmp(value, "YES") == 0);
}

int mi_check_read_vars(struct mi_check_server *server, struct mi_err *err)
{
	MYSQL_RES *result;
	MYSQL_ROW row;

	if (mi_conn_query(server->conn, err, "SHOW GLOBAL VARIABLES", &result) != 0)
		return -1;
	while ((row = mysql_fetch_row(result))) {
		struct mi_check_var *var = mi_array_add(&server->vars, &server->count, sizeof *var);

		var->name = mi_strdup(row[0] ? row[0] : "");
		var->value = mi_strdup(row[1] ? row[1] : "");
	}
	mysql_free_result(result);
	if (server->count)
		qsort(server->vars, server->count, sizeof *server->vars, by_name);
	return 0;
}

static void server_release(struct mi_check_server *server)
{
	for (size_t i = 0; i < server->count; i++) {
		free(server->vars[i].name);
		free(server->vars[i].value);
	}
	free(server->vars);
}

void mi_check_run_release(struct mi_check_run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		free(run->findings[i].text);
		free(run->findings[i].mend);
	}
	free(run->findings);
	server_release(&run->source);
	server_release(&run->target);
	*run = (struct mi_check_run){0};
}
