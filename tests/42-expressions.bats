#!/usr/bin/env bats
# Texts inside expressions (generated columns, CHECK, DEFAULT) mean at the target what they mean at the source.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

expressions=$BATS_TEST_DIRNAME/lib/make_expressions.py

on_and_on() { # SERVER: statements one by one, errors by their numbers
	stock_client "$1" --batch --raw --skip-column-names --unbuffered --force --default-character-set=utf8mb4 2>&1 |
		sed -nE 's/^(ERROR [0-9]*).*/\1/p; /^[0-9]+\t/p'
}

# go SOURCE TARGET DATABASE: mi-check has tried the definitions, and says that they will do.
go() {
	run --separate-stderr mi-check --tsv -s "$1" -t "$2" -d "$3" --copy-only
	equal "$(awk -F'\t' '$2 == "trial" || $3 == "blocker" { print $2, $3 }' <<<"$output")" "trial ok" "$output"
}

# The same rows offered to both, and what came of them.
same_effects() { # SOURCE TARGET SEED COUNT
	local server
	for server in "$1" "$2"; do
		# what a server has in memory is not what it reads back
		sql "$server" "FLUSH TABLES"
		python3 "$expressions" "$3" "$4" rows | on_and_on "$server" | sed -E 's/^ERROR (3819|4025)/refused/' >"effects.$server"
	done
	diff "effects.$1" "effects.$2"
}

arrives() { # SOURCE TARGET SEED COUNT
	sql "$1" "DROP DATABASE IF EXISTS said; CREATE DATABASE said CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
	sql "$2" "DROP DATABASE IF EXISTS said; DROP DATABASE IF EXISTS mi"
	python3 "$expressions" "$3" "$4" definitions | on_and_on "$1" >made
	mi-schema -q -s "$1" -d said --for-server="$2" --schema-only >stream
	go "$1" "$2" said
	run_ok mi-load -q -s "$2" <stream
	same_effects "$1" "$2" "$3" "$4"
	[ "$(grep -c '^[0-9]' "effects.$1")" -gt $((2 * $4)) ]
}

@test "60 tables: MySQL to MariaDB" { arrives a n "${SEED:-1}" 60; }
@test "60 tables: MySQL to MySQL" { arrives a b "${SEED:-2}" 60; }
@test "60 tables: MariaDB to MySQL" { arrives m b "${SEED:-3}" 60; }
@test "60 tables: MariaDB to MariaDB" { arrives m n "${SEED:-4}" 60; }

@test "what a server changes in silence is refused by name, and not left behind" {
	sql a "DROP DATABASE IF EXISTS said; CREATE DATABASE said CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
		CREATE TABLE said.t (a VARCHAR(20), g VARCHAR(30) AS (CONCAT(a, 'é')) STORED);
		CREATE TABLE said.u (a VARCHAR(20), CHECK (a <> 'é'))"
	local table
	for table in t u; do
		sql n "DROP DATABASE IF EXISTS said"
		# not converted for MariaDB, which reads _utf8mb4'é' back as other letters
		mi-schema -q -s a -T "said.$table" --schema-only >stream
		run_exit 65 mi-load -q -s n <stream
		contains "$stderr" "is not what it was meant to be"
		contains "$stderr" "table said.$table"
		equal "$(sql n "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'said' AND table_name = '$table'")" 0
		run_exit 65 mi-load -q -s n <stream
	done
}

@test "a key that was there before is neither judged nor dropped" {
	sql a "DROP DATABASE IF EXISTS said; CREATE DATABASE said; CREATE TABLE said.t (id INT PRIMARY KEY, a INT, b INT, KEY k (a), KEY l (b))"
	sql b "DROP DATABASE IF EXISTS said; CREATE DATABASE said; CREATE TABLE said.t (id INT PRIMARY KEY, a INT, b INT, KEY k (b))"
	mi-schema -q -s a -d said --schema-only >stream
	run_ok mi-load -q -s b --into-existing <stream
	equal "$(sql b "SELECT GROUP_CONCAT(index_name, ' ', column_name ORDER BY index_name) FROM information_schema.statistics
		WHERE table_schema = 'said' AND table_name = 't'")" "k b,l b,PRIMARY id"
}
