/* Server errors by number: each once, with a state that the protocol can carry. */
#include "server/mysql_errors.h"
#include "t.h"

static void all(void)
{
	static const struct {
		unsigned number;
		const char *name, *state;
	} rows[] = {
#define X(name, number, state, text) {number, #name, state},
	    MI_SERVER_ERRORS(X)
#undef X
	};
	size_t count = sizeof rows / sizeof *rows, wrong = 0, twice = 0;

	for (size_t i = 0; i < count; i++) {
		const struct mi_server_error error = mi_server_error(rows[i].number);

		wrong += error.number != rows[i].number || strlen(error.state) != 5 ||
		         strcmp(error.state, rows[i].state) != 0 || !error.text;
		for (size_t k = 0; k < i; k++)
			twice += rows[k].number == rows[i].number;
	}
	CHECK(wrong == 0, "%zu errors, each found by its number", count);
	CHECK(twice == 0, "and each number once");
}

int main(void)
{
	struct mi_server_error error = mi_server_error(MI_ER_LOCK_DEADLOCK);

	all();
	CHECK(error.number == 1213 && strcmp(error.state, "40001") == 0, "a deadlock");
	CHECK(strncmp(error.text, "Deadlock found", 14) == 0, "has a text");
	error = mi_server_error(MI_ER_CON_COUNT_ERROR);
	CHECK_STR(error.text, "Too many connections", "too many connections");
	error = mi_server_error(9999);
	CHECK(error.number == 9999 && strcmp(error.state, "HY000") == 0 && !*error.text,
	      "an unknown number keeps itself");
	DONE();
}
