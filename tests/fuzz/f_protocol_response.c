/* A server's answer: the first byte chooses the command and its form. Whole and in two pieces it
 * must give the same parts; a cut may only make one pass of it two. */
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/query.h"
#include "protocol/response.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const uint8_t commands[] = {MI_COM_QUERY,      MI_COM_STMT_EXECUTE, MI_COM_STMT_PREPARE,
                                   MI_COM_STMT_FETCH, MI_COM_FIELD_LIST,   MI_COM_STATISTICS,
                                   MI_COM_PING,       MI_COM_SET_OPTION};

static void begin(struct mi_response *response, uint8_t choice)
{
	mi_response_begin(response, commands[choice & 7], choice & 8);
	response->cursor = choice & 16;
}

/* Returns how many bytes were taken; *reports counts the packets that mean something. */
static size_t walk(struct mi_response *response, struct mi_span bytes, size_t *reports, bool *bad)
{
	size_t taken = 0, len;

	while (!mi_response_ended(response) && !*bad) {
		enum mi_response_part part = mi_response_next(
		    response, mi_span(bytes.data + taken, bytes.len - taken), &len);

		if (part == MI_RESPONSE_SHORT)
			break;
		*bad = part == MI_RESPONSE_BAD;
		*reports += part != MI_RESPONSE_PASS;
		if (len > bytes.len - taken)
			abort();
		taken += len;
		if (part == MI_RESPONSE_FILE)
			mi_response_file_sent(response);
	}
	return taken;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size_t whole = 0, halves = 0, taken, cut;
	bool bad = false, bad_too = false;
	struct mi_response one, two;
	struct mi_span text;

	if (size < 2)
		return 0;
	(void)mi_query_text(mi_span(data + 1, size - 1), data[0] & 32 ? MI_CAP_QUERY_ATTRIBUTES : 0,
	                    &text);
	begin(&one, data[0]);
	two = one;
	cut = data[1] % (size - 1);
	(void)walk(&one, mi_span(data + 1, size - 1), &whole, &bad);
	taken = walk(&two, mi_span(data + 1, cut), &halves, &bad_too);
	if (!bad_too)
		(void)walk(&two, mi_span(data + 1 + taken, size - 1 - taken), &halves, &bad_too);
	if (whole != halves || bad != bad_too || one.state != two.state)
		abort();
	return 0;
}
