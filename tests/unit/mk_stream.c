/* mk_stream [ROWS [BLOB-BYTES [LEVEL]]]: writes the sample stream of sample.h to standard output.
 */
#include "base/err.h"
#include "base/msg.h"
#include "sample.h"

#include <unistd.h>

int main(int argc, char **argv)
{
	struct mi_err err = {0};
	uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 3;
	size_t blob = argc > 2 ? strtoull(argv[2], NULL, 10) : 5;
	int level = argc > 3 ? atoi(argv[3]) : 1;

	mi_msg_init(argv[0]);
	if (sample_rows_stream(STDOUT_FILENO, level, rows, blob, 0, &err) != 0)
		return mi_report(&err);
	return 0;
}
