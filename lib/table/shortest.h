/* The shortest text of a floating-point number that reads back as the same number, in the form in
 * which MySQL prints it. */
#ifndef MI_TABLE_SHORTEST_H
#define MI_TABLE_SHORTEST_H

#include "base/buf.h"

enum { MI_SHORTEST_ROOM = 48 };

/* Fewest significant digits d with strtod(text) == value; among those the nearest. Without an
 * exponent where at most 15 digits stand before the point or 14 zeros behind it, else "1.5e-20",
 * "1e22". The span lies in room. Infinities and NaN, which servers do not store, print as such. */
struct mi_span mi_double_shortest(double value, char room[MI_SHORTEST_ROOM]);

/* The same with (float)strtod(text) == value, which is how servers read a FLOAT. */
struct mi_span mi_float_shortest(float value, char room[MI_SHORTEST_ROOM]);

#endif
