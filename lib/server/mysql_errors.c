#include "server/mysql_errors.h"

#include <stddef.h>

struct mi_server_error mi_server_error(unsigned number)
{
	static const struct mi_server_error errors[] = {
#define X(name, number, state, text) {number, state, text},
	    MI_SERVER_ERRORS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].number == number)
			return errors[i];
	return (struct mi_server_error){number, "HY000", ""};
}
