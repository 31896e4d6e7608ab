#include "follow/saved.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "base/savefile.h"
#include "gtid/gtid.h"
#include "stream/parse.h"
#include "stream/write.h"
#include "table/table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEEN_MAX = 16 << 20 };

struct file {
	unsigned number;
	bool base;
};

struct mi_saved {
	char *folder;
	struct mi_saved_server server;
	int lock;
	struct file *files; /* by number */
	size_t count;
	struct mi_gtid_set *as_of; /* of the newest file that was read */
	struct mi_gtid_set *seen;
	/* the file that is being made */
	struct file now;
	int fd;
	struct mi_stream *stream;
	struct mi_writer *control;
};

static void add_path(const struct mi_saved *saved, const struct file *file, const char *end,
                     struct mi_buf *path)
{
	mi_buf_addf(path, "%s/%s%06u.mi%s", saved->folder, file->base ? "base-" : "", file->number,
	            end);
}

/* ---- The folder ---- */

static int by_number(const void *a, const void *b)
{
	unsigned left = ((const struct file *)a)->number, right = ((const struct file *)b)->number;

	return left < right ? -1 : left > right;
}

static void list(struct mi_saved *saved, DIR *dir)
{
	for (struct dirent *at; (at = readdir(dir));) {
		struct file file = {.base = strncmp(at->d_name, "base-", 5) == 0};
		const char *digits = at->d_name + (file.base ? 5 : 0);
		char *end;

		file.number = (unsigned)strtoul(digits, &end, 10);
		if (end > digits && strcmp(end, ".mi") == 0)
			*(struct file *)mi_array_add(&saved->files, &saved->count,
			                             sizeof *saved->files) = file;
	}
	if (saved->count)
		qsort(saved->files, saved->count, sizeof *saved->files, by_number);
}

static unsigned newest(const struct mi_saved *saved, size_t count)
{
	return count ? saved->files[count - 1].number : 0;
}

/* "NUMBER SET". One that cannot be read is as good as none, and so is one that knows of files which
 * are not there. */
static void read_seen(struct mi_saved *saved)
{
	struct mi_buf path = {0}, text = {0};
	struct mi_err ignored = {0};
	char *set;

	mi_buf_addf(&path, "%s/seen", saved->folder);
	if (mi_read_file(mi_buf_cstr(&path), SEEN_MAX, &text, &ignored) != 0 || text.len == 0 ||
	    strtoul(mi_buf_cstr(&text), &set, 10) > newest(saved, saved->count) ||
	    mi_gtid_parse(mi_span_str(set), &saved->seen, &ignored) != 0)
		saved->seen = NULL;
	mi_buf_release(&path);
	mi_buf_release(&text);
}

/* While the first count files are there. */
static int see(struct mi_saved *saved, const struct mi_gtid_set *seen, size_t count,
               struct mi_err *err)
{
	struct mi_buf path = {0}, new = {0}, text = {0};
	int fd, ret = -1;

	mi_buf_addf(&path, "%s/seen", saved->folder);
	mi_buf_addf(&new, "%s/seen.new", saved->folder);
	mi_buf_addf(&text, "%06u ", newest(saved, count));
	mi_gtid_print(seen, &text);
	fd = open(mi_buf_cstr(&new), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && mi_fd_write(fd, text.data, text.len, err) == 0)
		ret = 0;
	if (fd >= 0 && close(fd) != 0)
		ret = -1;
	if (ret != 0 || rename(mi_buf_cstr(&new), mi_buf_cstr(&path)) != 0)
		ret = mi_fail_errno(err, MI_IO, errno, "%s", mi_buf_cstr(&path));
	if (ret == 0) {
		mi_gtid_free(saved->seen);
		saved->seen = mi_gtid_copy(seen);
	}
	mi_buf_release(&path);
	mi_buf_release(&new);
	mi_buf_release(&text);
	return ret;
}

int mi_saved_see(struct mi_saved *saved, const struct mi_gtid_set *seen, struct mi_err *err)
{
	return see(saved, seen, saved->count, err);
}

bool mi_saved_is_compact(const struct mi_saved *saved)
{
	return saved->count == 1 && saved->files[0].base;
}

const struct mi_gtid_set *mi_saved_as_of(const struct mi_saved *saved)
{
	return saved->as_of;
}

const struct mi_gtid_set *mi_saved_seen(const struct mi_saved *saved)
{
	return saved->seen;
}

