#include "base/buf.h"
#include "base/err.h"
#include "program/optfile.h"
#include "t.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What was read, a line per option: "group/name=<value>", or "group/name" without a value. */
static struct mi_buf seen;
static bool seen_world_readable;

static int note(void *arg, const struct mi_optfile_option *option, struct mi_err *err)
{
	(void)arg;
	if (strcmp(option->name, "refuse-me") == 0)
		return mi_fail(err, MI_DATA, "refused");
	mi_buf_addf(&seen, "%s/%s", option->group, option->name);
	if (option->value)
		mi_buf_addf(&seen, "=<%s>", option->value);
	mi_buf_add_char(&seen, '\n');
	seen_world_readable = option->world_readable;
	return 0;
}

static int note_include(void *arg, const char *path, bool is_dir, struct mi_err *err)
{
	(void)arg;
	(void)err;
	mi_buf_addf(&seen, "%s %s\n", is_dir ? "dir" : "file", path);
	return 0;
}

static int parse_bytes(const char *bytes, size_t len, struct mi_err *err)
{
	struct mi_optfile_parser parser = {
	    .file = "my.cnf", .option = note, .include = note_include};

	mi_buf_reset(&seen);
	return mi_optfile_parse(&parser, mi_span(bytes, len), err);
}

/* The options of a text that must be right. */
static const char *parse(const char *text)
{
	struct mi_err err = {0};

	if (parse_bytes(text, strlen(text), &err) != 0)
		return "refused";
	return mi_buf_cstr(&seen);
}

/* The complaint about a text that must be wrong. */
static const char *complaint(const char *text)
{
	static struct mi_err err;

	err = (struct mi_err){0};
	if (parse_bytes(text, strlen(text), &err) == 0)
		return "no complaint";
	return err.code == MI_CONFIG ? err.text : "another code";
}

static void malformed(void)
{
	struct mi_err err = {0};

	CHECK_STR(complaint("user=x\n"), "my.cnf:1: an option before the first [group]",
	          "no option before a group");
	CHECK_STR(complaint("\n# c\n[client\nuser=x\n"),
	          "my.cnf:3: a group needs a closing bracket", "a group is closed");
	CHECK_STR(complaint("[client]\n=x\n"),
	          "my.cnf:2: no name before the =", "an option has a name");
	CHECK_STR(complaint("[client]\n!includes /x\n"),
	          "my.cnf:2: neither !include nor !includedir with a path",
	          "unknown directives are refused");
	CHECK_STR(complaint("!include\n"), "my.cnf:1: neither !include nor !includedir with a path",
	          "a path is needed");
	CHECK(parse_bytes("[a]\nx\0=1\n", 9, &err) != 0 && err.code == MI_CONFIG,
	      "a NUL byte is refused");
	CHECK(parse_bytes("[a]\nrefuse-me=1\n", 16, &err) != 0 && err.code == MI_DATA,
	      "the callback's refusal is passed on");
}

static void names(void)
{
	CHECK_STR(parse(""), "", "an empty file has no options");
	CHECK_STR(parse("[client]\nssl_mode=A\nSSL-Mode=B\n"),
	          "client/ssl-mode=<A>\nclient/ssl-mode=<B>\n",
	          "underscores are dashes, capitals small letters");
	CHECK_STR(parse("[client]\nloose-ssl-mode=A\nloose_user=b\n"),
	          "client/ssl-mode=<A>\nclient/user=<b>\n", "loose- says nothing");
	CHECK_STR(parse("[client]\ncompress\n quick \n"), "client/compress\nclient/quick\n",
	          "an option needs no value");
	CHECK_STR(parse(" [ client_a ] rest\n  user  =  x y  \r\n[Client]\nport=1"),
	          "client_a/user=<x y>\nClient/port=<1>\n",
	          "blanks around groups, names and values are cut; the last line needs no end");
}

static void values(void)
{
	CHECK_STR(parse("[c]\np=\nq=''\nr=\"\"\n"), "c/p=<>\nc/q=<>\nc/r=<>\n", "empty values");
	CHECK_STR(parse("[c]\np=\"a b \"\nq=' #x'\nr='a\"b'\n"),
	          "c/p=<a b >\nc/q=< #x>\nc/r=<a\"b>\n", "quotes keep blanks, # and other quotes");
	CHECK_STR(parse("[c]\np='a\nq=a'\nr='a\"\ns='\n"),
	          "c/p=<'a>\nc/q=<a'>\nc/r=<'a\">\nc/s=<'>\n",
	          "a quote without its pair is itself");
	CHECK_STR(parse("[c]\np=a\\sb\\tc\\\\d\\ne\\bf\\rg\n"), "c/p=<a b\tc\\d\ne\bf\rg>\n",
	          "the escapes of the manual");
	CHECK_STR(parse("[c]\np=C:\\Sdir\\xyz\\\n"), "c/p=<C:\\Sdir\\xyz\\>\n",
	          "other escapes keep their backslash");
	CHECK_STR(parse("[c]\np=\\\\s\\\"x\\'\n"), "c/p=<\\s\"x'>\n", "escapes are read once");
	CHECK_STR(parse("[c]\np=a=b==\n"), "c/p=<a=b==>\n", "the first = counts");
}

