#include "protocol/response.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/reply.h"

enum state {
	ENDED,
	/* what comes next in each of the others: */
	ONE,     /* a single OK, EOF or ERR */
	TEXT,    /* a single packet of text, or ERR */
	RESULT,  /* OK, ERR, a request for a file, or a result set's column count */
	COLUMNS, /* a result set's column definitions */
	COLUMNS_EOF,
	ROWS,
	FETCHED,     /* rows of a cursor */
	FIELDS,      /* column definitions without a count */
	PREPARED,    /* the first packet of a prepare's answer */
	DEFINITIONS, /* of a prepared statement's parameters, then of its columns */
	DEFINITIONS_EOF,
	FILE_COMES, /* nothing, until the client has sent its file */
};

enum { COLUMNS_MAX = 65535, PROGRESS = 0xffff };

bool mi_response_expected(uint8_t command)
{
	return command != MI_COM_QUIT && command != MI_COM_STMT_CLOSE &&
	       command != MI_COM_STMT_SEND_LONG_DATA;
}

static enum state first_state(uint8_t command)
{
	switch (command) {
	case MI_COM_QUERY:
	case MI_COM_STMT_EXECUTE:
	case MI_COM_STMT_BULK_EXECUTE:
		return RESULT;
	case MI_COM_STMT_FETCH:
		return FETCHED;
	case MI_COM_STMT_PREPARE:
		return PREPARED;
	case MI_COM_FIELD_LIST:
		return FIELDS;
	case MI_COM_STATISTICS:
		return TEXT;
	default:
		return ONE;
	}
}

void mi_response_begin(struct mi_response *response, uint8_t command, bool deprecate_eof)
{
	*response = (struct mi_response){.command = command, .deprecate_eof = deprecate_eof};
	response->state = (uint8_t)first_state(command);
}

void mi_response_file_sent(struct mi_response *response)
{
	response->state = RESULT;
}

/* The packet at the front of the bytes that are here. */
struct head {
	uint32_t len;
	const unsigned char *payload; /* its first byte is there, when len > 0 */
	size_t have;                  /* bytes of the payload that are there */
};

static bool is_whole(const struct head *head)
{
	return head->have == head->len;
}

/* The status flags of an OK, after its header byte. */
static bool ok_status(const struct head *head, uint16_t *status)
{
	struct mi_bytes in = mi_bytes(mi_span(head->payload, head->len));

	(void)mi_take_u8(&in);
	(void)mi_take_lenenc(&in);
	(void)mi_take_lenenc(&in);
	*status = mi_take_u16(&in);
	return !in.bad;
}

/* An OK. may_go_on: another result may follow it. MI_RESPONSE_SHORT until the packet is whole. */
static enum mi_response_part report_ok(struct mi_response *response, const struct head *head,
                                       bool may_go_on)
{
	uint16_t status;

	if (!is_whole(head))
		return MI_RESPONSE_SHORT;
	if (!ok_status(head, &status))
		return MI_RESPONSE_BAD;
	response->state = may_go_on && status & MI_STATUS_MORE_RESULTS ? RESULT : ENDED;
	return MI_RESPONSE_OK;
}

static enum mi_response_part report_eof(struct mi_response *response, const struct head *head,
                                        bool may_go_on)
{
	if (head->len != 5)
		return MI_RESPONSE_BAD;
	if (!is_whole(head))
		return MI_RESPONSE_SHORT;
	response->state =
	    may_go_on && mi_get_u16(head->payload + 3) & MI_STATUS_MORE_RESULTS ? RESULT : ENDED;
	return MI_RESPONSE_EOF;
}

static enum mi_response_part report_err(struct mi_response *response, const struct head *head)
{
	if (head->len < 3)
		return MI_RESPONSE_BAD;
	if (!is_whole(head))
		return MI_RESPONSE_SHORT;
	response->state = ENDED;
	return MI_RESPONSE_ERR;
}

