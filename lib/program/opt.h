/* Command-line options from one table: getopt_long, an environment twin for each (--max-rows is
 * MI_MAX_ROWS), and --help printed from the same rows, so that none of the three can drift. */
#ifndef MI_PROGRAM_OPT_H
#define MI_PROGRAM_OPT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mi_opt_kind {
	MI_OPT_FLAG,   /* bool *: true when given; environment: 1/0, yes/no, on/off, true/false */
	MI_OPT_TEXT,   /* const char **: points into argv or the environment */
	MI_OPT_NUMBER, /* uint64_t *: decimal, between min and max */
	MI_OPT_SIZE,   /* uint64_t *: bytes, with K, M, G or T (powers of 1024) */
	/* struct mi_opt_list *: may be given several times; the twin splits at commas */
	MI_OPT_LIST,
	MI_OPT_REFUSED, /* an option that is always refused; help says why */
	MI_OPT_HEADING, /* no option: help is a heading in --help */
};

struct mi_opt_list {
	const char **items; /* items point into argv, or are kept for the process's life */
	size_t count;
};

struct mi_opt {
	char letter;      /* 0: none */
	const char *name; /* long name, without dashes */
	const char *arg;  /* what --help calls its argument; NULL for flags */
	const char *def;  /* the default, as a user would write it; NULL: none, or not one value */
	const char *help; /* one line, lower case, no full stop, without the default */
	enum mi_opt_kind kind;
	void *into;
	uint64_t min, max; /* numbers and sizes; max 0 means no bound */
};

struct mi_opt_tool {
	const char *synopsis;      /* after the program's name: "[options] -s NAME > stream" */
	const char *summary;       /* one sentence */
	const struct mi_opt *opts; /* ends with a row whose name and help are NULL */
};

/* Puts the rows' defaults into their places, then reads the environment twins and argv (which
 * wins). A place without a default keeps what it holds. --help prints a default behind its row's
 * help. Adds -h/--help, --version, -v/--verbose and -q/--quiet by itself; the first two print and
 * end the process with 0. A bad option prints a usage complaint and ends the process with 64.
 * Returns the index of the first operand in argv. */
int mi_opt_parse(int argc, char **argv, const struct mi_opt_tool *tool);

/* Initializers for rows of a table. MI_WORD is a MI_TEXT with a default. */
#define MI_HEADING(help)                                              \
	{                                                             \
		0, NULL, NULL, NULL, help, MI_OPT_HEADING, NULL, 0, 0 \
	}
#define MI_FLAG(letter, name, into, help)                               \
	{                                                               \
		letter, name, NULL, NULL, help, MI_OPT_FLAG, into, 0, 0 \
	}
#define MI_TEXT(letter, name, arg, into, help)                         \
	{                                                              \
		letter, name, arg, NULL, help, MI_OPT_TEXT, into, 0, 0 \
	}
#define MI_WORD(letter, name, arg, into, def, help)                   \
	{                                                             \
		letter, name, arg, def, help, MI_OPT_TEXT, into, 0, 0 \
	}
#define MI_LIST(letter, name, arg, into, help)                         \
	{                                                              \
		letter, name, arg, NULL, help, MI_OPT_LIST, into, 0, 0 \
	}
#define MI_NUMBER(letter, name, arg, into, min, max, def, help)             \
	{                                                                   \
		letter, name, arg, def, help, MI_OPT_NUMBER, into, min, max \
	}
#define MI_SIZE(letter, name, arg, into, min, max, def, help)             \
	{                                                                 \
		letter, name, arg, def, help, MI_OPT_SIZE, into, min, max \
	}
#define MI_REFUSED(name, why)                                          \
	{                                                              \
		0, name, "TEXT", NULL, why, MI_OPT_REFUSED, NULL, 0, 0 \
	}
#define MI_OPT_END                                                    \
	{                                                             \
		0, NULL, NULL, NULL, NULL, MI_OPT_HEADING, NULL, 0, 0 \
	}

/* Parses a decimal number, and nothing else beside it. */
MI_MUST bool mi_opt_number(const char *text, uint64_t *number);

/* The version that --version prints and streams carry. */
extern const char mi_version[];

#endif
