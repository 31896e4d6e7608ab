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

bool mi_server_error_is_about_value(unsigned number)
{
	static const unsigned known[] = {MI_WARN_DATA_TRUNCATED,
	                                 MI_ER_WARN_DATA_OUT_OF_RANGE,
	                                 MI_ER_TRUNCATED_WRONG_VALUE,
	                                 MI_ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
	                                 MI_ER_DATA_TOO_LONG,
	                                 MI_ER_WRONG_VALUE_FOR_TYPE,
	                                 MI_ER_BAD_DATA,
	                                 MI_ER_INVALID_JSON_VALUE_FOR_CAST,
	                                 MI_ER_DATA_TRUNCATED_FUNCTIONAL_INDEX,
	                                 MI_ER_DATA_OUT_OF_RANGE_FUNCTIONAL_INDEX,
	                                 MI_ER_FUNCTIONAL_INDEX_DATA_IS_TOO_LONG};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i] == number)
			return true;
	return false;
}
