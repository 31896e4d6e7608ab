#include "program/optfile.h"
#include "base/buf.h"
#include "base/err.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 10, MAX_FILE = 1 << 20 };

struct state {
	const struct mi_optfile_parser *parser;
	char *group; /* NULL before the first */
	unsigned line;
};

static int bad_line(const struct state *state, struct mi_err *err, const char *why)
{
	return mi_fail(err, MI_CONFIG, "%s:%u: %s", state->parser->file, state->line, why);
}

/* Cuts blanks off both ends of a string, in place. */
static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

/* Ends the line at a `#` that stands outside quotes; a backslash inside quotes protects one. */
static void cut_comment(char *text)
{
	bool escaped = false;
	char quote = '\0';

	for (; *text; text++) {
		if ((*text == '"' || *text == '\'') && !escaped) {
			if (!quote)
				quote = *text;
			else if (quote == *text)
				quote = '\0';
		}
		if (!quote && *text == '#') {
			*text = '\0';
			return;
		}
		escaped = quote && *text == '\\' && !escaped;
	}
}

static char escaped_char(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 's':
		return ' ';
	case '\\':
	case '"':
	case '\'':
		return c;
	default:
		return '\0';
	}
}

/* Takes quotes and escapes away, in place. An escape that means nothing keeps its backslash. */
static char *plain_value(char *text)
{
	size_t len = strlen(text);
	char *to;

	if (len > 1 && (*text == '"' || *text == '\'') && text[len - 1] == *text) {
		text[len - 1] = '\0';
		text++;
	}
	to = text;
	for (const char *from = text; *from; from++) {
		char c = *from == '\\' ? escaped_char(from[1]) : '\0';

		if (c)
			from++;
		*to++ = c ? c : *from;
	}
	*to = '\0';
	return text;
}

/* `Loose_SSL_mode` and `ssl-mode` are the same option. */
static char *plain_name(char *name)
{
	for (char *c = name; *c; c++)
		*c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
	return strncmp(name, "loose-", 6) == 0 ? name + 6 : name;
}

static int take_group(struct state *state, char *text, struct mi_err *err)
{
	char *end = strchr(text, ']');

	if (!end)
		return bad_line(state, err, "a group needs a closing bracket");
	*end = '\0';
	free(state->group);
	state->group = mi_strdup(trim(text + 1));
	return 0;
}

static int take_directive(const struct state *state, char *text, struct mi_err *err)
{
	static const char file[] = "!include", dir[] = "!includedir";
	bool is_dir = strncmp(text, dir, sizeof dir - 1) == 0;
	char *path = text + (is_dir ? sizeof dir : sizeof file) - 1;

	if (strncmp(text, file, sizeof file - 1) != 0 || !isspace((unsigned char)*path))
		return bad_line(state, err, "neither !include nor !includedir with a path");
	path = trim(path);
	if (!*path)
		return bad_line(state, err, "no path to include");
	return state->parser->include(state->parser->arg, path, is_dir, err);
}

static int take_option(const struct state *state, char *text, struct mi_err *err)
{
	const struct mi_optfile_parser *parser = state->parser;
	struct mi_optfile_option option = {
	    .file = parser->file, .line = state->line, .world_readable = parser->world_readable};
	char *equals;

	if (!state->group)
		return bad_line(state, err, "an option before the first [group]");
	cut_comment(text);
	equals = strchr(text, '=');
	if (equals) {
		*equals = '\0';
		option.value = plain_value(trim(equals + 1));
	}
	option.group = state->group;
	option.name = plain_name(trim(text));
	if (!*option.name)
		return bad_line(state, err, "no name before the =");
	return parser->option(parser->arg, &option, err);
}

static int take_line(struct state *state, char *text, struct mi_err *err)
{
	text = trim(text);
	switch (*text) {
	case '\0':
	case '#':
	case ';':
		return 0;
	case '[':
		return take_group(state, text, err);
	case '!':
		return take_directive(state, text, err);
	default:
		return take_option(state, text, err);
	}
}