static void comments(void)
{
	CHECK_STR(parse("# a\n; b\n  # c\n[c]\n;user=x\n#user=y\n"), "",
	          "lines that begin with # or ;");
	CHECK_STR(parse("[c]\np=ab # rest\nq=a;b\nr#=1\n"), "c/p=<ab>\nc/q=<a;b>\nc/r\n",
	          "# ends a line anywhere, ; does not");
	CHECK_STR(parse("[c]\np=\"a#b\" # rest\nq='it\\'s #1' # rest\n"),
	          "c/p=<a#b>\nc/q=<it's #1>\n", "# inside quotes is a value's own");
}

static void includes(void)
{
	CHECK_STR(parse("!include /a b.cnf \n[c]\n!includedir  /d/\nx\n"),
	          "file /a b.cnf\ndir /d/\nc/x\n", "directives in and before groups");
}

static char dir[] = "/tmp/t_optfile.XXXXXX";

static void put(const char *name, mode_t mode, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, mode) != 0)
		CHECK(false, "cannot write %s", path);
}

static const char *read_it(const char *name, struct mi_err *err)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	*err = (struct mi_err){0};
	mi_buf_reset(&seen);
	if (mi_optfile_read(path, note, NULL, err) != 0)
		return err->code == MI_CONFIG ? "refused" : "another code";
	return mi_buf_cstr(&seen);
}

static void files(void)
{
	char text[512];
	struct mi_err err;

	CHECK_STR(read_it("absent.cnf", &err), "refused", "a file that is not there");
	put("open.cnf", 0602, "[c]\nx=1\n");
	CHECK_STR(read_it("open.cnf", &err), "refused", "a file that everybody may write to");
	put("private.cnf", 0640, "[c]\nx=1\n");
	CHECK_STR(read_it("private.cnf", &err), "c/x=<1>\n", "a private file");
	CHECK(!seen_world_readable, "and it is known to be private");
	put("public.cnf", 0644, "[c]\nx=1\n");
	CHECK_STR(read_it("public.cnf", &err), "c/x=<1>\n", "a public file");
	CHECK(seen_world_readable, "and it is known to be public");
	(void)snprintf(text, sizeof text, "[c]\n!include %s/self.cnf\n", dir);
	put("self.cnf", 0600, text);
	CHECK_STR(read_it("self.cnf", &err), "refused", "a file that includes itself ends");
	(void)snprintf(text, sizeof text,
	               "[a]\nx=0\n!includedir %s/d\ny=9\n!include %s/public.cnf\n", dir, dir);
	put("top.cnf", 0600, text);
	CHECK_STR(read_it("top.cnf", &err), "refused", "a directory that is not there");
	(void)snprintf(text, sizeof text, "%s/d", dir);
	CHECK(mkdir(text, 0700) == 0, "a directory");
	put("d/2.cnf", 0600, "[b]\nx=2\n");
	put("d/1.cnf", 0600, "[b]\nx=1\n");
	put("d/3.txt", 0600, "[b]\nx=3\n");
	CHECK_STR(read_it("top.cnf", &err), "a/x=<0>\nb/x=<1>\nb/x=<2>\na/y=<9>\nc/x=<1>\n",
	          "the .cnf files of a directory in order; the group goes on after an include");
	CHECK(seen_world_readable, "what is included has a mode of its own");
}

static void too_large(void)
{
	struct mi_err err;
	char path[128];
	int fd;

	(void)snprintf(path, sizeof path, "%s/large.cnf", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	CHECK(fd >= 0 && ftruncate(fd, (1 << 20) + 1) == 0 && close(fd) == 0, "a large file");
	CHECK_STR(read_it("large.cnf", &err), "refused", "over 1 MiB is no option file");
}

int main(void)
{
	char clean[64];

	malformed();
	names();
	values();
	comments();
	includes();
	if (!mkdtemp(dir))
		return 1;
	files();
	too_large();
	(void)snprintf(clean, sizeof clean, "rm -r %s", dir);
	CHECK(system(clean) == 0, "clean up");
	mi_buf_release(&seen);
	DONE();
}
