#!/usr/bin/env bats
# Whole copies between real servers, of both flavours: the torture tables, sakila, kills.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers "a:mysql --max-allowed-packet=1G" "b:mysql --max-allowed-packet=1G" \
    "m:mariadb --max-allowed-packet=1G" "n:mariadb --max-allowed-packet=1G"

servers_ready() {
	"$ROOT/tests/data/make-torture" mysql | sql a
	"$ROOT/tests/data/make-torture" mariadb | sql m
}

test_begins() {
	sakila=${MI_SHARED:-$ROOT/../shared}/data/sakila
}

copy() {
	"$ROOT/pipelines/copy" "$@"
}

need_sakila() {
	[ -r "$sakila/schema.sql" ] || skip "the sakila files are not beside this tree"
}

drop() { # SERVER DATABASE...
	local server=$1 db
	shift
	for db; do sql "$server" "SET foreign_key_checks=0; DROP DATABASE IF EXISTS \`$db\`"; done
}

@test "torture: MySQL to MySQL, every row and every definition" {
	drop b torture
	run_ok copy -s a -t b -d torture state
	tables_equal a b torture
	definitions_equal a b torture
}

@test "torture: MariaDB to MariaDB, every row and every definition" {
	drop n torture
	run_ok copy -s m -t n -d torture state
	tables_equal m n torture
	definitions_equal m n torture
}

@test "torture: MariaDB to MySQL, every row" {
	drop b torture
	# -0 in a MariaDB is 0 already; everything in it has a place in MySQL
	run_ok copy -s m -t b -d torture state
	tables_equal m b torture
}

# What MariaDB has no place for is refused by name, or left out by the caller.
@test "torture: MySQL to MariaDB, every row; what does not fit is refused by name" {
	drop n torture
	run copy -s a -t n -d torture state
	[ "$status" -ne 0 ]
	contains "$output" vectors
	drop n torture
	run_ok copy -s a -t n -d torture -X torture.vectors -X torture.functional -X torture.desc_key \
		-X torture.ai_collation -X torture.json_docs -X torture.floats -X torture.checked other-state
	sql a "CREATE DATABASE part"
	for table in vectors functional desc_key ai_collation json_docs floats checked; do
		sql n "CREATE TABLE IF NOT EXISTS torture.$table (none INT)"
		sql a "CREATE TABLE part.$table AS SELECT * FROM torture.$table LIMIT 0"
	done
	sql n "DROP TABLE torture.vectors, torture.functional, torture.desc_key, torture.ai_collation,
		torture.json_docs, torture.floats, torture.checked"
	drop a part
	sql a "CREATE DATABASE rest"
	for table in $(sql a "SELECT table_name FROM information_schema.tables WHERE table_schema='torture'
		AND table_name IN ('vectors','functional','desc_key','ai_collation','json_docs','floats','checked')"); do
		sql a "RENAME TABLE torture.$table TO rest.$table"
	done
	tables_equal a n torture
	for table in $(sql a "SELECT table_name FROM information_schema.tables WHERE table_schema='rest'"); do
		sql a "RENAME TABLE rest.$table TO torture.$table"
	done
	drop a rest
}

@test "torture by INSERT statements, without LOAD DATA" {
	drop b torture
	sql b "SET GLOBAL local_infile=OFF"
	run_ok copy -s a -t b -d torture state
	sql b "SET GLOBAL local_infile=ON"
	tables_equal a b torture
	definitions_equal a b torture
}

@test "sakila: MySQL to MySQL; what stays behind is named" {
	need_sakila
	sql a <"$sakila/schema.sql"
	sql a <"$sakila/data.sql"
	run_ok copy -s a -t b -d sakila state
	tables_equal a b sakila
	definitions_equal a b sakila
	for name in $(sql a "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema='sakila'
		UNION SELECT routine_name FROM information_schema.routines WHERE routine_schema='sakila'"); do
		contains "$stderr" "$name"
	done
}

@test "sakila: MySQL to MariaDB and back to MySQL" {
	need_sakila
	run_ok copy -s a -t m -d sakila state
	tables_equal a m sakila
	drop b sakila
	run_ok copy -s m -t b -d sakila back
	tables_equal m b sakila
}

@test "run again, a finished copy says so and does nothing" {
	sql a "CREATE DATABASE tiny; CREATE TABLE tiny.t (id INT PRIMARY KEY); INSERT INTO tiny.t VALUES (1)"
	run_ok copy -s a -t b -d tiny state
	run_ok copy -s a -t b -d tiny state
	contains "$stderr" "already done"
	equal "$(cat state/applied.gtid)" "$(mi-gtid print @state/applied.gtid)"
}

@test "two copies in one state folder exclude each other" {
	mkdir state
	(
		flock 9
		run_exit 75 copy -s a -t b -d tiny state
	) 9>state/lock
}

@test "a writer that dies before its first frame is not success" {
	sql a "CREATE DATABASE IF NOT EXISTS tiny"
	drop b tiny
	run bash -c 'set -o pipefail; { mi-schema -s a -d tiny --section=pre-data; mi-dump -s nobody -d tiny
		mi-schema -s a -d tiny --section=post-data; } | mi-load -s b'
	[ "$status" -eq 65 ]
}

# A database whose copy takes a while, with a table of every way to travel: ranges, parts, long rows.
fill_for_kills() { # FOREIGN-KEYS
	drop a work
	sql a "CREATE DATABASE work; USE work;
		CREATE TABLE n (n INT PRIMARY KEY);
		INSERT INTO n WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n+1 FROM r WHERE n<1000) SELECT n FROM r;
		CREATE TABLE big (id INT PRIMARY KEY, a INT, b VARCHAR(100), UNIQUE KEY (a), KEY (b));
		INSERT INTO big SELECT x.n*1000+y.n, x.n*1000+y.n, CONCAT('row ', x.n, REPEAT('.', y.n % 90)) FROM n x JOIN n y WHERE x.n<=150;
		CREATE TABLE parts (e ENUM('a','b') NOT NULL, k INT NOT NULL, t TEXT, PRIMARY KEY (e,k));
		INSERT INTO parts SELECT 1+y.n%2, x.n*1000+y.n, REPEAT('x', 200) FROM n x JOIN n y WHERE x.n<=20;
		CREATE TABLE long_rows (id INT PRIMARY KEY, b LONGBLOB);
		INSERT INTO long_rows SELECT n, REPEAT(CHAR(n), 1000000) FROM n WHERE n<=20;
		CREATE TABLE none (a INT); INSERT INTO none SELECT n FROM n"
	[ "$1" = no ] || sql a "USE work; ALTER TABLE big ADD CONSTRAINT big_parent FOREIGN KEY (a) REFERENCES big (id)"
}

