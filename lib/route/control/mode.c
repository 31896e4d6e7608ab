#include "route/control/mode.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/opt.h"
#include "base/savefile.h"
#include "base/stop.h"
#include "route/shared/names.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_FILE = 4096, LOOK_MS = 50 };

bool mi_mode_of(struct mi_span name, enum mi_route_mode *mode)
{
	for (int i = 0; i < MI_MODES; i++)
		if (mi_span_is(name, mi_route_mode_names[i])) {
			*mode = (enum mi_route_mode)i;
			return true;
		}
	return false;
}

/* Takes a line "word value" off the text. False: the text does not begin so. */
static bool take_line(struct mi_span *text, const char *word, struct mi_span *value)
{
	const char *end = memchr(text->data, '\n', text->len);
	size_t len = strlen(word), line = end ? (size_t)(end - text->data) : 0;

	if (!end || line < len + 2 || memcmp(text->data, word, len) != 0 || text->data[len] != ' ')
		return false;
	*value = mi_span(text->data + len + 1, line - len - 1);
	*text = mi_span(end + 1, text->len - line - 1);
	return true;
}

static bool parse(struct mi_span text, enum mi_route_mode *mode, uint64_t *epoch)
{
	struct mi_span name, number;
	char *digits;
	bool ok;

	if (text.len == 0 || !take_line(&text, "mode", &name) ||
	    !take_line(&text, "epoch", &number) || text.len || !mi_mode_of(name, mode))
		return false;
	digits = mi_strndup(number.data, number.len);
	ok = mi_opt_number(digits, epoch) && *epoch > 0 && *epoch < INT64_MAX;
	free(digits);
	return ok;
}

int mi_mode_read(const char *path, enum mi_route_mode *mode, uint64_t *epoch, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret = -1;

	if (mi_read_file(path, MAX_FILE, &text, err) != 0) {
		err->code = MI_CONFIG;
		(void)mi_within(err, "mode file");
		(void)mi_hint(err, "the mode is never guessed: if this is a new import, make the "
		                   "file with --make-mode-file=source");
	} else if (!parse(mi_buf_span(&text), mode, epoch)) {
		(void)mi_fail(err, MI_CONFIG, "mode file %s: not 'mode ...' and 'epoch N'", path);
	} else {
		ret = 0;
	}
	mi_buf_release(&text);
	return ret;
}

int mi_mode_write(const char *path, enum mi_route_mode mode, uint64_t epoch, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	mi_buf_addf(&text, "mode %s\nepoch %llu\n", mi_route_mode_names[mode],
	            (unsigned long long)epoch);
	ret = mi_save_file(path, mi_buf_span(&text), 0600, err);
	mi_buf_release(&text);
	return ret;
}

int mi_mode_make(const char *path, enum mi_route_mode mode, struct mi_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)close(fd);
		return mi_fail(err, MI_CONFIG, "mode file %s is there already", path);
	}
	if (errno != ENOENT)
		return mi_fail_errno(err, MI_CONFIG, errno, "cannot look at mode file %s", path);
	return mi_mode_write(path, mode, 1, err);
}

int mi_mode_lock(const char *path, int *fd, struct mi_err *err)
{
	struct pollfd stop = {.fd = mi_stop_fd(), .events = POLLIN};
	struct mi_buf lock = {0};
	bool told = false;
	int ret;

	mi_buf_addf(&lock, "%s.lock", path);
	while ((ret = mi_lock_file(mi_buf_cstr(&lock), fd, err)) != 0 && err->code == MI_AGAIN) {
		if (!told)
			mi_notice("another router works with %s: waiting to take over", path);
		told = true;
		if (poll(&stop, 1, LOOK_MS) > 0 || mi_stop_asked()) {
			ret = mi_stop_fail(err);
			break;
		}
	}
	if (ret == 0 && told)
		mi_notice("the other router has gone: taking over");
	mi_buf_release(&lock);
	return ret;
}
