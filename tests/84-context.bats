#!/usr/bin/env bats
# A definition that is applied makes what a replica of the same log makes of it: the same definitions and rows, whatever
# the session it came from was set to.
# shellcheck disable=SC2030,SC2031,SC2016,SC2086

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

servers a:mysql b:mysql r:mysql m:mariadb n:mariadb s:mariadb

servers_ready() {
	sql a "SET GLOBAL binlog_row_metadata=FULL"
	sql m "SET GLOBAL binlog_row_metadata=FULL"
	sql a "CREATE USER repl@'127.0.0.1' IDENTIFIED BY 'repl'; GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'"
	sql m "CREATE USER repl@'127.0.0.1' IDENTIFIED BY 'repl'; GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'"
	sql r "RESET BINARY LOGS AND GTIDS; CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=$(fact a port),
		SOURCE_USER='repl', SOURCE_PASSWORD='repl', SOURCE_AUTO_POSITION=1, SOURCE_SSL=1; START REPLICA"
	sql s "RESET MASTER; SET GLOBAL gtid_slave_pos=''; CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=$(fact m port),
		MASTER_USER='repl', MASTER_PASSWORD='repl', MASTER_USE_GTID=slave_pos; START SLAVE"
}

replicated() { # SOURCE
	if [ "$1" = a ]; then
		equal "$(sql r "SELECT WAIT_FOR_EXECUTED_GTID_SET('$(position a)', 60)")" 0
	else
		equal "$(sql s "SELECT MASTER_GTID_WAIT('$(position m)', 60)")" 0
	fi
}

# What a database holds, and what its programs and views were made with.
all_of() { # SERVER
	local table
	definitions_of "$1" ddl
	sql "$1" "SHOW CREATE DATABASE ddl; SELECT routine_name, sql_mode, character_set_client, collation_connection, definer, database_collation
			FROM information_schema.routines WHERE routine_schema = 'ddl' ORDER BY 1;
		SELECT table_name, character_set_client, collation_connection, definer FROM information_schema.views WHERE table_schema = 'ddl' ORDER BY 1;
		SELECT table_name, column_name, collation_name FROM information_schema.columns WHERE table_schema = 'ddl' ORDER BY 1, 2" | grep -v _mi_
	for table in $(sql "$1" "SELECT table_name FROM information_schema.tables WHERE table_schema = 'ddl'
		AND table_name NOT LIKE '\\_mi\\_%' ORDER BY 1"); do
		echo "$table"
		sql "$1" "SELECT * FROM ddl.$table"
	done
}

begin() { # SOURCE TARGET
	local server
	for server; do
		sql "$server" "DROP DATABASE IF EXISTS ddl; CREATE DATABASE ddl CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
			CREATE TABLE ddl.old (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO ddl.old VALUES (1, 'long'), (2, 'longer'), (3, NULL);
			CREATE TABLE ddl.other LIKE ddl.old; INSERT INTO ddl.other SELECT * FROM ddl.old"
	done
	rm -f cp
	since=$(position "$1")
}

# Each in a session of its own, in database ddl.
statements() { # SERVER <lines
	local line
	while read -r line; do
		[ -z "$line" ] || sql "$1" "USE ddl; $line" || fail "$line"
	done
}

for_both() {
	cat <<-'END'
		SET timestamp=1600000000.123456; ALTER TABLE old ADD c1 TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
		ALTER TABLE old ADD c2 DATETIME(6) NOT NULL DEFAULT NOW(6), ADD c3 TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
		SET timestamp=1600000001, time_zone='+05:30'; ALTER TABLE old ADD c4 DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, ADD c5 TIMESTAMP NOT NULL DEFAULT '2020-02-02 02:02:02'
		SET timestamp=1600000002; ALTER TABLE old ADD c6 DATE NOT NULL DEFAULT (CURRENT_DATE), ADD c7 VARCHAR(40) NOT NULL DEFAULT (NOW())
		SET lc_time_names='de_DE', timestamp=1590000003; ALTER TABLE old ADD c8 VARCHAR(40) NOT NULL DEFAULT (MONTHNAME(NOW()))
		SET auto_increment_increment=5, auto_increment_offset=3; ALTER TABLE other ADD k INT NOT NULL AUTO_INCREMENT UNIQUE
		SET sql_mode=''; ALTER TABLE other MODIFY v VARCHAR(2) NOT NULL
		SET sql_mode=''; CREATE TABLE lax (d DATE DEFAULT '0000-00-00', v VARCHAR(70000) CHARACTER SET latin1)
		SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'; CREATE TABLE "quoted" ("a b" INT, "c" VARCHAR(9) DEFAULT 'x\') COMMENT '\'
		SET sql_mode='PIPES_AS_CONCAT'; CREATE VIEW pipes AS SELECT id || v AS c FROM old
		SET sql_mode='PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE'; CREATE VIEW nots AS SELECT NOT id BETWEEN 1 AND 2 AS c FROM old
		SET sql_mode='REAL_AS_FLOAT'; CREATE TABLE reals (a REAL)
		SET sql_mode=''; CREATE PROCEDURE p(x INT) INSERT INTO old (id) VALUES (x)
		SET NAMES latin1 COLLATE latin1_german1_ci; CREATE VIEW latin AS SELECT 'x' AS c, CONCAT(v, 'y') AS d FROM old
		SET NAMES latin1 COLLATE latin1_german1_ci; CREATE TABLE literal AS SELECT 'x' AS c, 1 AS i
		SET collation_connection=utf8mb4_bin; CREATE FUNCTION f(x VARCHAR(9)) RETURNS VARCHAR(9) DETERMINISTIC RETURN CONCAT(x, 'é')
		SET explicit_defaults_for_timestamp=0; CREATE TABLE implicit (a TIMESTAMP, b INT)
		SET explicit_defaults_for_timestamp=1; CREATE TABLE explicit (a TIMESTAMP, b INT)
		SET foreign_key_checks=0; CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id))
		SET foreign_key_checks=0, unique_checks=0; CREATE TABLE parent (id INT PRIMARY KEY) CHARSET latin1
		SET foreign_key_checks=0; DROP TABLE parent
		ALTER VIEW pipes AS SELECT CONCAT(id, 'x') AS c FROM old
		ALTER DATABASE ddl CHARACTER SET latin1
		CREATE TABLE inherits (a VARCHAR(9), b VARCHAR(9) CHARACTER SET utf8mb4, c VARCHAR(9) COLLATE utf8mb4_bin)
		CREATE TABLE alike LIKE inherits
		ALTER TABLE inherits CONVERT TO CHARACTER SET utf8mb4
		RENAME TABLE inherits TO tmp, alike TO inherits, tmp TO alike
		SET time_zone='SYSTEM', timestamp=1600000004; ALTER TABLE other ADD t DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
	END
}

