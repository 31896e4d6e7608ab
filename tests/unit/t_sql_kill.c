#include "base/buf.h"
#include "sql/kill.h"
#include "t.h"

struct sample {
	const char *text;
	uint64_t id; /* 0: it is none */
	bool query;
};

int main(void)
{
	static const struct sample samples[] = {
	    {"KILL 2147483650", 2147483650, false},
	    {"kill query 2147483651", 2147483651, true},
	    {" /* a */ Kill -- b\n CONNECTION # c\n 7 ; ", 7, false},
	    {"KILL\tQUERY\n5;", 5, true},
	    {"/* mi */KILL/**/5", 5, false},
	    {"KILL 9223372036854775807", INT64_MAX, false},
	    {"", 0, false},
	    {"KILL", 0, false},
	    {"KILL QUERY", 0, false},
	    {"KILLER 5", 0, false},
	    {"KILL_5", 0, false},
	    {"KILL5", 0, false},
	    {"KILL 5 6", 0, false},
	    {"KILL 5; SELECT 1", 0, false},
	    {"KILL 5a", 0, false},
	    {"KILL QUERY ID 5", 0, false},
	    {"KILL HARD 5", 0, false},
	    {"KILL USER 'a'", 0, false},
	    {"KILL @a", 0, false},
	    {"KILL -5", 0, false},
	    {"KILL 99999999999999999999", 0, false},
	    {"/*!50000 KILL */ 5", 0, false},
	    {"/* KILL 5", 0, false},
	    {"-- KILL 5", 0, false},
	    {"--KILL 5", 0, false},
	    {"SELECT 1", 0, false},
	};

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *want = &samples[i];
		uint64_t id = 0;
		bool query = false;
		bool found = mi_kill_text(mi_span_str(want->text), &query, &id);

		CHECK(found == (want->id != 0) &&
		          (!found || (id == want->id && query == want->query)),
		      "%s", want->text);
	}
	DONE();
}
