#include "base/buf.h"
#include "base/err.h"
#include "gtid/file.h"
#include "gtid/gtid.h"
#include "t.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define U1 "3e11fa47-71ca-11e1-9e33-c80aa9429562"

static char dir[] = "/tmp/t_checkpoint.XXXXXX";
static char path[sizeof dir + 16];

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

static void refused(void)
{
	static const char *const bad[] = {"", "x\n", U1, U1 ":1-\n", "0-1-5\n0-1-6\n"};
	struct mi_gtid_set *set = NULL;
	struct mi_err err = {0};

	CHECK(mi_checkpoint_file_load(path, MI_CHECKPOINT_MUST_BE, &set, &err) != 0 &&
	          err.code == MI_CONFIG && !set,
	      "no file: %s", err.text);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		write_file(bad[i]);
		CHECK(mi_checkpoint_file_load(path, MI_CHECKPOINT_MAY_LACK, &set, &err) != 0 &&
		          err.code == MI_CONFIG && !set,
		      "refused: %s", err.text);
	}
	(void)unlink(path);
	CHECK(mi_checkpoint_file_load(dir, MI_CHECKPOINT_MAY_LACK, &set, &err) != 0 &&
	          err.code == MI_IO,
	      "a directory: %s", err.text);
}

static void absent_is_empty_when_asked(void)
{
	struct mi_gtid_set *set = NULL;
	struct mi_err err = {0};

	CHECK(mi_checkpoint_file_load(path, MI_CHECKPOINT_MAY_LACK, &set, &err) == 0 &&
	          mi_gtid_is_empty(set),
	      "no file is the empty set");
	mi_gtid_free(set);
}

static void there_and_back(const char *text)
{
	struct mi_gtid_set *set = NULL, *back = NULL;
	struct mi_err err = {0};
	struct stat st;

	if (mi_gtid_parse(mi_span_str(text), &set, &err) != 0)
		abort();
	CHECK(mi_checkpoint_file_store(path, set, &err) == 0, "stored '%s'", text);
	CHECK(mi_checkpoint_file_load(path, MI_CHECKPOINT_MUST_BE, &back, &err) == 0 &&
	          mi_gtid_equal(set, back),
	      "loaded again");
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0644, "everybody may read it");
	mi_gtid_free(set);
	mi_gtid_free(back);
}

static void store_failure_keeps_the_old(void)
{
	struct mi_gtid_set *set = mi_gtid_new(), *back = NULL;
	struct mi_err err = {0};
	char gone[sizeof path + 8];

	(void)snprintf(gone, sizeof gone, "%s/no/file", dir);
	CHECK(mi_checkpoint_file_store(gone, set, &err) != 0 && err.code == MI_IO,
	      "no such folder: %s", err.text);
	CHECK(mi_checkpoint_file_load(path, MI_CHECKPOINT_MUST_BE, &back, &err) == 0,
	      "the other file is whole");
	mi_gtid_free(set);
	mi_gtid_free(back);
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(path, sizeof path, "%s/applied.gtid", dir);
	refused();
	absent_is_empty_when_asked();
	there_and_back("");
	there_and_back(U1 ":1-5:7," U1 ":tag:1");
	there_and_back("0-1-100,7-2-3");
	store_failure_keeps_the_old();
	(void)unlink(path);
	return rmdir(dir) != 0 ? 1 : t_done();
}
