#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int mi_fail(struct mi_err *err, int code, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	err->hint[0] = '\0';
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	return -1;
}

int mi_fail_errno(struct mi_err *err, int code, int errnum, const char *fmt, ...)
{
	char why[128];
	size_t len;
	va_list args;

	err->code = code;
	err->hint[0] = '\0';
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	len = strlen(err->text);
	(void)snprintf(err->text + len, sizeof err->text - len, ": %s",
	               strerror_r(errnum, why, sizeof why));
	return -1;
}

int mi_hint(struct mi_err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(err->hint, sizeof err->hint, fmt, args);
	va_end(args);
	return -1;
}

int mi_within(struct mi_err *err, const char *fmt, ...)
{
	char text[sizeof err->text];
	va_list args;
	int len;

	memcpy(text, err->text, sizeof text);
	va_start(args, fmt);
	len = vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof err->text)
		(void)snprintf(err->text + len, sizeof err->text - (size_t)len, ": %.*s",
		               (int)(sizeof text - 1), text);
	return -1;
}
