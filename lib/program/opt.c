#include "program/opt.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef MI_VERSION
#define MI_VERSION "0.1"
#endif
const char mi_version[] = MI_VERSION;

enum { CODE_HELP = 0x1000, CODE_VERSION, CODE_VERBOSE, CODE_QUIET, CODE_FIRST = 0x2000 };

static bool is_option(const struct mi_opt *opt)
{
	return opt->kind != MI_OPT_HEADING;
}

static bool at_end(const struct mi_opt *opt)
{
	return !opt->name && !opt->help;
}

bool mi_opt_number(const char *text, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	unsigned shift = 0;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (errno != 0)
		return false;
	if (*end && (unit = strchr(units, toupper((unsigned char)*end)))) {
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
	}
	if (*end || (shift && *bytes >> (64 - shift)))
		return false;
	*bytes <<= shift;
	return true;
}

static bool parse_flag(const char *text, bool *flag)
{
	static const char *const yes[] = {"1", "yes", "on", "true"};
	static const char *const no[] = {"0", "no", "off", "false", ""};

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (strcasecmp(text, yes[i]) == 0)
			return *flag = true;
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (strcasecmp(text, no[i]) == 0)
			return !(*flag = false);
	return false;
}

static bool set_number(const struct mi_opt *opt, const char *text)
{
	uint64_t *into = opt->into;
	uint64_t value;
	bool ok = opt->kind == MI_OPT_SIZE ? parse_size(text, &value) : mi_opt_number(text, &value);

	if (!ok || value < opt->min || (opt->max && value > opt->max))
		return false;
	*into = value;
	return true;
}

static void list_add(struct mi_opt_list *list, const char *item)
{
	*(const char **)mi_array_add(&list->items, &list->count, sizeof *list->items) = item;
}

/* The list's own copies live as long as the process, like argv. */
static void list_add_split(struct mi_opt_list *list, const char *text)
{
	for (const char *comma; (comma = strchr(text, ',')); text = comma + 1)
		if (comma > text)
			list_add(list, mi_strndup(text, (size_t)(comma - text)));
	if (*text)
		list_add(list, text);
}

static bool set_value(const struct mi_opt *opt, const char *text, bool from_env)
{
	switch (opt->kind) {
	case MI_OPT_FLAG:
		return text ? parse_flag(text, opt->into) : (*(bool *)opt->into = true);
	case MI_OPT_TEXT:
		*(const char **)opt->into = text;
		return true;
	case MI_OPT_NUMBER:
	case MI_OPT_SIZE:
		return set_number(opt, text);
	case MI_OPT_LIST:
		if (from_env)
			list_add_split(opt->into, text);
		else
			list_add(opt->into, text);
		return true;
	case MI_OPT_REFUSED:
	case MI_OPT_HEADING:
		break;
	}
	return false;
}

