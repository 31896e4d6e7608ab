/* Bytes as hexadecimal digits, and back. */
#ifndef MI_BASE_HEX_H
#define MI_BASE_HEX_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

enum { MI_UUID = 16, MI_UUID_TEXT = 36 }; /* bytes of a UUID, and of its text without a NUL */

/* The digits to write with. */
extern const char mi_hex_lower[17], mi_hex_upper[17];

/* What a digit stands for, capital or small: 0 to 15; -1: not a digit. */
int mi_hex_digit(char c);

/* Reads exactly len bytes from 2 * len digits, capital or small. False when text is anything else;
 * bytes are then undefined. */
MI_MUST bool mi_hex_read(struct mi_span text, void *bytes, size_t len);

/* Writes 2 * len digits, and no NUL. digits is one of the two above. */
void mi_hex_write(char *text, const void *bytes, size_t len, const char *digits);
/* Appends them to out. */
void mi_hex_add(struct mi_buf *out, struct mi_span bytes, const char *digits);

/* Writes the MI_UUID_TEXT characters of a UUID of MI_UUID bytes, 8-4-4-4-12 small digits, no NUL.
 */
void mi_uuid_write(char *text, const void *uuid);

/* Reads a UUID's text at the beginning of text, with capital or small digits; what follows it is
 * not looked at. False: there is none. */
MI_MUST bool mi_uuid_read(struct mi_span text, void *uuid);

#endif
