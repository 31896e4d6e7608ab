#include "trial/mend.h"

#include <stddef.h>

static const struct {
	unsigned number;
	const char *mend;
} mends[] = {
    {1005, "SHOW WARNINGS after it, on the target, says why; make it there by hand, or change it "
           "on the source"},
    {1049, "import the database that it names too, with -d, or leave it out with -X"},
    {1064, "the target's version does not know the words: change it on the source, or leave it "
           "out with -X"},
    {1067, "ALTER TABLE ... ALTER COLUMN ... SET DEFAULT, on the source, to a value of its type"},
    {1071, "ALTER TABLE ... ROW_FORMAT = DYNAMIC, or a shorter prefix in the key, on the source"},
    {1115, "ALTER TABLE ... CONVERT TO CHARACTER SET, on the source, to one that both have"},
    {1118, "ALTER TABLE ... ROW_FORMAT = DYNAMIC, or long columns to TEXT, on the source; where it "
           "is the account's right to set innodb_strict_mode that lacks: GRANT "
           "SESSION_VARIABLES_ADMIN ON *.*"},
    {1146, "import the table that it names too, or DROP VIEW on the source"},
    {1227, "grant the account what it names; or mi-schema --strip-definers"},
    {1273, "ALTER TABLE ... COLLATE, on the source, to a collation that both have"},
    {1286, "ALTER TABLE ... ENGINE = InnoDB on the source"},
    {1305, "make the function on the target first (mi-schema --routines), or have the server know "
           "it by a component or plugin"},
    {1356, "DROP VIEW or mend it on the source: it reads what is not there"},
    {1418, "SET GLOBAL log_bin_trust_function_creators = 1 on the target"},
    {1419, "SET GLOBAL log_bin_trust_function_creators = 1 on the target"},
    {1449, "CREATE USER on the target, or mi-schema --strip-definers"},
    {1478, "ALTER TABLE ... ROW_FORMAT = DYNAMIC, KEY_BLOCK_SIZE = 0, on the source"},
    {3185, "a keyring on the target, or ALTER TABLE ... ENCRYPTION = 'N' on the source"},
    {3510, "ALTER TABLE ... TABLESPACE innodb_file_per_table on the source; or make the tablespace "
           "on the target"},
    {3750, "ALTER TABLE ... ADD PRIMARY KEY on the source, or SET GLOBAL sql_require_primary_key = "
           "OFF on the target"},
    {3763, "a generated column may not use that function on the target: compute it otherwise, or "
           "keep the values in an ordinary column, on the source"},
    {3780, "ALTER TABLE on the source: the columns of a foreign key are of one type on both ends"},
    {6125, "a UNIQUE key on the columns that the foreign key refers to, on the source; or SET "
           "GLOBAL restrict_fk_on_non_standard_key = OFF on the target"},
};

const char *mi_trial_mend(unsigned number)
{
	for (size_t i = 0; i < sizeof mends / sizeof *mends; i++)
		if (mends[i].number == number)
			return mends[i].mend;
	return "change the definition on the source, or leave it out with -X";
}
