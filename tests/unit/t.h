/* TAP for C: CHECK(condition, "what %s", ...) prints ok or not ok with the place; DONE() ends main.
 */
#ifndef MI_TESTS_T_H
#define MI_TESTS_T_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int t_count, t_failed;

__attribute__((format(printf, 4, 5))) static inline bool t_check(bool ok, const char *file,
                                                                 int line, const char *fmt, ...)
{
	va_list args;

	printf("%sok %d - ", ok ? "" : "not ", ++t_count);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	if (!ok) {
		t_failed++;
		printf("#   at %s:%d\n", file, line);
	}
	return ok;
}

static inline bool t_str(const char *got, const char *want, const char *file, int line,
                         const char *what)
{
	bool ok = t_check(strcmp(got, want) == 0, file, line, "%s", what);

	if (!ok)
		printf("#   got  '%s'\n#   want '%s'\n", got, want);
	return ok;
}

#define CHECK(ok, ...) t_check((ok), __FILE__, __LINE__, __VA_ARGS__)
#define CHECK_STR(got, want, what) t_str((got), (want), __FILE__, __LINE__, (what))

static inline int t_done(void)
{
	printf("1..%d\n", t_count);
	return t_failed ? 1 : 0;
}

#define DONE() return t_done()

#endif