int mi_saved_open(struct mi_saved **out, const char *folder, const struct mi_saved_server *server,
                  struct mi_err *err)
{
	struct mi_saved *saved;
	struct mi_buf path = {0};
	int lock = -1, ret;
	DIR *dir;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return mi_fail_errno(err, MI_CONFIG, errno, "--definitions=%s", folder);
	mi_buf_addf(&path, "%s/lock", folder);
	ret = mi_lock_file(mi_buf_cstr(&path), &lock, err);
	mi_buf_release(&path);
	if (ret != 0)
		return mi_within(err, "--definitions=%s", folder);
	dir = opendir(folder);
	if (!dir) {
		(void)close(lock);
		return mi_fail_errno(err, MI_CONFIG, errno, "--definitions=%s", folder);
	}
	saved = mi_alloc(sizeof *saved);
	saved->folder = mi_strdup(folder);
	saved->server = *server;
	saved->lock = lock;
	saved->fd = -1;
	list(saved, dir);
	read_seen(saved);
	(void)closedir(dir);
	*out = saved;
	return 0;
}

static void drop_writer(struct mi_saved *saved)
{
	mi_writer_free(saved->control);
	mi_stream_free(saved->stream);
	saved->control = NULL;
	saved->stream = NULL;
	if (saved->fd >= 0)
		(void)close(saved->fd);
	saved->fd = -1;
}

void mi_saved_close(struct mi_saved *saved)
{
	if (!saved)
		return;
	drop_writer(saved);
	mi_gtid_free(saved->as_of);
	mi_gtid_free(saved->seen);
	(void)close(saved->lock);
	free(saved->files);
	free(saved->folder);
	free(saved);
}

static void remove_file(const struct mi_saved *saved, const struct file *file)
{
	struct mi_buf path = {0};

	add_path(saved, file, "", &path);
	(void)unlink(mi_buf_cstr(&path)); /* one that stays is looked at again next time */
	mi_buf_release(&path);
}

/* ---- Reading ---- */

struct reading {
	const struct mi_saved_reader *reader; /* NULL: only the header is of interest */
	struct mi_gtid_set *as_of;
	const struct mi_saved *saved;
	bool foreign; /* it is another server's */
};

static int on_header(void *user, const struct mi_stream_header *header, struct mi_err *err)
{
	struct reading *reading = user;

	if (header->kind != MI_STREAM_SCHEMA)
		return mi_fail(err, MI_DATA, "it is no schema stream");
	reading->foreign = !reading->saved->server.told_by_gtids &&
	                   strcmp(header->server, reading->saved->server.identity) != 0;
	mi_gtid_free(reading->as_of);
	return mi_gtid_parse(mi_span_str(header->low), &reading->as_of, err);
}

static int on_table(void *user, const struct mi_table *table, struct mi_err *err)
{
	const struct reading *reading = user;

	return reading->reader ? reading->reader->table(reading->reader->user, table, err) : 0;
}

static int on_ddl(void *user, const struct mi_ddl *ddl, struct mi_err *err)
{
	const struct reading *reading = user;

	(void)err;
	if (reading->reader)
		reading->reader->gone(reading->reader->user, ddl->db, ddl->object);
	return 0;
}

static int read_file(const struct mi_saved *saved, const struct file *file, struct reading *reading,
                     struct mi_err *err)
{
	static const struct mi_stream_ops ops = {
	    .header = on_header, .table = on_table, .ddl = on_ddl, .end = mi_ignore_end};
	struct mi_buf path = {0};
	int fd, ret = -1;