for_mysql() {
	cat <<-'END'
		SET default_collation_for_utf8mb4=utf8mb4_general_ci; CREATE TABLE general (a VARCHAR(9)) CHARSET utf8mb4
		CREATE TABLE modern (a VARCHAR(9)) CHARSET utf8mb4
		SET sql_require_primary_key=1; CREATE TABLE keyed (id INT PRIMARY KEY)
		SET sql_generate_invisible_primary_key=1; CREATE TABLE invisible (a INT)
		SET show_create_table_verbosity=1; CREATE TABLE IF NOT EXISTS old (a INT)
	END
}

for_mariadb() {
	cat <<-'END'
		SET check_constraint_checks=0; ALTER TABLE old ADD CONSTRAINT large CHECK (id > 2)
		SET sql_if_exists=1; DROP TABLE nothing
		CREATE OR REPLACE TABLE lax (a INT PRIMARY KEY) AS SELECT id AS a FROM old
		CREATE TABLE general (a VARCHAR(9)) CHARSET utf8mb4
	END
}

@test "definitions under odd settings: as a replica of the same log makes them" {
	one() { # SOURCE TARGET REPLICA MORE
		begin $1 $2
		{
			for_both
			$4
		} | statements $1
		carried $1 $2 ddl --on-ddl=apply
		replicated $1
		all_of $3 >replica
		all_of $2 | diff replica -
		mi-gtid equal @cp "$(position $1)"
		[ "$(grep -c "CREATE TABLE" replica)" -ge 12 ]
	}
	one a b r for_mysql
	one m n s for_mariadb
}

collations_of() { # SERVER TABLE
	sql "$1" "SELECT COALESCE(collation_name, '-') FROM information_schema.columns WHERE table_schema = 'ddl' AND table_name = '$2'
		ORDER BY ordinal_position" | xargs
}

# followed SOURCE TARGET STATEMENT: what is done at the source is done at the target.
followed() {
	statements "$1" <<<"$3"
	carried "$1" "$2" ddl --on-ddl=apply
	since=$(cat cp)
}

