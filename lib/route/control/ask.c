#include "route/control/ask.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/stop.h"
#include "base/unix_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512, CHUNK = 4096 };

struct talk {
	int fd;
	bool heeds_stdin; /* a hold was granted: stay until standard input ends */
	struct mi_buf in;
};

static int connect_to(const char *path, struct mi_err *err)
{
	struct sockaddr_un address;
	int fd;

	if (mi_unix_address(&address, path, err) != 0)
		return -1;
	fd = mi_unix_connect(&address, 0);
	return fd >= 0 ? fd
	               : mi_fail_errno(err, errno == EACCES ? MI_DENIED : MI_UNAVAILABLE, errno,
	                               "no router at %s", path);
}

static int say(int fd, int count, char *const *words, struct mi_err *err)
{
	struct mi_buf line = {0};
	int ret = -1;

	for (int i = 0; i < count; i++)
		mi_buf_addf(&line, "%s%s", i ? " " : "", words[i]);
	if (line.len > LINE_MAX_BYTES || (line.len && memchr(line.data, '\n', line.len))) {
		(void)mi_fail(err, MI_USAGE, "a command is one line of at most 512 bytes");
	} else {
		mi_buf_add_char(&line, '\n');
		/* EPIPE: the router has refused this user, said why, and closed */
		ret = mi_fd_write(fd, line.data, line.len, err) == 0 || errno == EPIPE ? 0 : -1;
	}
	mi_buf_release(&line);
	return ret;
}

static bool begins(struct mi_span line, const char *word)
{
	size_t len = strlen(word);

	return line.len >= len && memcmp(line.data, word, len) == 0 &&
	       (line.len == len || line.data[len] == ' ');
}

static int print(struct mi_span line, struct mi_err *err)
{
	if (fwrite(line.data, 1, line.len, stdout) != line.len || putchar('\n') == EOF ||
	    fflush(stdout) != 0)
		return mi_fail_errno(err, MI_IO, errno, "cannot write to standard output");
	return 0;
}

/* Takes a line "error CODE text". Returns the code. */
static int take_error(struct mi_span line, struct mi_err *err)
{
	char text[LINE_MAX_BYTES + 1], *end;
	size_t len = line.len < LINE_MAX_BYTES ? line.len : LINE_MAX_BYTES;
	long code;

	memcpy(text, line.data, len);
	text[len] = '\0';
	code = strtol(text + 5, &end, 10);
	if (code < 1 || code > 125)
		code = MI_PROTOCOL;
	(void)mi_fail(err, (int)code, "%s", *end == ' ' ? end + 1 : end);
	return (int)code;
}

/* Takes a line of the answer. -1: more lines follow; else the exit code. */
static int take_line(struct talk *talk, struct mi_span line, struct mi_err *err)
{
	if (print(line, err) != 0)
		return err->code;
	if (begins(line, "ok"))
		return 0;
	if (begins(line, "error"))
		return take_error(line, err);
	if (begins(line, "held"))
		talk->heeds_stdin = true;
	return -1;
}

static int take_lines(struct talk *talk, struct mi_err *err)
{
	size_t at = 0;
	int code = -1;

	while (code < 0) {
		const char *start = talk->in.data + at;
		const char *end = talk->in.len > at ? memchr(start, '\n', talk->in.len - at) : NULL;

		if (!end)
			break;
		code = take_line(talk, mi_span(start, (size_t)(end - start)), err);
		at += (size_t)(end - start) + 1;
	}
	if (at) {
		memmove(talk->in.data, talk->in.data + at, talk->in.len - at);
		talk->in.len -= at;
	}
	return code;
}

static int hear(struct talk *talk, struct mi_err *err)
{
	ssize_t n;

	mi_buf_reserve(&talk->in, CHUNK);
	n = read(talk->fd, talk->in.data + talk->in.len, CHUNK);
	if (n < 0 && errno == EINTR)
		return -1;
	if (n <= 0) {
		(void)mi_fail(err, MI_UNAVAILABLE, "the router has gone without an answer");
		return MI_UNAVAILABLE;
	}
	talk->in.len += (size_t)n;
	return take_lines(talk, err);
}

/* Reads standard input, whose content does not matter. True at its end. */
static bool stdin_ended(void)
{
	char bytes[256];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);

	return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static int listen_until_end(struct talk *talk, struct mi_err *err)
{
	int code = -1;

	while (code < 0) {
		struct pollfd fds[] = {
		    {.fd = talk->fd, .events = POLLIN},
		    {.fd = mi_stop_fd(), .events = POLLIN},
		    {.fd = talk->heeds_stdin ? STDIN_FILENO : -1, .events = POLLIN}};

		if (poll(fds, 3, -1) < 0)
			continue;
		if (fds[1].revents) {
			(void)mi_stop_fail(err);
			return err->code;
		}
		if (fds[0].revents)
			code = hear(talk, err);
		else if (fds[2].revents && stdin_ended())
			code = 0;
	}
	return code;
}

int mi_control_ask(const char *path, int count, char *const *words, struct mi_err *err)
{
	struct talk talk = {.fd = connect_to(path, err)};
	int code = MI_UNAVAILABLE;

	if (talk.fd < 0)
		return err->code;
	if (say(talk.fd, count, words, err) == 0)
		code = listen_until_end(&talk, err);
	else
		code = err->code;
	mi_buf_release(&talk.in);
	(void)close(talk.fd);
	return code;
}
