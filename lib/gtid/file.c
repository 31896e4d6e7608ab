#include "gtid/file.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/savefile.h"
#include "gtid/gtid.h"

#include <errno.h>
#include <unistd.h>

static int parse_file(const char *path, struct mi_span text, struct mi_gtid_set **set,
                      struct mi_err *err)
{
	if (text.len == 0) {
		(void)mi_fail(err, MI_CONFIG, "%s is empty: it says no position", path);
		return mi_hint(err, "a checkpoint is written whole; something else emptied it");
	}
	if (mi_gtid_parse(text, set, err) != 0) {
		err->code = MI_CONFIG;
		return mi_within(err, "%s", path);
	}
	return 0;
}

int mi_checkpoint_file_load(const char *path, enum mi_checkpoint_absent absent,
                            struct mi_gtid_set **set, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret = -1;

	if (access(path, F_OK) != 0 && errno == ENOENT) {
		if (absent == MI_CHECKPOINT_MUST_BE)
			return mi_fail(err, MI_CONFIG, "there is no checkpoint file %s", path);
		*set = mi_gtid_new();
		return 0;
	}
	if (mi_read_file(path, MI_CHECKPOINT_MAX, &text, err) == 0)
		ret = parse_file(path, mi_buf_span(&text), set, err);
	mi_buf_release(&text);
	return ret;
}

int mi_checkpoint_file_store(const char *path, const struct mi_gtid_set *set, struct mi_err *err)
{
	struct mi_buf text = {0};
	int ret;

	mi_gtid_print(set, &text);
	mi_buf_add_char(&text, '\n');
	ret = mi_save_file(path, mi_buf_span(&text), 0644, err);
	mi_buf_release(&text);
	return ret;
}
