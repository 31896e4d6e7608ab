/* What a progress line and the metrics say, and that the thread ends and leaves its file. */
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/msg.h"
#include "program/progress.h"
#include "t.h"

#include <stdlib.h>
#include <unistd.h>

static void text(struct mi_progress_now now, const char *want)
{
	struct mi_buf out = {0};

	mi_progress_text(&now, &out);
	CHECK_STR(mi_buf_cstr(&out), want, want);
	mi_buf_release(&out);
}

static void texts(void)
{
	text((struct mi_progress_now){0}, "0 rows, 0 B, 0 rows/s, 0 B/s");
	text((struct mi_progress_now){.rows = 999, .bytes = 1023, .row_rate = 1, .byte_rate = 1024},
	     "999 rows, 1023 B, 1 rows/s, 1.0 KiB/s");
	text((struct mi_progress_now){.rows = 1200000,
	                              .bytes = 230 << 20,
	                              .all_rows = 4000000,
	                              .all_bytes = 460 << 20,
	                              .row_rate = 120000,
	                              .byte_rate = 10 << 20},
	     "1.2M of 4.0M rows (50%), 230 MiB, 120k rows/s, 10 MiB/s, 0:23 left");
	text((struct mi_progress_now){.rows = 100, .all_rows = 50, .row_rate = 2},
	     "100 rows, 0 B, 2 rows/s, 0 B/s");
	text((struct mi_progress_now){.rows = 1, .all_rows = 40001, .row_rate = 4},
	     "1 of 40k rows (0%), 0 B, 4 rows/s, 0 B/s, 2:46:40 left");
	text((struct mi_progress_now){.rows = UINT64_MAX, .bytes = UINT64_MAX},
	     "18E rows, 16 EiB, 0 rows/s, 0 B/s");
}

static void file(void)
{
	char path[] = "/tmp/t_program_progress.XXXXXX";
	int fd = mkstemp(path);
	struct mi_progress *progress = NULL;
	struct mi_err err = {0};
	struct mi_buf out = {0};

	if (fd >= 0)
		(void)close(fd);
	CHECK(mi_progress_start(&progress, "did", "/nowhere/at/all", &err) != 0 &&
	          err.code == MI_IO,
	      "a file that cannot be written fails at once: %s", err.text);
	CHECK(mi_progress_start(&progress, "did", path, &err) == 0, "starts");
	mi_progress_expect(progress, 10, 1000);
	mi_progress_add(progress, 7, 700);
	mi_progress_stop(progress, true);
	CHECK(mi_read_file(path, 1 << 20, &out, &err) == 0, "left its file");
	CHECK(strstr(mi_buf_cstr(&out), "mi_rows_total{tool=\"t_program_progress\"} 7\n") != NULL,
	      "rows");
	CHECK(strstr(out.data, "mi_bytes_expected{tool=\"t_program_progress\"} 1000\n") != NULL,
	      "all");
	CHECK(strstr(out.data, "mi_finished{tool=\"t_program_progress\"} 1\n") != NULL, "finished");
	(void)unlink(path);
	mi_buf_release(&out);
}

int main(int argc, char **argv)
{
	(void)argc;
	mi_msg_init(argv[0]);
	mi_msg_set_verbosity(0);
	texts();
	file();
	mi_progress_stop(NULL, false);
	DONE();
}
