#!/usr/bin/env bats
# What mi-check's trial says, and what the real copy then does: "go" means that it succeeds, "blocked" that it fails.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

test_begins() {
	local server
	for server in a b m n; do
		sql $server "SET GLOBAL log_bin_trust_function_creators = 1;
			DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS depot"
	done
}

# trial ARGUMENT...: one run as TSV; $trial has what the trial has found.
trial() {
	run --separate-stderr mi-check --tsv "$@"
	[ "$status" -le 1 ] || fail "status $status" "$stderr"
	trial=$(awk -F'\t' '$2 == "trial"' <<<"$output")
	verdicts=$(cut -f 3 <<<"$trial" | sort -u | paste -sd ' ')
	check_status=$status
}

scratch_of() { # SERVER
	sql "$1" "SHOW DATABASES LIKE 'mi\\_trial\\_%'"
}

# copy FROM TO: as mi-copy does it.
copy() {
	local sections=(-d shop -d depot --for-server="$2")
	{ mi-schema -q -s "$1" "${sections[@]}" --section=pre-data && mi-dump -q -s "$1" -d shop -d depot &&
	    mi-schema -q -s "$1" "${sections[@]}" --section=post-data; } | mi-load -q -s "$2"
}

# go FROM TO: mi-check sees no blocker, and the copy succeeds.
go() {
	trial -s "$1" -t "$2" -d shop -d depot --copy-only
	equal "$verdicts" ok "$output"
	equal "$check_status" 0 "$output"
	equal "$(scratch_of "$2")" ""
	run_ok copy "$1" "$2"
}

# blocked FROM TO: it sees one, and the copy fails.
blocked() {
	trial -s "$1" -t "$2" -d shop -d depot --copy-only
	contains "$verdicts" blocker "$output"
	equal "$check_status" 1 "$output"
	equal "$(awk -F'\t' '$3 == "blocker" && $5 == ""' <<<"$output")" ""
	equal "$(scratch_of "$2")" ""
	run copy "$1" "$2"
	[ "$status" -ne 0 ] || fail "the copy from $1 to $2 has succeeded" "$trial"
}

# make SERVER: the two databases, with the statements on stdin.
make() {
	{ echo "CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
		CREATE DATABASE depot CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE shop;"
	cat; } | sql "$1"
}

# Something of every kind, across two databases.
everything() {
	cat <<-'END'
		CREATE TABLE depot.parents (id INT PRIMARY KEY, code VARCHAR(20), UNIQUE (code));
		CREATE TABLE shop (id INT PRIMARY KEY, shop INT, KEY (shop));
		CREATE TABLE children (id INT PRIMARY KEY, parent INT, t TEXT, u TEXT, p POINT NOT NULL, KEY (parent),
			FULLTEXT t (t), FULLTEXT u (u), SPATIAL (p), CHECK (parent > 0),
			FOREIGN KEY (parent) REFERENCES depot.parents (id) ON DELETE CASCADE) COLLATE utf8mb4_general_ci;
		CREATE TABLE parts (id INT PRIMARY KEY, v INT AS (id + 1)) PARTITION BY HASH (id) PARTITIONS 3;
		INSERT INTO depot.parents VALUES (1, 'a');
		INSERT INTO children VALUES (1, 1, 'x', 'y', ST_GeomFromText('POINT(1 1)'));
		CREATE VIEW b AS SELECT shop.id FROM shop;
		CREATE VIEW a AS SELECT b.id, parents.code FROM b JOIN depot.parents ON parents.id = b.id;
		CREATE PROCEDURE depot.p() SELECT * FROM shop.children;
		CREATE FUNCTION f() RETURNS INT RETURN RAND();
		CREATE TRIGGER g BEFORE INSERT ON children FOR EACH ROW SET @g = 1;
	END
}

wide() { # a row that may be wider than a page
	local i
	echo "SET SESSION innodb_strict_mode = OFF; CREATE TABLE wide (id INT PRIMARY KEY"
	for ((i = 0; i < 200; i++)); do echo ", c$i CHAR(50) CHARACTER SET latin1"; done
	echo ", KEY (c1), FULLTEXT (c2)) ROW_FORMAT = COMPACT; INSERT INTO wide (id, c1) VALUES (1, 'x')"
}

@test "go: something of every kind, across databases, both flavours and across" {
	local way
	for way in "a b" "m n" "m b" "a n"; do
		test_begins
		# shellcheck disable=SC2086
		set -- $way
		everything | make "$1"
		go "$1" "$2"
		contains "$(cut -f 4 <<<"$trial")" "tried in scratch databases"
		equal "$(sql "$2" "SELECT COUNT(*) FROM shop.children")" 1
	done
}

