#include "stream/opts.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/words.h"

#include <unistd.h>

int mi_stream_opt_check(struct mi_stream_opts *opts, bool is_stream, const char *otherwise)
{
	static const char *const jsons[] = {"exact", "text", NULL};
	int json = opts->json ? mi_word_index(mi_span_str(opts->json), jsons) : 0;

	if (is_stream && isatty(STDOUT_FILENO))
		return mi_usage_error("a stream is nothing for a terminal: send it into a file or "
		                      "pipe%s",
		                      otherwise);
	if (json < 0)
		return mi_usage_error("--json=%s is neither exact nor text", opts->json);
	opts->json_as_text = json == 1;
	if (!opts->import_id)
		opts->import_id = "";
	return MI_OK;
}