# refused SOURCE TARGET STATEMENT TEXT: mi-apply stops, and says what it cannot do, with the statement.
refused() {
	statements "$1" <<<"$3"
	run carried "$1" "$2" ddl --on-ddl=apply
	equal "$status" 65 "$output"
	contains "$output" "$4"
	contains "$output" "${3##*; }"
	mi-gtid equal @cp "$since"
	# the next ones begin behind it
	rm cp
	sql "$2" "DROP TABLE ddl._mi_checkpoint"
	since=$(position "$1")
}

@test "what fills rows with something that the log does not have is not run anew" {
	begin m n
	refused m n "ALTER TABLE old ADD u VARCHAR(40) DEFAULT uuid()" "cannot be applied exactly"
	refused m n "ALTER TABLE other ADD u DATETIME(6) NOT NULL DEFAULT (SYSDATE(6))" "cannot be applied exactly"
	followed m n "CREATE TABLE later (id INT PRIMARY KEY, u VARCHAR(40) DEFAULT uuid())"
	sql m "INSERT INTO ddl.later (id) VALUES (1), (2)"
	carried m n ddl
	equal "$(sql n "SELECT * FROM ddl.later")" "$(sql m "SELECT * FROM ddl.later")"
}

@test "definitions for the other flavour: converted as mi-schema does, with the source's defaults, or refused by name" {
	one() { # SOURCE TARGET OWN-COLLATION ITS-LIKE SOURCE'S-DEFAULT THAT-LIKE
		begin $1 $2
		followed $1 $2 "CREATE TABLE c1 (a VARCHAR(9)) CHARSET utf8mb4"
		equal "$(collations_of $1 c1)" "$5"
		equal "$(collations_of $2 c1)" "$6"
		followed $1 $2 "CREATE TABLE c2 (a VARCHAR(9) CHARACTER SET utf8mb4, b VARCHAR(9) COLLATE $3, c VARCHAR(9) CHARSET utf8mb4 COLLATE utf8mb4_bin, PRIMARY KEY (a, b)) CHARSET = latin1"
		equal "$(collations_of $2 c2)" "$6 $4 utf8mb4_bin"
		followed $1 $2 "ALTER TABLE old ADD x VARCHAR(9) CHARACTER SET utf8mb4 NOT NULL, ADD y VARCHAR(9) CHARSET 'latin1'"
		equal "$(collations_of $2 old)" "- utf8mb4_general_ci $6 latin1_swedish_ci"
		followed $1 $2 "ALTER TABLE other CHARSET utf8mb4, ADD x VARCHAR(9), COLLATE utf8mb4_bin"
		equal "$(collations_of $2 other)" "$(collations_of $1 other)"
		followed $1 $2 "CREATE TABLE ct SELECT a, b FROM c2"
		equal "$(collations_of $2 ct)" "$6 $4"
		followed $1 $2 "SET timestamp=1600000000.25, time_zone='+05:00'; ALTER TABLE old ADD t TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), ADD d DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP"
		followed $1 $2 "SET sql_mode=''; CREATE TABLE lax (d DATE DEFAULT '0000-00-00')"
		followed $1 $2 "SET collation_connection=$3; CREATE VIEW v AS SELECT a FROM c2 WHERE b = _utf8mb4'x' COLLATE $3"
		followed $1 $2 "SET foreign_key_checks=0; CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id))"
		tables_equal $1 $2 ddl
		contains "$(sql $2 "SHOW CREATE VIEW ddl.v")" "$4"
	}
	one a n utf8mb4_0900_as_cs utf8mb4_uca1400_nopad_as_cs utf8mb4_0900_ai_ci utf8mb4_uca1400_nopad_ai_ci
	refused a n "CREATE TABLE hidden (a INT /*!80023 INVISIBLE */, b INT)" "only some servers run"
	refused a n "CREATE TABLE odd (id INT PRIMARY KEY, g GEOMETRY NOT NULL SRID 4326)" SRID
	one m b utf8mb4_uca1400_as_cs utf8mb4_0900_as_cs utf8mb4_general_ci utf8mb4_general_ci
	refused m b "SET sql_mode='ORACLE'; CREATE TABLE oracle (a NUMBER)" "sql_mode ORACLE"
	refused m b "CREATE TABLE ids (a UUID PRIMARY KEY)" UUID
}
