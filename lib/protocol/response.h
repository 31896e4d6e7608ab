/* Where a server's answer to a command ends, and which of its packets a relay must know of. A pure
 * state machine over bytes: it copies nothing, and needs only those packets whole that it reports
 * or whose numbers it reads (OK, EOF, ERR, a column count, a request for a file, the first packet
 * of a prepare).
 *
 * Source: "Command Phase", "Text Resultset", "COM_STMT_PREPARE Response", "Binary Protocol
 * Resultset", "LOCAL INFILE Request" of MySQL's protocol documentation. */
#ifndef MI_PROTOCOL_RESPONSE_H
#define MI_PROTOCOL_RESPONSE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_response {
	uint8_t state;   /* enum state of response.c; 0: ended */
	uint8_t command; /* enum mi_command */
	bool deprecate_eof;
	bool cursor;      /* the COM_STMT_EXECUTE asks for one: set by the caller, after begin */
	bool continued;   /* the last packet was full: the next one carries on its payload */
	uint8_t seq;      /* sequence number of the last packet begun */
	uint32_t left;    /* bytes still to be passed of a packet that has begun */
	uint32_t columns; /* definitions still to come in this block */
	uint32_t later;   /* definitions in the second block of a prepare's answer */
};

/* Begins the answer to a command that has one (mi_response_expected). deprecate_eof: the connection
 * has MI_CAP_DEPRECATE_EOF. */
void mi_response_begin(struct mi_response *response, uint8_t command, bool deprecate_eof);
/* False for the commands without an answer: COM_QUIT, COM_STMT_CLOSE, COM_STMT_SEND_LONG_DATA. */
bool mi_response_expected(uint8_t command);
static inline bool mi_response_ended(const struct mi_response *response)
{
	return response->state == 0 && response->left == 0 && !response->continued;
}

enum mi_response_part {
	MI_RESPONSE_SHORT, /* nothing taken: more bytes are needed behind those that are here */
	MI_RESPONSE_PASS,  /* these bytes are to be passed on as they are */
	/* the next six are one whole packet each, header included */
	MI_RESPONSE_EOF_BETWEEN, /* an EOF behind definitions, before rows or further definitions */
	MI_RESPONSE_OK,
	MI_RESPONSE_EOF, /* an EOF that ends rows, or answers the command */
	MI_RESPONSE_ERR,
	MI_RESPONSE_PREPARED, /* the first packet of a prepare's answer */
	MI_RESPONSE_FILE,     /* the server asks for a local file; see mi_response_file_sent */
	MI_RESPONSE_BAD,      /* the bytes are no answer to the command */
};

/* Takes the next part off the front of bytes: *len is its length, by which the caller moves on. To
 * be called until MI_RESPONSE_SHORT or MI_RESPONSE_BAD, or until mi_response_ended. A packet that
 * is reported must be here whole: MI_RESPONSE_SHORT then asks for all of it, up to 2^24 + 3
 * bytes. */
enum mi_response_part mi_response_next(struct mi_response *response, struct mi_span bytes,
                                       size_t *len);

/* To be called after MI_RESPONSE_FILE, when the client's file has been sent whole: the answer goes
 * on with OK or ERR. Until then mi_response_next looks at nothing, and returns
 * MI_RESPONSE_SHORT. */
void mi_response_file_sent(struct mi_response *response);

/* True between two packets of the answer, where an ERR of the relay's own may be put. */
static inline bool mi_response_at_boundary(const struct mi_response *response)
{
	return response->left == 0 && !response->continued;
}

#endif
