#include "table/number.h"
#include "base/buf.h"
#include "table/shortest.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

bool mi_number_is_plain(struct mi_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '+' && c != 'e' &&
		    c != 'E')
			return false;
	}
	return text.len > 0;
}

struct mi_span mi_number_trim(struct mi_span text)
{
	while (text.len > 1 && text.data[0] == '0' && isdigit((unsigned char)text.data[1])) {
		text.data++;
		text.len--;
	}
	return text;
}

struct mi_span mi_float_shorten(struct mi_span text, char room[MI_NUMBER_ROOM])
{
	double value;
	char *end;

	if (text.len == 0 || text.len >= MI_NUMBER_ROOM)
		return text;
	memcpy(room, text.data, text.len);
	room[text.len] = '\0';
	value = strtod(room, &end);
	if (end != room + text.len || (double)(float)value != value)
		return text;
	return mi_float_shortest((float)value, room);
}

struct mi_span mi_float_for_server(struct mi_span text)
{
	static const char greatest[] = "-3.4028234663852886e38";
	char copy[MI_NUMBER_ROOM];
	double value;

	/* the greatest float's text ends in e38 or e+38: other texts need no strtod */
	if (text.len < 4 || text.len >= sizeof copy || text.data[text.len - 1] != '8' ||
	    text.data[text.len - 2] != '3')
		return text;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	value = strtod(copy, NULL);
	if (fabs(value) <= (double)FLT_MAX || fabsf((float)value) > FLT_MAX)
		return text;
	return mi_span_str(value < 0 ? greatest : greatest + 1);
}
