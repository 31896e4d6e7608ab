#include "base/msg.h"
#include "base/err.h"

#include <stdarg.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *progname = "mi";
static int verbosity = 1;
static pthread_mutex_t speech = PTHREAD_MUTEX_INITIALIZER;
static bool status_shown; /* under the lock speech */
static bool with_time;    /* each line begins with the time */

#define CLEAR_LINE "\r\033[K"

void mi_msg_init(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

	if (argv0 && *argv0)
		progname = slash ? slash + 1 : argv0;
	with_time = getenv("MI_LOG_TIME") != NULL;
}

const char *mi_progname(void)
{
	return progname;
}

void mi_msg_set_verbosity(int level)
{
	verbosity = level;
}

int mi_msg_verbosity(void)
{
	return verbosity;
}

/* Appends text to line, control characters as \xNN; leaves room for the newline. */
static size_t append_escaped(char *line, size_t len, size_t size, const char *text)
{
	for (; *text && len + 6 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			len += (size_t)snprintf(line + len, size - len, "\\x%02x", c);
		else
			line[len++] = (char)c;
	}
	return len;
}

static size_t append_time(char *line, size_t len, size_t size)
{
	time_t now = time(NULL);
	struct tm parts;

	return len +
	       strftime(line + len, size - len, "%Y-%m-%dT%H:%M:%SZ ", gmtime_r(&now, &parts));
}

/* Writes a line with one write(2), under the lock speech; a status on the terminal is erased first.
 */
static void put(const char *line, size_t len, bool is_status)
{
	char out[2560 + sizeof CLEAR_LINE];
	size_t n = 0;
	ssize_t written;

	if (status_shown || is_status)
		n = (size_t)snprintf(out, sizeof out, CLEAR_LINE);
	memcpy(out + n, line, len);
	written = write(STDERR_FILENO, out, n + len);
	(void)written; /* nowhere left to complain */
	status_shown = is_status && len > 0;
}

static void say(const char *kind, const char *text)
{
	char line[2560];
	size_t len = with_time ? append_time(line, 0, sizeof line) : 0;

	len = append_escaped(line, len, sizeof line, progname);
	len = append_escaped(line, len, sizeof line, ": ");
	len = append_escaped(line, len, sizeof line, kind);
	len = append_escaped(line, len, sizeof line, text);
	line[len++] = '\n';
	(void)pthread_mutex_lock(&speech);
	put(line, len, false);
	(void)pthread_mutex_unlock(&speech);
}

void mi_msg_status(const char *text)
{
	char line[2560];
	size_t len = 0;

	if (*text) {
		len = append_escaped(line, len, sizeof line, progname);
		len = append_escaped(line, len, sizeof line, ": ");
		len = append_escaped(line, len, sizeof line, text);
	}
	(void)pthread_mutex_lock(&speech);
	if (len > 0 || status_shown)
		put(line, len, true);
	(void)pthread_mutex_unlock(&speech);
}

static void vsay(const char *kind, const char *fmt, va_list args) MI_PRINTF(2, 0);

static void vsay(const char *kind, const char *fmt, va_list args)
{
	char text[2048];

	(void)vsnprintf(text, sizeof text, fmt, args);
	say(kind, text);
}

void mi_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay("warning: ", fmt, args);
	va_end(args);
}

void mi_notice(const char *fmt, ...)
{
	va_list args;

	if (verbosity < 1)
		return;
	va_start(args, fmt);
	vsay("", fmt, args);
	va_end(args);
}

void mi_detail(const char *fmt, ...)
{
	va_list args;

	if (verbosity < 2)
		return;
	va_start(args, fmt);
	vsay("", fmt, args);
	va_end(args);
}

int mi_report(const struct mi_err *err)
{
	if (err->code == MI_OK) {
		say("", "bug: a step failed without saying why");
		return MI_BUG;
	}
	say("", err->text);
	if (err->hint[0])
		say("hint: ", err->hint);
	return err->code;
}

int mi_usage_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsay("", fmt, args);
	va_end(args);
	fprintf(stderr, "%s: try '%s --help'\n", progname, progname);
	return MI_USAGE;
}
