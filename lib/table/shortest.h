/* The shortest text of a floating-point number that reads back as the same number, in the form in
 * which MySQL prints it. */
#ifndef MI_TABLE_SHORTEST_H
#define MI_TABLE_SHORTEST_H

#include "base/buf.h"

enum { MI_SHORTEST_ROOM = 48 };

/* The text with the fewest significant digits for which strtod(text) == value; among several such
 * texts the one nearest to value. It has an exponent ("1.5e-20", "1e22") when it would have more
 * than 14 zeros right after the point, or is a whole number of more than 15 digits. The span lies
 * in room. Infinities and NaN, which servers do not store, come out as from printf's %g. */
struct mi_span mi_double_shortest(double value, char room[MI_SHORTEST_ROOM]);

/* Like mi_double_shortest, with (float)strtod(text) == value, which is how servers read a FLOAT. */
struct mi_span mi_float_shortest(float value, char room[MI_SHORTEST_ROOM]);

#endif
