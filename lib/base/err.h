/* Errors as values: every fallible function returns 0 or -1 and, on -1, fills a struct mi_err that
 * its caller owns. Text is one line, "what failed: why"; the hint, when there is one, says what to
 * do. Codes are those of sysexits(3) and mean the same in every tool (see mi(7)). */
#ifndef MI_BASE_ERR_H
#define MI_BASE_ERR_H

#define MI_MUST __attribute__((warn_unused_result))
#define MI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum mi_exit {
	MI_OK = 0,
	MI_NO = 1,           /* a negative answer: blockers found, rows differ, not contained */
	MI_USAGE = 64,       /* the command line is wrong */
	MI_DATA = 65,        /* a bad stream, or data that cannot be carried exactly */
	MI_UNAVAILABLE = 69, /* a server cannot be reached */
	MI_BUG = 70,         /* this program is wrong */
	MI_IO = 74,          /* reading or writing a file or pipe failed */
	MI_AGAIN = 75,       /* timeout, lock, or stopped by a signal: run it again */
	MI_PROTOCOL = 76,    /* the peer broke its protocol */
	MI_DENIED = 77,      /* a permission is missing */
	MI_CONFIG = 78,      /* a setting is wrong, here or on a server */
};

struct mi_err {
	int code; /* enum mi_exit; 0 while nothing has failed */
	char text[1024];
	char hint[512];
};

/* Sets code and text (replacing what was there, hint included). Always returns -1, so that a
 * failing function can end with `return mi_fail(err, ...)`. err may not be NULL. */
int mi_fail(struct mi_err *err, int code, const char *fmt, ...) MI_PRINTF(3, 4);

/* As mi_fail, with ": " and strerror(errnum) added to the text. */
int mi_fail_errno(struct mi_err *err, int code, int errnum, const char *fmt, ...) MI_PRINTF(4, 5);

/* Sets the hint: what to do about the failure. Returns -1. */
int mi_hint(struct mi_err *err, const char *fmt, ...) MI_PRINTF(2, 3);

/* Puts "fmt: " before the text, to say which larger step has failed. Returns -1. */
int mi_within(struct mi_err *err, const char *fmt, ...) MI_PRINTF(2, 3);

#endif