static void twin_name(const struct mi_opt *opt, char *name, size_t size)
{
	size_t len = (size_t)snprintf(name, size, "MI_%s", opt->name);

	for (size_t i = 3; i < len && i < size; i++)
		name[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
}

static void set_defaults(const struct mi_opt *opts)
{
	for (const struct mi_opt *opt = opts; !at_end(opt); opt++)
		if (opt->def && !set_value(opt, opt->def, false))
			abort(); /* a row's default is part of the program */
}

static void read_environment(const struct mi_opt *opts)
{
	char name[64];

	for (const struct mi_opt *opt = opts; !at_end(opt); opt++) {
		const char *text;

		if (!is_option(opt) || opt->kind == MI_OPT_REFUSED)
			continue;
		twin_name(opt, name, sizeof name);
		text = getenv(name);
		if (text && !set_value(opt, text, true))
			exit(mi_usage_error("%s=%s is not a valid %s", name, text,
			                    opt->arg ? opt->arg : "switch (use 1 or 0)"));
	}
}

static void print_help(const struct mi_opt_tool *tool)
{
	char left[96];

	printf("usage: %s %s\n%s\n", mi_progname(), tool->synopsis, tool->summary);
	for (const struct mi_opt *opt = tool->opts; !at_end(opt); opt++) {
		if (opt->kind == MI_OPT_REFUSED)
			continue;
		if (opt->kind == MI_OPT_HEADING) {
			printf("\n%s:\n", opt->help);
			continue;
		}
		(void)snprintf(left, sizeof left, "%c%c%s --%s%s%s", opt->letter ? '-' : ' ',
		               opt->letter ? opt->letter : ' ', opt->letter ? "," : " ", opt->name,
		               opt->arg ? "=" : "", opt->arg ? opt->arg : "");
		printf("  %-30s %s%s%s%s\n", left, opt->help, opt->def ? " (default " : "",
		       opt->def ? opt->def : "", opt->def ? ")" : "");
	}
	printf("\nGeneral:\n"
	       "  -v, --verbose                  say more; may be repeated\n"
	       "  -q, --quiet                    say less: only warnings and errors\n"
	       "  -h, --help                     print this and exit\n"
	       "      --version                  print the version and exit\n"
	       "\nEach option may be set in the environment: --some-option is MI_SOME_OPTION.\n"
	       "The manual is %s(1).\n",
	       mi_progname());
}

static void finish_stdout(void)
{
	if (fflush(stdout) != 0) {
		mi_warn("cannot write to standard output: %s", strerror(errno));
		exit(MI_IO);
	}
	exit(MI_OK);
}

static void take(const struct mi_opt *opt, const char *text)
{
	if (opt->kind == MI_OPT_REFUSED)
		exit(mi_usage_error("--%s is refused: %s", opt->name, opt->help));
	if (!set_value(opt, text, false))
		exit(mi_usage_error("--%s=%s is not a valid %s", opt->name, text, opt->arg));
}

static void build_getopt(const struct mi_opt *opts, struct mi_buf *letters, struct option **longs)
{
	size_t count = 0;
	int index = 0;

	mi_buf_add_str(letters, "+hvq");
	for (const struct mi_opt *opt = opts; !at_end(opt); opt++, index++) {
		struct option *row;

		if (!is_option(opt))
			continue;
		row = mi_array_add(longs, &count, sizeof **longs);
		*row = (struct option){opt->name, opt->arg ? required_argument : no_argument, NULL,
		                       CODE_FIRST + index};
		if (opt->kind == MI_OPT_REFUSED)
			row->has_arg = optional_argument;
		if (opt->letter)
			mi_buf_addf(letters, "%c%s", opt->letter, opt->arg ? ":" : "");
	}
	*(struct option *)mi_array_add(longs, &count, sizeof **longs) =
	    (struct option){"help", no_argument, NULL, CODE_HELP};
	*(struct option *)mi_array_add(longs, &count, sizeof **longs) =
	    (struct option){"version", no_argument, NULL, CODE_VERSION};
	*(struct option *)mi_array_add(longs, &count, sizeof **longs) =
	    (struct option){"verbose", no_argument, NULL, CODE_VERBOSE};
	*(struct option *)mi_array_add(longs, &count, sizeof **longs) =
	    (struct option){"quiet", no_argument, NULL, CODE_QUIET};
	(void)mi_array_add(longs, &count, sizeof **longs); /* the zero row that ends it */
}

static const struct mi_opt *by_letter(const struct mi_opt *opts, int letter)
{
	for (const struct mi_opt *opt = opts; !at_end(opt); opt++)
		if (is_option(opt) && opt->letter == letter)
			return opt;
	return NULL;
}

int mi_opt_parse(int argc, char **argv, const struct mi_opt_tool *tool)
{
	struct mi_buf letters = {0};
	struct option *longs = NULL;
	const struct mi_opt *opt;
	int code;

	set_defaults(tool->opts);
	read_environment(tool->opts);
	build_getopt(tool->opts, &letters, &longs);
	opterr = 1;
	while ((code = getopt_long(argc, argv, mi_buf_cstr(&letters), longs, NULL)) != -1) {
		if (code == '?') {
			fprintf(stderr, "%s: try '%s --help'\n", mi_progname(), mi_progname());
			exit(MI_USAGE);
		}
		if (code == 'h' || code == CODE_HELP) {
			print_help(tool);
			finish_stdout();
		} else if (code == CODE_VERSION) {
			printf("%s %s\n", mi_progname(), mi_version);
			finish_stdout();
		} else if (code == 'v' || code == CODE_VERBOSE) {
			mi_msg_set_verbosity(mi_msg_verbosity() + 1);
		} else if (code == 'q' || code == CODE_QUIET) {
			mi_msg_set_verbosity(mi_msg_verbosity() - 1);
		} else {
			opt = code >= CODE_FIRST ? &tool->opts[code - CODE_FIRST]
			                         : by_letter(tool->opts, code);
			take(opt, optarg);
		}
	}
	mi_buf_release(&letters);
	free(longs);
	return optind;
}