/* A packet that begins with 0xfe and ends rows: an OK under DEPRECATE_EOF, else an EOF. */
static enum mi_response_part report_end(struct mi_response *response, const struct head *head,
                                        bool may_go_on)
{
	/* an OK has at least 7 bytes; a shorter packet is an EOF, with which some commands
	 * (COM_SET_OPTION) are answered under DEPRECATE_EOF, too */
	if (response->deprecate_eof && head->len >= 7)
		return report_ok(response, head, may_go_on);
	return report_eof(response, head, may_go_on);
}

static enum mi_response_part on_result(struct mi_response *response, const struct head *head)
{
	struct mi_bytes in;
	uint64_t count;

	if (head->payload[0] == 0)
		return report_ok(response, head, true);
	if (head->payload[0] == 0xfb && response->command == MI_COM_QUERY) {
		if (!is_whole(head))
			return MI_RESPONSE_SHORT;
		response->state = FILE_COMES;
		return MI_RESPONSE_FILE;
	}
	if (head->len > 9)
		return MI_RESPONSE_BAD;
	if (!is_whole(head))
		return MI_RESPONSE_SHORT;
	in = mi_bytes(mi_span(head->payload, head->len));
	count = mi_take_lenenc(&in);
	if (in.bad || in.len || count == 0 || count > COLUMNS_MAX)
		return MI_RESPONSE_BAD;
	response->columns = (uint32_t)count;
	response->state = COLUMNS;
	return MI_RESPONSE_PASS;
}

static enum mi_response_part on_columns_eof(struct mi_response *response, const struct head *head)
{
	enum mi_response_part part = MI_RESPONSE_EOF_BETWEEN;

	if (head->payload[0] != 0xfe || head->len != 5)
		return MI_RESPONSE_BAD;
	if (!is_whole(head))
		return MI_RESPONSE_SHORT;
	response->state = ROWS;
	if (response->cursor && mi_get_u16(head->payload + 3) & MI_STATUS_CURSOR_EXISTS)
		part = report_eof(response, head, true);
	return part;
}

static enum mi_response_part on_row(struct mi_response *response, const struct head *head)
{
	bool ends = response->deprecate_eof ? mi_reply_ends_rows(0xfe, head->len) : head->len < 9;

	if (head->payload[0] == 0xfe && ends)
		return report_end(response, head, response->state == ROWS);
	return MI_RESPONSE_PASS;
}

static void next_definitions(struct mi_response *response)
{
	response->columns = response->later;
	response->later = 0;
	response->state = response->columns ? DEFINITIONS : ENDED;
}

static enum mi_response_part on_prepared(struct mi_response *response, const struct head *head)
{
	if (head->payload[0] != 0 || head->len < 12)
		return MI_RESPONSE_BAD;
	if (!is_whole(head))
		return MI_RESPONSE_SHORT;
	response->later = mi_get_u16(head->payload + 7);
	next_definitions(response);
	if (response->state == ENDED) {
		response->later = mi_get_u16(head->payload + 5);
		next_definitions(response);
	} else {
		response->later = mi_get_u16(head->payload + 5);
	}
	return MI_RESPONSE_PREPARED;
}

static enum mi_response_part on_definition(struct mi_response *response)
{
	if (--response->columns > 0)
		return MI_RESPONSE_PASS;
	if (response->state == COLUMNS)
		response->state = response->deprecate_eof ? ROWS : COLUMNS_EOF;
	else if (!response->deprecate_eof)
		response->state = DEFINITIONS_EOF;
	else
		next_definitions(response);
	return MI_RESPONSE_PASS;
}

static enum mi_response_part on_definitions_eof(struct mi_response *response,
                                                const struct head *head)
{
	if (head->payload[0] != 0xfe || head->len != 5)
		return MI_RESPONSE_BAD;
	if (!is_whole(head))
		return MI_RESPONSE_SHORT;
	next_definitions(response);
	return MI_RESPONSE_EOF_BETWEEN;
}