	add_path(saved, file, "", &path);
	fd = open(mi_buf_cstr(&path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		(void)mi_fail_errno(err, MI_DATA, errno, "%s", mi_buf_cstr(&path));
	else if (mi_parse_stream(fd, &ops, reading, err) != 0)
		(void)mi_within(err, "%s", mi_buf_cstr(&path));
	else
		ret = 0;
	if (fd >= 0)
		(void)close(fd);
	mi_buf_release(&path);
	return ret;
}

/* How many of the files, from the first on, are for this position. */
static int count_files(const struct mi_saved *saved, const struct mi_gtid_set *position,
                       size_t *count, struct mi_err *err)
{
	struct reading reading = {.saved = saved};
	bool counts = true;
	int ret = 0;

	for (*count = 0; *count < saved->count && counts && ret == 0; *count += counts) {
		ret = read_file(saved, &saved->files[*count], &reading, err);
		counts =
		    ret == 0 && !reading.foreign && mi_gtid_contains(position, reading.as_of);
	}
	if (reading.foreign)
		mi_warn("the definitions in %s are another server's, and are not used",
		        saved->folder);
	mi_gtid_free(reading.as_of);
	return ret;
}

/* The newest base among the first count files, as its index + 1; 0: there is none. */
static size_t base_of(const struct mi_saved *saved, size_t count)
{
	while (count > 0 && !saved->files[count - 1].base)
		count--;
	return count;
}

static int require_all(const struct mi_saved *saved, size_t first, size_t count, struct mi_err *err)
{
	for (size_t i = first; i < count; i++) {
		if (saved->files[i].number == saved->files[i - 1].number + 1)
			continue;
		(void)mi_fail(err, MI_DATA, "%s/%06u.mi is missing", saved->folder,
		              saved->files[i - 1].number + 1);
		return mi_hint(err, "bring it back, or remove the folder: the definitions are then "
		                    "asked of the source");
	}
	return 0;
}

int mi_saved_read(struct mi_saved *saved, const struct mi_gtid_set *position,
                  const struct mi_saved_reader *reader, bool *found, struct mi_err *err)
{
	struct reading reading = {.reader = reader, .saved = saved};
	size_t count, first;
	int ret = 0;

	if (count_files(saved, position, &count, err) != 0)
		return -1;
	first = base_of(saved, count);
	*found = first > 0;
	if (!*found)
		count = 0;
	else if (require_all(saved, first, count, err) != 0)
		return -1;
	for (size_t i = first; i <= count && *found && ret == 0; i++)
		ret = read_file(saved, &saved->files[i - 1], &reading, err);
	mi_gtid_free(saved->as_of);
	saved->as_of = reading.as_of;
	/* what goes away was seen, and is not any more */
	if (ret == 0 && saved->seen && mi_gtid_contains(saved->seen, position))
		ret = see(saved, position, count, err);
	while (ret == 0 && saved->count > count)
		remove_file(saved, &saved->files[--saved->count]);
	return ret;
}

/* ---- Writing ---- */

int mi_saved_begin(struct mi_saved *saved, bool base, const struct mi_gtid_set *as_of,
                   struct mi_err *err)
{
	struct mi_stream_header header = {.kind = MI_STREAM_SCHEMA,
	                                  .server = saved->server.identity};
	struct mi_buf set = {0}, path = {0};
	int ret = -1;

	saved->now = (struct file){newest(saved, saved->count) + 1, base};
	add_path(saved, &saved->now, ".new", &path);
	saved->fd = open(mi_buf_cstr(&path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (saved->fd < 0) {
		(void)mi_fail_errno(err, MI_IO, errno, "%s", mi_buf_cstr(&path));
	} else {
		mi_gtid_print(as_of, &set);
		header.low = mi_buf_cstr(&set);
		saved->stream = mi_stream_new(saved->fd, 1);
		saved->control = mi_writer_new(saved->stream, MI_FRAME_CONTROL);
		ret = mi_stream_begin(saved->stream, &header, err);
	}
	mi_buf_release(&set);
	mi_buf_release(&path);
	return ret;
}

int mi_saved_table(struct mi_saved *saved, const struct mi_table *table, struct mi_err *err)
{
	return mi_record_table(saved->control, table, err);
}

int mi_saved_gone(struct mi_saved *saved, const char *db, const char *name, struct mi_err *err)
{
	const struct mi_ddl ddl = {.section = "pre",
	                           .kind = "table",
	                           .db = db,
	                           .object = name,
	                           .name = "",
	                           .text = "DROP"};

	return mi_record_ddl(saved->control, &ddl, err);
}

/* On the disk with its content, then under its name, then the name on the disk. */
static int settle(struct mi_saved *saved, struct mi_err *err)
{
	struct mi_buf from = {0}, to = {0};
	int folder = -1, ret = -1;

	add_path(saved, &saved->now, ".new", &from);
	add_path(saved, &saved->now, "", &to);
	if (fsync(saved->fd) == 0 && rename(mi_buf_cstr(&from), mi_buf_cstr(&to)) == 0 &&
	    (folder = open(saved->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0 &&
	    fsync(folder) == 0)
		ret = 0;
	else
		(void)mi_fail_errno(err, MI_IO, errno, "%s", mi_buf_cstr(&to));
	if (folder >= 0)
		(void)close(folder);
	mi_buf_release(&from);
	mi_buf_release(&to);
	return ret;
}

int mi_saved_end(struct mi_saved *saved, struct mi_err *err)
{
	if (mi_writer_flush(saved->control, err) != 0 || mi_stream_end(saved->stream, err) != 0 ||
	    settle(saved, err) != 0)
		return -1;
	drop_writer(saved);
	*(struct file *)mi_array_add(&saved->files, &saved->count, sizeof *saved->files) =
	    saved->now;
	return 0;
}

/* ---- How many ---- */

size_t mi_saved_increments(const struct mi_saved *saved)
{
	return saved->count - base_of(saved, saved->count);
}

int mi_saved_trim(struct mi_saved *saved, const struct mi_gtid_set *position, struct mi_err *err)
{
	size_t count, superfluous;

	if (count_files(saved, position, &count, err) != 0)
		return -1;
	superfluous = base_of(saved, count);
	if (superfluous < 2)
		return 0;
	superfluous--;
	for (size_t i = 0; i < superfluous; i++)
		remove_file(saved, &saved->files[i]);
	saved->count -= superfluous;
	memmove(saved->files, saved->files + superfluous, saved->count * sizeof *saved->files);
	return 0;
}
