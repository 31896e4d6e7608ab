/* What statements mean for a follower. */
#include "base/buf.h"
#include "sql/logged_effect.h"
#include "t.h"

#include <stdlib.h>

static const struct {
	const char *text;
	enum mi_logged_effect effect;
} cases[] = {
    {"", MI_LOGGED_EFFECT_REFUSED},
    {"(", MI_LOGGED_EFFECT_REFUSED},
    {"CREATE", MI_LOGGED_EFFECT_REFUSED},
    {"INSERT INTO t VALUES (1)", MI_LOGGED_EFFECT_REFUSED},
    {"CREATE TABLE t SELECT 1", MI_LOGGED_EFFECT_REFUSED},
    {"CREATE TABLE t (i INT) AS (SELECT 1)", MI_LOGGED_EFFECT_REFUSED},
    {"CREATE TABLE t (i INT) START TRANSACTION", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", MI_LOGGED_EFFECT_REFUSED},
    {"ALTER TABLE t DISCARD TABLESPACE", MI_LOGGED_EFFECT_REFUSED},
    {"GRANT SELECT ON *.* TO u", MI_LOGGED_EFFECT_HARMLESS},
    {"drop user u", MI_LOGGED_EFFECT_HARMLESS},
    {"CREATE TEMPORARY TABLE t SELECT 1", MI_LOGGED_EFFECT_HARMLESS},
    {"CREATE TABLE t (`select` INT)", MI_LOGGED_EFFECT_DEFINES},
    {"/* c */ CREATE UNIQUE INDEX i ON t (a)", MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t RENAME COLUMN a TO b", MI_LOGGED_EFFECT_DEFINES},
    {"ALTER TABLE t ADD c VARCHAR(9) DEFAULT 'RENAME TO x'", MI_LOGGED_EFFECT_DEFINES},
    {"CREATE DEFINER=`a`@`b` TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a=1",
     MI_LOGGED_EFFECT_ACTIVE},
    {"DROP EVENT e", MI_LOGGED_EFFECT_ACTIVE},
    {"ALTER TABLE t RENAME u", MI_LOGGED_EFFECT_MOVES},
    {"ALTER TABLE t ADD c INT, RENAME TO u", MI_LOGGED_EFFECT_MOVES},
    {"ALTER TABLE t DROP PARTITION p", MI_LOGGED_EFFECT_MOVES},
    {"RENAME TABLE t TO u", MI_LOGGED_EFFECT_MOVES},
    {"DROP TABLE t", MI_LOGGED_EFFECT_MOVES},
    {"CREATE OR REPLACE TABLE t (i INT)", MI_LOGGED_EFFECT_MOVES},
    {"TRUNCATE t", MI_LOGGED_EFFECT_TRUNCATES},
};

static void test_truncated(const char *text, const char *want_db, const char *want_table)
{
	char *db, *table;
	bool found = mi_logged_effect_truncated(mi_span_str(text), &db, &table);

	CHECK(found == (want_table != NULL), "%s: %s", text, want_table ? "understood" : "refused");
	if (found && want_table) {
		CHECK_STR(table, want_table, text);
		CHECK_STR(db ? db : "", want_db, text);
	}
	free(db);
	free(table);
}

int main(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK(mi_logged_effect_of(mi_span_str(cases[i].text)) == cases[i].effect, "%s",
		      cases[i].text);
	test_truncated("SELECT 1", NULL, NULL);
	test_truncated("TRUNCATE TABLE", "", "TABLE");
	test_truncated("truncate `a``b`.`t`", "a`b", "t");
	test_truncated("TRUNCATE TABLE db . t", "db", "t");
	test_truncated("TRUNCATE t", "", "t");
	DONE();
}
