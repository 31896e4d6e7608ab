/* From members, also of a structure inside, to what they are members of. */
#include "base/container.h"
#include "t.h"

struct inner {
	int first, second;
};

struct outer {
	double before;
	struct inner inner;
};

int main(void)
{
	struct outer outer = {.before = 1};

	CHECK(mi_container_of(&outer.before, struct outer, before) == &outer, "the first member");
	CHECK(mi_container_of(&outer.inner, struct outer, inner) == &outer, "a later one");
	CHECK(mi_container_of(&outer.inner.second, struct outer, inner.second) == &outer,
	      "a member's member");
	DONE();
}