# Starts a copy, kills WHAT after a random while, and goes on until one finishes. ROUNDS in the
# environment: more often.
kill_rounds() { # WHAT ROUNDS
	local what=$1 rounds=${ROUNDS:-$2} delay pid tries
	[[ $MI_BIN != */oracle/* ]] || rounds=2 # the other client library's run does the rest
	RANDOM=${SEED:=$$}
	echo "# SEED=$SEED" >&3
	for ((round = 1; round <= rounds; round++)); do
		drop b work
		rm -rf state
		delay=$(awk -v r="$RANDOM" 'BEGIN { printf "%.3f", 0.05 + r / 32768 * 2.5 }')
		background copy -s a -t b -d work --threads=2 state 2>log
		copy_pid=$bg_pid
		sleep "$delay" # the moment is random by intent
		if [ "$what" = server ]; then
			sandbox kill b
			sandbox restart b
		else
			for pid in $(pgrep -x "$what"); do
				# only this run's: its environment names our option file
				if grep -qzx "MI_CONFIG=$MI_CONFIG" "/proc/$pid/environ" 2>/dev/null; then
					kill -9 "$pid" 2>/dev/null || true
				fi
			done
		fi
		wait "$copy_pid" || true
		tries=0
		until copy -s a -t b -d work --threads=2 state 2>>log; do
			tries=$((tries + 1))
			[ $tries -lt 5 ] || fail "round $round after $delay s:" "$(tail -5 log)"
		done
		tables_equal a b work || fail "round $round after $delay s:" "$(tail -20 log)"
		definitions_equal a b work || fail "round $round after $delay s:" "$(tail -20 log)"
	done
}

@test "mi-load killed at random moments" {
	fill_for_kills no
	kill_rounds mi-load 2
}

@test "mi-dump killed at random moments" {
	fill_for_kills no
	kill_rounds mi-dump 2
}

@test "the target killed at random moments" {
	fill_for_kills no
	kill_rounds server 2
}

@test "with foreign keys: killed, and resumed from the spool" {
	fill_for_kills yes
	kill_rounds mi-load 1
	kill_rounds mi-dump 1
	kill_rounds server 1
}

@test "with foreign keys and without a spool: not gone on with, but refused" {
	fill_for_kills yes
	mkdir state
	touch state/begun
	run_exit 78 copy -s a -t b -d work --spool=no state
	contains "$stderr" "without --spool a copy cannot go on"
}

@test "an address that leads to two servers in turn: no copy of both" {
	local server pair
	for pair in "a b" "m n"; do
		# shellcheck disable=SC2086
		set -- $pair
		for server; do
			sql "$server" "DROP DATABASE IF EXISTS turns; CREATE DATABASE turns; CREATE TABLE turns.t (id INT PRIMARY KEY)"
		done
		background "$ROOT/tests/lib/turns.py" "$PWD/sock" "$MI_SANDBOX/$1/sock" "$MI_SANDBOX/$2/sock"
		wait_until 60 test -S sock
		printf '[client_turns]\nhost=localhost\nuser=root\nsocket=%s/sock\n' "$PWD" >turns.cnf
		run_exit 75 mi-dump -q -c turns.cnf -s turns -d turns
		contains "$stderr" "another server answers"
		kill "$bg_pid"
		rm sock
		drop "$1" turns
		drop "$2" turns
	done
}
