/* Deletions that a server logs twice: those of rows that are gone, and no others. */
#include "base/buf.h"
#include "change/deleted_twice.h"
#include "stream/parse.h"
#include "t.h"
#include "table/table.h"

#include <stdio.h>

static char cascade[] = "CASCADE", set_null[] = "SET NULL";
static struct mi_column columns[] = {
    {.name = (char[]){"made"}, .generated = MI_VIRTUAL}, /* not carried */
    {.name = (char[]){"v"}, .carried = true},
    {.name = (char[]){"a"}, .carried = true},
    {.name = (char[]){"b"}, .carried = true},
};
static struct mi_key_part parts[] = {{.column = 3}, {.column = 2}};
static struct mi_key keys[] = {{.kind = MI_KEY_PRIMARY, .parts = parts, .part_count = 2}};
static struct mi_fkey fkeys[] = {{.on_delete = set_null}, {.on_delete = cascade}};

static struct mi_table table(uint32_t id)
{
	return (struct mi_table){.id = id,
	                         .columns = columns,
	                         .column_count = 4,
	                         .keys = keys,
	                         .key_count = 1,
	                         .fkeys = fkeys,
	                         .fkey_count = 2,
	                         .carried_count = 3};
}

struct row {
	struct mi_span values[3];
};

static struct row row(const char *v, const char *a, const char *b)
{
	return (struct row){{mi_span_str(v), mi_span_str(a), mi_span_str(b)}};
}

static bool deleted(struct mi_deleted *gone, const struct mi_table *of, struct row what)
{
	struct mi_change change = {.table = of, .fk_flags = MI_FK_SQL, .before = what.values};

	return mi_deleted_again(gone, &change);
}

static bool inserted(struct mi_deleted *gone, const struct mi_table *of, struct row what)
{
	struct mi_change change = {.table = of, .fk_flags = MI_FK_SQL, .after = what.values};

	return mi_deleted_again(gone, &change);
}

static bool updated(struct mi_deleted *gone, const struct mi_table *of, struct row was,
                    struct row is)
{
	struct mi_change change = {
	    .table = of, .fk_flags = MI_FK_SQL, .before = was.values, .after = is.values};

	return mi_deleted_again(gone, &change);
}

static void whom_it_concerns(void)
{
	struct mi_table t = table(1);
	struct mi_change change = {.table = &t};

	CHECK(!mi_deleted_concerns(&change), "a server that does not log cascades");
	change.fk_flags = MI_FK_NO_CHECKS;
	CHECK(!mi_deleted_concerns(&change), "foreign_key_checks=0 alone");
	change.fk_flags = MI_FK_SQL | MI_FK_NO_CHECKS;
	CHECK(mi_deleted_concerns(&change), "logged cascades, and a table that has one");
	t.fkey_count = 1;
	CHECK(!mi_deleted_concerns(&change), "no cascade deletes its rows");
	t.fkey_count = 2;
	t.row_key = -1;
	CHECK(!mi_deleted_concerns(&change), "no row key");
}

static void what_is_gone(void)
{
	struct mi_table t = table(1), other = table(2);
	struct mi_deleted gone = {0};

	CHECK(!deleted(&gone, &t, row("x", "1", "2")), "deleted");
	CHECK(deleted(&gone, &t, row("x", "1", "2")), "again");
	CHECK(deleted(&gone, &t, row("other", "1", "2")), "the key decides");
	CHECK(!deleted(&gone, &t, row("x", "2", "1")), "another key");
	CHECK(!deleted(&gone, &t, row("x", "12", "")), "key parts have ends");
	CHECK(!deleted(&gone, &other, row("x", "1", "2")), "another table");
	CHECK(!inserted(&gone, &t, row("x", "1", "2")), "made again");
	CHECK(!deleted(&gone, &t, row("x", "1", "2")), "and deleted: that counts");
	CHECK(deleted(&gone, &t, row("x", "1", "2")), "and again");
	CHECK(!updated(&gone, &t, row("x", "5", "5"), row("x", "1", "2")), "a row gets the key");
	CHECK(!deleted(&gone, &t, row("x", "1", "2")), "and is deleted");
	mi_deleted_reset(&gone);
	CHECK(!deleted(&gone, &t, row("x", "1", "2")), "in the next transaction");
	mi_deleted_release(&gone);
}

static void many(void)
{
	struct mi_table t = table(1);
	struct mi_deleted gone = {0};
	unsigned first = 0, second = 0, n = 300000;
	char key[16];

	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(key, sizeof key, "%u", i);
		first += deleted(&gone, &t, row("", key, "k"));
	}
	CHECK(first == 0, "%u rows, each deleted once", n);
	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(key, sizeof key, "%u", i);
		second += deleted(&gone, &t, row("", key, "k"));
	}
	CHECK(second > n / 4 && second < n, "%u of them are remembered, and the others told",
	      second);
	CHECK(gone.arena.bytes + gone.by_key.room * sizeof(uint64_t) <= 2 * (size_t)MI_GONE_BYTES,
	      "memory is bounded");
	mi_deleted_release(&gone);
}

int main(void)
{
	whom_it_concerns();
	what_is_gone();
	many();
	DONE();
}
