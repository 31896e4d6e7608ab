#include "check/say.h"
#include "base/buf.h"
#include "check/check.h"

#include <stdio.h>
#include <string.h>

static bool is_ignored(const struct mi_check_run *run, const char *id)
{
	for (size_t i = 0; run->ignore && i < run->ignore->count; i++)
		if (strcmp(run->ignore->items[i], id) == 0)
			return true;
	return false;
}

/* The same has been said: of several databases, or by several attempts. */
static bool is_said(const struct mi_check_at *at, enum mi_check_level level, const char *fix,
                    const char *text)
{
	for (size_t i = at->run->count; i > 0; i--) {
		const struct mi_finding *said = &at->run->findings[i - 1];

		if (said->check != at->check || said->side != at->side)
			return false;
		if (said->level == level && strcmp(said->text, text) == 0 &&
		    strcmp(said->fix ? said->fix : "", fix ? fix : "") == 0)
			return true;
	}
	return false;
}

static void say(struct mi_check_at *at, enum mi_check_level level, const char *fix, const char *fmt,
                va_list args)
{
	struct mi_finding *finding;
	char text[1024];

	(void)vsnprintf(text, sizeof text, fmt, args);
	if (is_said(at, level, fix, text))
		return;
	finding = mi_array_add(&at->run->findings, &at->run->count, sizeof *finding);
	*finding = (struct mi_finding){.check = at->check,
	                               .side = at->side,
	                               .level = level,
	                               .text = mi_strdup(text),
	                               .fix = fix ? mi_strdup(fix) : NULL};
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

void mi_check_warn(struct mi_check_at *at, const char *fix, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(at, MI_CHECK_WARN, fix, fmt, args);
	va_end(args);
}

void mi_check_block(struct mi_check_at *at, const char *fix, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(at, MI_CHECK_BLOCK, fix, fmt, args);
	va_end(args);
}

void mi_check_say(struct mi_check_at *at, enum mi_check_level level, const char *fix,
                  const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(at, level, fix, fmt, args);
	va_end(args);
}
