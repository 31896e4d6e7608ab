/* Numbers as servers print them, turned into their stream form. Pure text to text, no allocation,
 * independent of the locale as long as nobody calls setlocale(3) (no tool does). */
#ifndef MI_TABLE_NUMBER_H
#define MI_TABLE_NUMBER_H

#include "base/buf.h"

#include <stdbool.h>

enum { MI_NUMBER_ROOM = 64 };

/* True when text has digits, signs, points and e or E only, and at least one of them. Numbers go
 * into statements without quotes, so whatever else stands in their place must be refused. */
bool mi_number_is_plain(struct mi_span text);

/* INT, YEAR and DECIMAL text without the zeros that ZEROFILL (or YEAR 0000) puts in front:
 * "00042" is "42", "000.50" is "0.50". The span lies within the given one. */
struct mi_span mi_number_trim(struct mi_span text);

/* FLOAT: text is the server's text of the float widened to a double (`f`*1e0), which names it
 * exactly. The result has the fewest significant digits that still read back as the same float by
 * (float)strtod, which is how servers read it; it is text itself or lies in room. */
struct mi_span mi_float_shorten(struct mi_span text, char room[MI_NUMBER_ROOM]);

/* The other way: turns FLOAT's stream form into text that a server accepts. The result is text
 * itself, except for the greatest float of either sign: its shortest text names a double above
 * FLT_MAX, which servers refuse as out of range instead of rounding it. For that float the result
 * is a constant. */
struct mi_span mi_float_for_server(struct mi_span text);

#endif
