/* Where a server's answer to a command ends, and which of its packets mean something on the way. A
 * pure state machine over bytes: it copies nothing and needs no packet whole but the short ones
 * that it reports (OK, EOF, ERR, and the first packet of a prepare).
 *
 * Source: "Command Phase", "Text Resultset", "COM_STMT_PREPARE Response", "Binary Protocol
 * Resultset", "LOCAL INFILE Request" of MySQL's protocol documentation. */
#ifndef MI_PROTOCOL_RESPONSE_H
#define MI_PROTOCOL_RESPONSE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mi_response {
	uint8_t state; /* 0: ended */
	uint8_t command;
	bool deprecate_eof;
	bool cursor;      /* COM_STMT_EXECUTE asks for one: set after mi_response_begin */
	bool continued;   /* the packet before was full: the next only goes on with it */
	uint8_t seq;      /* of the last packet begun */
	uint32_t left;    /* of a packet that is being passed */
	uint32_t columns; /* definitions still to come in this block */
	uint32_t later;   /* those of the second block of a prepare */
};

/* Before the answer to a command, which has one (mi_response_expected). */
void mi_response_begin(struct mi_response *response, uint8_t command, bool deprecate_eof);
/* False: COM_QUIT, COM_STMT_CLOSE, COM_STMT_SEND_LONG_DATA have no answer. */
bool mi_response_expected(uint8_t command);
static inline bool mi_response_ended(const struct mi_response *response)
{
	return response->state == 0 && response->left == 0 && !response->continued;
}

enum mi_response_part {
	MI_RESPONSE_SHORT, /* nothing taken: more bytes are needed behind those that are there */
	MI_RESPONSE_PASS,  /* these bytes are to be passed on as they are */
	/* each of these is one packet, header included: */
	MI_RESPONSE_OK,
	MI_RESPONSE_EOF, /* the one that ends rows, or answers the command */
	MI_RESPONSE_ERR,
	MI_RESPONSE_PREPARED, /* the first packet of a prepare's answer */
	MI_RESPONSE_FILE,     /* the server asks for a local file; see mi_response_file_sent */
	MI_RESPONSE_BAD,      /* no answer looks like this */
};

/* Takes the next part from the front of bytes (which is not moved): *len is its length. Call until
 * MI_RESPONSE_SHORT or MI_RESPONSE_BAD, or until mi_response_ended. A packet that is reported must
 * be here whole: MI_RESPONSE_SHORT then asks for all of it, up to 2^24 + 3 bytes. */
enum mi_response_part mi_response_next(struct mi_response *response, struct mi_span bytes,
                                       size_t *len);

/* The client's file is all sent: the answer goes on with OK or ERR. Until then what the server
 * sends is not looked at (MI_RESPONSE_SHORT). */
void mi_response_file_sent(struct mi_response *response);

/* Between two packets, where an ERR of somebody else's may stand? */
static inline bool mi_response_at_boundary(const struct mi_response *response)
{
	return response->left == 0 && !response->continued;
}

#endif
