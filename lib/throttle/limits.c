#include "throttle/limits.h"
#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static const double blind_seconds = 10;

enum kind { REAL, SIZE, SWITCH, NAME };

static const struct {
	const char *name;
	enum kind kind;
	size_t at;
} lines[] = {
    {"pause", SWITCH, offsetof(struct mi_limits, pause)},
    {"max-rate", SIZE, offsetof(struct mi_limits, max_rate)},
    {"threads-running", REAL, offsetof(struct mi_limits, running)},
    {"threads-running-per-core", REAL, offsetof(struct mi_limits, per_core)},
    {"commit-latency", REAL, offsetof(struct mi_limits, commit_ms)},
    {"history-list", REAL, offsetof(struct mi_limits, history)},
    {"replica", NAME, offsetof(struct mi_limits, replica)},
    {"replica-lag", REAL, offsetof(struct mi_limits, replica_lag)},
    {"blind-after", REAL, offsetof(struct mi_limits, blind_seconds)},
};

/* A decimal number of at most 15 digits, with a point or without. */
static bool real_of(const char *text, double *value)
{
	size_t digits = strspn(text, "0123456789"), behind = 0;

	if (text[digits] == '.')
		behind = 1 + strspn(text + digits + 1, "0123456789");
	if (digits == 0 || digits + behind > 15 || text[digits + behind])
		return false;
	*value = strtod(text, NULL);
	return true;
}

static bool size_of(const char *text, uint64_t *value)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] ? strchr(units, text[digits]) : NULL;

	if (digits == 0 || digits > 9 || (text[digits] && (!unit || text[digits + 1])))
		return false;
	*value = strtoull(text, NULL, 10) << (unit ? 10 * (unit - units + 1) : 0);
	return true;
}

static bool switch_of(const char *text, bool *value)
{
	*value = strcmp(text, "yes") == 0;
	return *value || strcmp(text, "no") == 0;
}

static bool name_of(const char *text, char *value, size_t room)
{
	if (strlen(text) >= room)
		return false;
	memcpy(value, text, strlen(text) + 1);
	return true;
}

/* Puts the value into the field called name. */
static int take(struct mi_limits *limits, const char *name, const char *value, struct mi_err *err)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		void *at = (char *)limits + lines[i].at;
		bool is_good = false;

		if (strcmp(name, lines[i].name) != 0)
			continue;
		switch (lines[i].kind) {
		case REAL:
			is_good = real_of(value, at);
			break;
		case SIZE:
			is_good = size_of(value, at);
			break;
		case SWITCH:
			is_good = switch_of(value, at);
			break;
		case NAME:
			is_good = name_of(value, at, sizeof limits->replica);
			break;
		}
		return is_good ? 0 : mi_fail(err, MI_DATA, "%s cannot be '%.100s'", name, value);
	}
	return mi_fail(err, MI_DATA, "'%.100s' is not known", name);
}

/* One line without its end; it is written to. Blank, or "[SIDE.]NAME VALUE", with = between them or
 * without. */
static int take_line(struct mi_limits *limits, char *line, const char *side, struct mi_err *err)
{
	static const char blanks[] = " \t\r";
	struct mi_limits other = *limits, *into = limits;
	char *name, *value, *rest;

	line[strcspn(line, "#")] = '\0';
	name = strtok_r(line, " \t\r=", &rest);
	if (!name)
		return 0;
	value = strtok_r(NULL, " \t\r=", &rest);
	if (!value || strtok_r(NULL, blanks, &rest))
		return mi_fail(err, MI_DATA, "'%.100s' is not followed by one value", name);
	for (int i = 0; i < 2; i++) {
		const char *prefix = i ? "target." : "source.";
		size_t len = strlen(prefix);

		if (strncmp(name, prefix, len) != 0)
			continue;
		if (strncmp(side, prefix, len - 1) != 0)
			into = &other;
		name += len;
		break;
	}
	return take(into, name, value, err);
}

int mi_limits_parse(struct mi_span text, const char *side, struct mi_limits *limits,
                    struct mi_err *err)
{
	struct mi_limits read = {.blind_seconds = blind_seconds};
	struct mi_buf copy = {0};
	char *line, *rest = NULL;
	unsigned number = 0;
	int ret = 0;

	if (memchr(text.data ? text.data : "", 0, text.len))
		return mi_fail(err, MI_DATA, "it has a byte 0");
	mi_buf_add(&copy, text.data, text.len);
	mi_buf_add_char(&copy, '\0');
	for (line = copy.data; ret == 0 && line; line = rest) {
		rest = strchr(line, '\n');
		if (rest)
			*rest++ = '\0';
		number++;
		ret = take_line(&read, line, side, err);
	}
	mi_buf_release(&copy);
	if (ret != 0)
		return mi_within(err, "line %u", number);
	if (read.replica_lag > 0 && !read.replica[0])
		return mi_fail(err, MI_DATA, "replica-lag needs a line: replica NAME");
	*limits = read;
	return 0;
}

bool mi_limits_need_signals(const struct mi_limits *limits)
{
	return limits->running > 0 || limits->per_core > 0 || limits->commit_ms > 0 ||
	       limits->history > 0 || limits->replica_lag > 0;
}