@test "go: what only lenient sessions make: wide rows, an ENUM with equal members" {
	local way
	for way in "a b" "m n" "m b" "a n"; do
		test_begins
		# shellcheck disable=SC2086
		set -- $way
		{ wide; echo ";SET SESSION sql_mode = '';
			CREATE TABLE twins (id INT PRIMARY KEY, e ENUM ('a', 'á') COLLATE utf8mb4_general_ci, n INT, KEY (n));
			INSERT INTO twins VALUES (1, 1, 1), (2, 2, 2)"; } | make "$1"
		go "$1" "$2"
		equal "$(sql "$2" "SELECT GROUP_CONCAT(e + 0 ORDER BY id) FROM shop.twins; SELECT id FROM shop.wide")" $'1,2\n1'
	done
}

@test "go: a tablespace that the target has not" {
	sql a "CREATE TABLESPACE own ADD DATAFILE 'own.ibd'"
	make a <<<"CREATE TABLE t (id INT PRIMARY KEY) TABLESPACE own; CREATE TABLE s (id INT PRIMARY KEY) TABLESPACE innodb_system;
		INSERT INTO t VALUES (1)"
	go a b
	contains "$(mi-schema -s a -d shop --sql 2>&1)" 'not carried: table shop.t: TABLESPACE `own`'
	contains "$(sql b "SHOW CREATE TABLE shop.s")" 'TABLESPACE `innodb_system`'
}

@test "go: MariaDB's old format of times, to MariaDB and to MySQL" {
	sql m "SET GLOBAL mysql56_temporal_format = OFF"
	make m <<<"CREATE TABLE times (id INT PRIMARY KEY, a TIME, b TIME(3), c DATETIME(6), d TIMESTAMP(2) NULL);
		INSERT INTO times VALUES (1, '-10:00:01', '10:00:01.123', '2020-01-02 03:04:05.678901', '2020-01-02 03:04:05.67')"
	sql m "SET GLOBAL mysql56_temporal_format = ON"
	contains "$(sql m "SHOW CREATE TABLE shop.times")" "mariadb-5.3"
	go m n
	tables_equal m n shop
	go m b
	tables_equal m b shop
}

@test "blocked: YEAR(2) and DEFAULT partitions to MySQL, each by name; to MariaDB they go" {
	make m <<<"CREATE TABLE y (id INT PRIMARY KEY, short YEAR(2));
		CREATE TABLE l (id INT PRIMARY KEY) PARTITION BY LIST (id) (PARTITION one VALUES IN (1), PARTITION rest DEFAULT);
		CREATE TABLE c (id INT, k INT, PRIMARY KEY (id, k)) PARTITION BY LIST COLUMNS (id, k)
			(PARTITION one VALUES IN ((1, 1)), PARTITION rest DEFAULT)"
	blocked m b
	contains "$trial" "the target refuses table shop.y: Invalid display width"
	contains "$trial" "the target refuses table shop.l:"
	contains "$trial" "the target refuses table shop.c:"
	run mi-schema -s m -d shop --for=mysql
	equal "$status" 65
	contains "$output" "table shop.y, column short: type year(2)"
	contains "$output" "table shop.c: a DEFAULT partition"
	go m n
}

@test "blocked: all that the target refuses in one report, with its words; what needs it is named as such" {
	make a <<<"CREATE TABLE hashed (id INT PRIMARY KEY, h JSON, i INT AS (JSON_STORAGE_SIZE(h)) VIRTUAL);
		CREATE TABLE fine (id INT PRIMARY KEY, KEY back (id DESC));
		CREATE TABLE defaulted (id INT PRIMARY KEY, u BINARY(16) DEFAULT (UUID_TO_BIN(UUID())));
		CREATE VIEW on_hashed AS SELECT id FROM hashed; CREATE VIEW on_view AS SELECT id FROM on_hashed;
		CREATE VIEW also AS SELECT BIN_TO_UUID(u) FROM defaulted;
		CREATE PROCEDURE p() SELECT 1 INTERSECT (SELECT 2 FROM LATERAL (SELECT 1) AS x)"
	blocked a n
	contains "$trial" "the target refuses table shop.hashed:"
	contains "$trial" "the target refuses table shop.defaulted:"
	contains "$trial" "the target refuses routine shop.p:"
	contains "$trial" "not proven for what needs these: view shop."
	lacks "$trial" "mi_trial_"
}

@test "blocked: one key of many, by its name" {
	make m <<<"CREATE TABLE t (id INT PRIMARY KEY, a TEXT, p POINT NOT NULL, c INT, KEY one (c), KEY part (p(10)),
		FULLTEXT (a), SPATIAL whole (p), KEY two (c, id))"
	blocked m b
	equal "$(cut -f 4 <<<"$trial" | sed 's/:.*//')" "the target refuses key part of table shop.t"
}

