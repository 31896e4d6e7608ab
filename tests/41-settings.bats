#!/usr/bin/env bats
# A definition is made under the settings of its own session, those that are empty included, whoever makes it: mi-load,
# mi-apply, mi-fence, or a person with mi-schema's SQL.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

programs=$BATS_TEST_DIRNAME/lib/make_programs.py

make_meant() { # SERVER SEED COUNT
	sql "$1" "DROP DATABASE IF EXISTS meant; CREATE DATABASE meant"
	python3 "$programs" "$2" "$3" definitions | sql "$1"
}

# What a server says of the settings that its programs were made with, members in one order.
settings_of() { # SERVER
	sql "$1" "SELECT 'routine', routine_name, sql_mode, character_set_client, collation_connection, ''
			FROM information_schema.routines WHERE routine_schema = 'meant'
		UNION ALL SELECT 'trigger', trigger_name, sql_mode, character_set_client, collation_connection, ''
			FROM information_schema.triggers WHERE trigger_schema = 'meant'
		UNION ALL SELECT 'event', event_name, sql_mode, character_set_client, collation_connection,
			CONCAT(REPLACE(time_zone, 'SYSTEM', '+00:00'), ' ', starts)
			FROM information_schema.events WHERE event_schema = 'meant'" |
		sed 's/NO_AUTO_CREATE_USER//; s/,,/,/' | LC_ALL=C sort
}

# What the programs do, errors included.
effects_of() { # SERVER SEED COUNT
	python3 "$programs" "$2" "$3" calls | stock_client "$1" --batch --skip-column-names --unbuffered --force 2>&1 |
		sed -nE '/^(ERROR [0-9]*).*/{s//\1/p;b}; /^-+$|^CALL|^INSERT|^SELECT|^$/!p'
}

equal_programs() { # SOURCE TARGET SEED COUNT
	diff <(settings_of "$1") <(settings_of "$2")
	diff <(effects_of "$1" "$3" "$4") <(effects_of "$2" "$3" "$4")
}

@test "48 programs, loaded: the same settings, and the same effects" {
	one() { # SOURCE TARGET
		make_meant "$1" 4711 48
		sql "$2" "DROP DATABASE IF EXISTS meant; DROP DATABASE IF EXISTS mi"
		mi-schema -q -s "$1" -d meant --routines --triggers --events --schema-only --for-server="$2" >stream
		run --separate-stderr mi-check --tsv -s "$1" -t "$2" -d meant --copy-only
		equal "$(awk -F'\t' '$2 == "trial" { print $3 }' <<<"$output")" ok "$output"
		run_ok mi-load -q -s "$2" <stream
		[ "$(settings_of "$1" | wc -l)" -gt 30 ]
		[ "$(settings_of "$1" | awk -F '\t' '$3 == ""' | wc -l)" -ge 5 ]
		equal_programs "$1" "$2" 4711 48
	}
	one a b
	one m n
	one a n
	one m b
}

@test "48 programs, as SQL: the same" {
	one() { # SOURCE TARGET
		make_meant "$1" 4712 48
		sql "$2" "DROP DATABASE IF EXISTS meant"
		mi-schema -q -s "$1" -d meant --routines --triggers --events --schema-only --for-server="$2" --sql >script
		sql "$2" <script
		equal_programs "$1" "$2" 4712 48
	}
	one a b
	one m n
	one a n
	one m b
}

@test "triggers and events that mi-fence dropped are made as they were" {
	local server
	for server in a m; do
		make_meant "$server" 4713 48
		settings_of "$server" >before
		mi-schema -q -s "$server" -d meant --section=programs --triggers --events --schema-only >kept
		printf '%s\n' "programs $PWD/kept" 'drop triggers' 'drop events' 'make triggers' 'make events' |
			mi-fence -q -s "$server" -d meant --import=x >answers
		equal "$(grep -vc '^ok' answers)" 0
		settings_of "$server" | diff before -
	done
}

# Statements that make something else under other settings; each in a session of its own.
changes_of_definitions() { # SERVER
	local zone="SET time_zone='+05:00'"
	sql "$1" "SET sql_mode=''; USE ddl; CREATE TABLE lax (a ENUM('a','á') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci,
		d DATE DEFAULT '0000-00-00', v VARCHAR(70000) CHARACTER SET latin1)"
	sql "$1" "SET sql_mode=''; USE ddl; ALTER TABLE old MODIFY v VARCHAR(2)"
	sql "$1" "SET sql_mode='ANSI_QUOTES'; USE ddl; CREATE TABLE \"quoted\" (\"a b\" INT)"
	sql "$1" "$zone; USE ddl; CREATE TABLE zone (t TIMESTAMP NULL DEFAULT '2024-01-01 00:00:00', d DATETIME DEFAULT '2024-01-01')"
	sql "$1" "$zone; USE ddl; ALTER TABLE old ADD at TIMESTAMP NOT NULL DEFAULT '2020-02-02 02:02:02'"
	sql "$1" "SET explicit_defaults_for_timestamp=0; USE ddl; CREATE TABLE implicit (a TIMESTAMP)"
	sql "$1" "SET explicit_defaults_for_timestamp=1; USE ddl; CREATE TABLE explicit (a TIMESTAMP)"
	sql "$1" "SET NAMES latin1 COLLATE latin1_german1_ci; USE ddl; CREATE TABLE names (a VARCHAR(9) DEFAULT 'x') COMMENT ''"
	sql "$1" "SET sql_mode=''; USE ddl; CREATE PROCEDURE p(x INT) INSERT INTO old (id) VALUES (x)"
	sql "$1" "SET sql_mode=''; USE ddl; CREATE VIEW v AS SELECT id || 'a' AS c FROM old"
}

@test "DDL that is followed runs under its own settings, and makes the same" {
	one() { # SOURCE TARGET
		local server
		for server in "$1" "$2"; do
			sql "$server" "DROP DATABASE IF EXISTS ddl; CREATE DATABASE ddl CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
				CREATE TABLE ddl.old (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO ddl.old VALUES (1, 'long'), (2, 'longer')"
		done
		rm -f cp
		since=$(position "$1")
		mi-schema -q -s "$1" -d ddl >schema.mi
		filter=(--schema=schema.mi)
		changes_of_definitions "$1"
		carried "$1" "$2" ddl --on-ddl=apply
		for server in "$1" "$2"; do
			{
				sql "$server" "SELECT CONCAT('SHOW CREATE TABLE ddl.\`', table_name, '\`;') FROM information_schema.tables
					WHERE table_schema = 'ddl' AND LEFT(table_name, 4) <> '_mi_' ORDER BY table_name" | sql "$server"
				sql "$server" "SELECT routine_name, sql_mode, character_set_client FROM information_schema.routines WHERE routine_schema = 'ddl';
					SELECT * FROM ddl.old; SELECT * FROM ddl.v"
			} >definitions."$server"
		done
		diff "definitions.$1" "definitions.$2"
		[ "$(grep -c 'CREATE TABLE' definitions."$1")" -ge 7 ]
	}
	one a b
	one m n
}