/* MariaDB's progress reports have the form of an ERR with a code of their own, and the answer goes
 * on behind them. */
static enum mi_response_part on_err(struct mi_response *response, const struct head *head)
{
	if (head->len >= 3 && head->have < 3)
		return MI_RESPONSE_SHORT;
	if (head->len >= 3 && mi_get_u16(head->payload + 1) == PROGRESS)
		return MI_RESPONSE_PASS;
	return report_err(response, head);
}

static enum mi_response_part on_packet(struct mi_response *response, const struct head *head)
{
	if (head->len == 0)
		return MI_RESPONSE_BAD;
	if (head->payload[0] == 0xff && head->len < MI_PACKET_MAX)
		return on_err(response, head);
	switch ((enum state)response->state) {
	case RESULT:
		return on_result(response, head);
	case COLUMNS:
	case DEFINITIONS:
		return on_definition(response);
	case COLUMNS_EOF:
		return on_columns_eof(response, head);
	case ROWS:
	case FETCHED:
		return on_row(response, head);
	case FIELDS:
		return head->payload[0] == 0xfe ? report_end(response, head, false)
		                                : MI_RESPONSE_PASS;
	case ONE:
		if (head->payload[0] == 0)
			return report_ok(response, head, false);
		return head->payload[0] == 0xfe ? report_end(response, head, false)
		                                : MI_RESPONSE_BAD;
	case TEXT:
		response->state = ENDED;
		return MI_RESPONSE_PASS;
	case PREPARED:
		return on_prepared(response, head);
	case DEFINITIONS_EOF:
		return on_definitions_eof(response, head);
	case FILE_COMES:
	case ENDED:
		break;
	}
	return MI_RESPONSE_BAD;
}

/* The packet at the address at, of which have bytes are here. *taken is how many of them were
 * taken. */
static enum mi_response_part one_packet(struct mi_response *response, const unsigned char *at,
                                        size_t have, size_t *taken)
{
	enum mi_response_part part = MI_RESPONSE_PASS;
	struct head head;

	if (have < MI_PACKET_HEADER)
		return MI_RESPONSE_SHORT;
	head.len = mi_packet_len(at);
	head.payload = at + MI_PACKET_HEADER;
	head.have = have - MI_PACKET_HEADER;
	if (head.have > head.len)
		head.have = head.len;
	if (!response->continued) {
		if (head.len > 0 && head.have == 0)
			return MI_RESPONSE_SHORT;
		part = on_packet(response, &head);
	}
	if (part == MI_RESPONSE_SHORT || part == MI_RESPONSE_BAD)
		return part;
	response->seq = mi_packet_seq(at);
	response->continued = head.len == MI_PACKET_MAX;
	response->left = head.len - (uint32_t)head.have;
	*taken = MI_PACKET_HEADER + head.have;
	return part;
}

static bool goes_on(const struct mi_response *response)
{
	return !mi_response_ended(response) && response->state != FILE_COMES;
}

enum mi_response_part mi_response_next(struct mi_response *response, struct mi_span bytes,
                                       size_t *len)
{
	const unsigned char *at = (const unsigned char *)bytes.data;
	size_t passed = 0;

	*len = 0;
	if (response->left > 0) {
		passed = bytes.len < response->left ? bytes.len : response->left;
		response->left -= (uint32_t)passed;
	}
	/* neighbouring packets that are only passed on make one part */
	while (passed < bytes.len && goes_on(response)) {
		struct mi_response before = *response;
		size_t taken = 0;
		enum mi_response_part part =
		    one_packet(response, at + passed, bytes.len - passed, &taken);

		if (part == MI_RESPONSE_PASS) {
			passed += taken;
			continue;
		}
		/* first what may be passed: the next call comes to this packet again */
		if (passed > 0) {
			*response = before;
			break;
		}
		*len = taken;
		return part;
	}
	*len = passed;
	return passed > 0 ? MI_RESPONSE_PASS : MI_RESPONSE_SHORT;
}