@test "routines, triggers and events are tried, and no event runs" {
	make a <<<"CREATE TABLE log (id INT PRIMARY KEY AUTO_INCREMENT);
		CREATE EVENT often ON SCHEDULE EVERY 1 SECOND DO INSERT INTO log VALUES ();
		CREATE TRIGGER g BEFORE INSERT ON log FOR EACH ROW SET @a = JSON_STORAGE_SIZE('1');
		CREATE FUNCTION f() RETURNS INT RETURN RAND()"
	sql b "SET GLOBAL event_scheduler = ON, GLOBAL log_bin_trust_function_creators = 0"
	trial -s a -t b -d shop
	contains "$trial" "the target refuses routine shop.f: This function has none of DETERMINISTIC"
	contains "$trial" "log_bin_trust_function_creators = 1"
	equal "$verdicts" blocker
	trial -s a -t b -d shop --copy-only
	equal "$verdicts" warning "$trial" # a copy carries none
	sql b "SET GLOBAL log_bin_trust_function_creators = 1"
	trial -s a -t b -d shop
	equal "$verdicts" ok "$trial"
}

@test "a table that the target has already is left to the load" {
	make m <<<"CREATE TABLE y (id INT PRIMARY KEY, short YEAR(2))"
	sql b "CREATE DATABASE shop; CREATE TABLE shop.y (id INT PRIMARY KEY, short YEAR)"
	trial -s m -t b -d shop
	equal "$verdicts" warning "$trial"
	contains "$trial" "not proven for table shop.y"
}

# Every table refers to every other: sessions that work on two of them wait for each other.
ring() { # TABLES
	local i j
	for ((i = 0; i < $1; i++)); do
		echo "CREATE TABLE r$i (id INT PRIMARY KEY"
		for ((j = 0; j < $1; j++)); do echo ", c$j INT, KEY (c$j)"; done
		echo ");"
	done
	for ((i = 0; i < $1; i++)); do
		echo "ALTER TABLE r$i ADD FOREIGN KEY (c0) REFERENCES r0 (id)"
		for ((j = 1; j < $1; j++)); do echo ", ADD FOREIGN KEY (c$j) REFERENCES r$j (id)"; done
		echo ";"
	done
}

@test "tables tied in rings: nobody waits for anybody, on both flavours" {
	local i way
	for way in "m n" "a b"; do
		test_begins
		# shellcheck disable=SC2086
		set -- $way
		ring 8 | make "$1"
		for i in 1 2 3; do
			run --separate-stderr timeout -k 5 60 mi-check --tsv -s "$1" -t "$2" -d shop
			contains "$output" "tried in scratch databases"
		done
	done
}

@test "a foreign key to what is not imported is not tied to anything" {
	make a <<<"CREATE TABLE depot.p (id INT PRIMARY KEY); CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY outside (p) REFERENCES depot.p (id))"
	trial -s a -t b -d shop
	equal "$verdicts" warning "$trial"
	contains "$trial" "it refers to a table that is not imported"
}

# limited SERVER GRANT...: group [client_limited] of small.cnf, an account with these on *.* or on shop.
limited() {
	local server=$1 grant
	shift
	sql "$server" "DROP USER IF EXISTS small@'%'; CREATE USER small@'%' IDENTIFIED BY 'p'"
	for grant; do sql "$server" "GRANT $grant TO small@'%'"; done
	(umask 077 && { cat "$MI_CONFIG"; printf '%s\n' '[client_limited]' host=127.0.0.1 "port=$(fact "$server" port)" user=small \
	    password=p "ssl-ca=$(fact "$server" tls)/ca.pem"; } >small.cnf)
}

@test "an account that may not make the databases: what could not be proven is a warning" {
	local server before
	make a <<<"CREATE TABLE t (id INT PRIMARY KEY)"
	for server in b n; do
		limited $server "ALL ON shop.*"
		before=$(sql $server "SELECT COUNT(*) FROM information_schema.SCHEMATA")
		trial -c small.cnf -s a -t limited -d shop
		equal "$verdicts" warning "$trial"
		contains "$trial" "not proven that the target takes every definition"
		equal "$(sql $server "SELECT COUNT(*) FROM information_schema.SCHEMATA")" "$before"
		equal "$(scratch_of $server)" ""
	done
}