int mi_optfile_parse(const struct mi_optfile_parser *parser, struct mi_span bytes,
                     struct mi_err *err)
{
	struct state state = {.parser = parser};
	char *line = mi_alloc(bytes.len + 1);
	size_t at = 0;
	int ret = 0;

	while (ret == 0 && at < bytes.len) {
		const char *start = bytes.data + at;
		const char *newline = memchr(start, '\n', bytes.len - at);
		size_t len = newline ? (size_t)(newline - start) : bytes.len - at;

		state.line++;
		memcpy(line, start, len);
		line[len] = '\0';
		if (memchr(line, '\0', len))
			ret = bad_line(&state, err, "a NUL byte: not an option file");
		else
			ret = take_line(&state, line, err);
		explicit_bzero(line, len);
		at += len + (newline ? 1 : 0);
	}
	free(line);
	free(state.group);
	return ret;
}

struct reading {
	mi_optfile_fn *option;
	void *arg;
	int depth;
};

static int read_one(struct reading *reading, const char *path, struct mi_err *err);

static int pass_option(void *arg, const struct mi_optfile_option *option, struct mi_err *err)
{
	struct reading *reading = arg;

	return reading->option(reading->arg, option, err);
}

static int is_cnf(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".cnf") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_dir(struct reading *reading, const char *path, struct mi_err *err)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_cnf, by_name);
	int ret = 0;

	if (count < 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot read directory %s", path);
	for (int i = 0; i < count; i++) {
		struct mi_buf file = {0};

		mi_buf_addf(&file, "%s/%s", path, entries[i]->d_name);
		if (ret == 0)
			ret = read_one(reading, mi_buf_cstr(&file), err);
		mi_buf_release(&file);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int pass_include(void *arg, const char *path, bool is_dir, struct mi_err *err)
{
	return is_dir ? read_dir(arg, path, err) : read_one(arg, path, err);
}

/* Reads all into room for MAX_FILE + 1 bytes. */
static int read_bytes(int fd, const char *path, char *bytes, size_t *len, struct mi_err *err)
{
	ssize_t n;

	*len = 0;
	while (*len <= MAX_FILE) {
		n = read(fd, bytes + *len, MAX_FILE + 1 - *len);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return mi_fail_errno(err, MI_CONFIG, errno, "cannot read %s", path);
		if (n > 0)
			*len += (size_t)n;
	}
	return mi_fail(err, MI_CONFIG, "%s: too large for an option file (over 1 MiB)", path);
}

static int check_mode(int fd, const char *path, bool *world_readable, struct mi_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot look at %s", path);
	if (S_ISREG(st.st_mode) && (st.st_mode & S_IWOTH)) {
		(void)mi_fail(err, MI_CONFIG, "%s: everybody may write to it", path);
		return mi_hint(err, "chmod 600 %s", path);
	}
	*world_readable = S_ISREG(st.st_mode) && (st.st_mode & S_IROTH);
	return 0;
}

static int read_one(struct reading *reading, const char *path, struct mi_err *err)
{
	struct mi_optfile_parser parser = {
	    .file = path, .option = pass_option, .include = pass_include, .arg = reading};
	char *bytes = NULL;
	size_t len = 0;
	int ret = -1;
	int fd;

	if (reading->depth == MAX_DEPTH)
		return mi_fail(err, MI_CONFIG, "%s: included more than %d files deep", path,
		               MAX_DEPTH);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot open option file %s", path);
	reading->depth++;
	if (check_mode(fd, path, &parser.world_readable, err) != 0)
		goto out;
	bytes = mi_alloc(MAX_FILE + 1);
	if (read_bytes(fd, path, bytes, &len, err) != 0)
		goto out;
	ret = mi_optfile_parse(&parser, mi_span(bytes, len), err);
out:
	if (bytes)
		explicit_bzero(bytes, len);
	free(bytes);
	reading->depth--;
	(void)close(fd); /* it was only read */
	return ret;
}

int mi_optfile_read(const char *path, mi_optfile_fn *option, void *arg, struct mi_err *err)
{
	struct reading reading = {.option = option, .arg = arg};

	return read_one(&reading, path, err);
}
