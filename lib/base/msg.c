#include "base/msg.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *progname = "mi";
static int verbosity = 1;

void mi_msg_init(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

	if (argv0 && *argv0)
		progname = slash ? slash + 1 : argv0;
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

static void say(const char *kind, const char *text)
{
	char line[2560];
	size_t len = 0;
	ssize_t n;

	len = append_escaped(line, len, sizeof line, progname);
	len = append_escaped(line, len, sizeof line, ": ");
	len = append_escaped(line, len, sizeof line, kind);
	len = append_escaped(line, len, sizeof line, text);
	line[len++] = '\n';
	n = write(STDERR_FILENO, line, len);
	(void)n; /* nowhere left to complain */
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