@test "an account of --grants: tried; in the binary log only where nobody reads it" {
	local server flavour
	everything | sed -E "s/CREATE (VIEW|PROCEDURE|FUNCTION|TRIGGER)/CREATE DEFINER = owner@'%' \\1/" >sql
	sql a "CREATE USER IF NOT EXISTS owner@'%'; GRANT ALL ON *.* TO owner@'%'"
	make a <sql
	for server in b n; do
		sql $server "CREATE USER IF NOT EXISTS owner@'%'"
		flavour=mysql
		[ $server = b ] || flavour=mariadb
		sql $server "DROP USER IF EXISTS small@'%'"
		limited $server
		sql $server "DROP USER small@'%'"
		sql $server <<<"$(mi-check --grants=target --for=$flavour --user=small -d shop -d depot | sed 's/<password>/p/')"
		sql $server "GRANT $([ $server = b ] && echo SET_ANY_DEFINER || echo SET USER) ON *.* TO small@'%'"
		trial -c small.cnf -s a -t limited -d shop -d depot
		equal "$verdicts" ok "$trial"
		equal "$(scratch_of $server)" ""
	done
	timeout 60 mi-binlog -s n -A --since="$(sql n "SELECT @@gtid_binlog_pos")" >/dev/null 2>&1 3>&- &
	wait_until 20 eval '[ -n "$(sql n "SELECT 1 FROM information_schema.PROCESSLIST WHERE COMMAND LIKE '\''Binlog Dump%'\''")" ]'
	trial -c small.cnf -s a -t limited -d shop -d depot
	kill $! || true
	equal "$verdicts" warning "$trial"
	contains "$trial" "somebody reads the target's binary log"
	contains "$trial" "BINLOG ADMIN"
}

@test "--no-trial declines" {
	make m <<<"CREATE TABLE t (id INT PRIMARY KEY)"
	trial -s m -t n -d shop --no-trial
	equal "$verdicts" warning
	contains "$trial" "not proven that the target takes every definition: --no-trial declines"
}

@test "nothing of a trial is in the target's binary log" {
	local before
	everything | make a
	before=$(sql b "SELECT @@gtid_executed")
	trial -s a -t b -d shop -d depot
	equal "$verdicts" ok "$trial"
	equal "$(sql b "SELECT @@gtid_executed")" "$before"
}

many() { # N: so many tables
	local i
	for ((i = 0; i < $1; i++)); do echo "CREATE TABLE t$i (id INT PRIMARY KEY, a INT, KEY (a));"; done
}

# killed SERVER SIGNAL: sends it to a run amid its trial.
killed() {
	mi-check --tsv -q -s a -t "$1" -d shop >killed.out 2>&1 3>&- 4>&- &
	local pid=$!
	wait_until 20 eval "[ -n \"\$(scratch_of $1)\" ]"
	kill -"$2" $pid
	code=0
	wait $pid || code=$?
}

@test "kill -9 amid a trial: the next run drops what is left, and nothing else" {
	local server left other
	many 200 | make a
	for server in b n; do
		killed $server KILL
		equal "$code" 137
		left=$(scratch_of $server)
		[ -n "$left" ] || fail "nothing is left over"
		# names that are alike: made by somebody, or by a trial on another server
		other=mi_trial_00000000${left:17:8}${left:25:1}_1
		sql $server "CREATE DATABASE $other; CREATE DATABASE mi_trial_mine; CREATE DATABASE ${left}x"
		trial -s a -t $server -d depot
		equal "$verdicts" ok "$trial"
		equal "$(scratch_of $server | sort)" "$(printf '%s\n' "$other" mi_trial_mine "${left}x" | sort)"
		sql $server "DROP DATABASE $other; DROP DATABASE mi_trial_mine; DROP DATABASE ${left}x"
	done
}

@test "SIGTERM amid a trial: it drops its databases, and ends" {
	many 200 | make a
	killed b TERM
	equal "$code" 75
	equal "$(scratch_of b)" ""
}

@test "two trials at once leave each other alone" {
	many 100 | make a
	mi-check --tsv -q -s a -t b -d shop >one 2>&1 3>&- 4>&- &
	local first=$!
	mi-check --tsv -q -s a -t b -d shop >two 2>&1 3>&- 4>&- &
	wait $first
	wait $!
	contains "$(cat one)" "201 tried in scratch databases"
	contains "$(cat two)" "201 tried in scratch databases"
	equal "$(scratch_of b)" ""
}
