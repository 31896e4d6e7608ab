#!/usr/bin/env bats
# mi-route in mode replica: reads at the target, none older than a write, with a real follower.
# CAUSAL_ROUNDS (100) times about 2 reads for each of 16 clients, three times over; 1000 makes it 100,000.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

export ab_apply ab_control am_control cut_port cut_sock cut_pid cut_control cut_log # by route_up and pair_up

ROUNDS=${CAUSAL_ROUNDS:-100}

servers "a:mysql --log-bin-trust-function-creators=1" "m:mariadb --log-bin-trust-function-creators=1" b:mysql

servers_ready() {
	servers_app a m b
	export APP_PASSWORD=$app_password PYTHONPATH=$ROOT/tests/lib
	MYSQL=$(fetch-mysql)/bin/mysql
	export MYSQL
	cd "$BATS_FILE_TMPDIR" || return
	pair_up ab a b
	THREADS=2 pair_up am a m am
	THREADS=4 pair_up ma m a ma
}

teardown_file() {
	local name
	for name in ab am ma; do pair_down $name; done
	servers_down
}

# pair_up NAME SOURCE TARGET [DB]: database DB (app) followed from SOURCE to TARGET, and a router in
# mode replica in front with $THREADS event loops, NAME_port, NAME_sock...
pair_up() {
	local name=$1 from=$2 to=$3 db=${4-app} s
	mkdir -p "$name"
	for s in $from $to; do
		sql "$s" "CREATE DATABASE IF NOT EXISTS $db; GRANT ALL ON $db.* TO app@'%';
			CREATE TABLE IF NOT EXISTS $db.ryw (id INT PRIMARY KEY, n INT NOT NULL);
			CREATE TABLE IF NOT EXISTS $db.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(40)) CHARSET utf8mb4"
	done
	sql "$from" <<-END
		USE $db;
		DROP PROCEDURE IF EXISTS commits_and_fails;
		DROP PROCEDURE IF EXISTS steps;
		DROP PROCEDURE IF EXISTS steps_and_fails;
		DROP FUNCTION IF EXISTS writes;
		DELIMITER //
		CREATE PROCEDURE commits_and_fails(i INT, k INT) BEGIN
		UPDATE ryw SET n=k WHERE id=i; COMMIT; SIGNAL SQLSTATE '45000'; END//
		CREATE PROCEDURE steps(i INT) BEGIN
		UPDATE ryw SET n=1 WHERE id=i; DO GET_LOCK('gate', 20); UPDATE ryw SET n=2 WHERE id=i; END//
		CREATE PROCEDURE steps_and_fails(i INT) BEGIN CALL steps(i); SIGNAL SQLSTATE '45000'; END//
		CREATE FUNCTION writes(i INT, k INT) RETURNS INT MODIFIES SQL DATA BEGIN
		UPDATE ryw SET n=k WHERE id=i; RETURN k; END//
	END
	[ -f "$name/mode" ] || mi-route --make-mode-file=replica --mode-file="$name/mode"
	route_up "$name" -s "$from" -t "$to" --notify="$BATS_FILE_TMPDIR/$name/notify" --threads="${THREADS:-1}"
	position "$from" >"$name/since"
	follower_up "$name" "$from" "$to" "$db"
	wait_until 20 believed "$name"
}

# follower_up NAME SOURCE TARGET DB: goes on where it was; NAME_apply and NAME_binlog are pids.
follower_up() {
	local name=$1 dir=$BATS_FILE_TMPDIR/$1
	rm -f "$dir/stream"
	mkfifo "$dir/stream"
	[ -s "$dir/cp" ] || cp "$dir/since" "$dir/cp.since"
	mi-binlog -q -s "$2" -d "$4" --import="$1" --since="@$([ -s "$dir/cp" ] && echo "$dir/cp" || echo "$dir/since")" \
		>"$dir/stream" 2>>"$dir/binlog.log" </dev/null 3>&- 4>&- &
	printf -v "${name}_binlog" %s $!
	mi-apply -q -s "$3" --state-db="$4" --start="@$dir/since" --checkpoint="$dir/cp" \
		--notify="$dir/notify" <"$dir/stream" 2>>"$dir/apply.log" 3>&- 4>&- &
	printf -v "${name}_apply" %s $!
	# shellcheck disable=SC2163
	export "${name}_binlog" "${name}_apply"
}

pair_down() {
	local pid
	for pid in "$1_binlog" "$1_apply"; do
		[ -z "${!pid-}" ] || kill -KILL "${!pid}" 2>/dev/null || true
	done
	pid=$1_pid
	[ -z "${!pid-}" ] || route_down "$1"
}

# status NAME KEY
status() {
	local control=$1_control
	mi-route --tell="${!control}" status | awk -v key="$2" '$1 == key { print $2 }'
}

believed() {
	[ "$(status "$1" lag_ms)" != unknown ] && [ "$(status "$1" high_water)" != unknown ]
}

caught_up() {
	believed "$1" && [ "$(status "$1" marks_pending)" = 0 ]
}

# causal NAME CASE [DB]
causal() {
	local port=$1_port sock=$1_sock log=$1_log reads from
	reads=$(status "$1" reads_target) from=$(status "$1" reads_source)
	PORT=${!port} SOCK=${!sock} APP_DB=${3-app} CLIENTS=16 ROUNDS=$ROUNDS \
	    run_ok timeout $((110 + ROUNDS / 2)) /usr/bin/python3 "$ROOT/tests/lib/route_causal.py" "$2"
	reads=$(($(status "$1" reads_target) - reads)) from=$(($(status "$1" reads_source) - from))
	echo "# $1, $2: $output, $reads reads ($((100 * reads / (reads + from + 1))) %) at the target and $from at the source, no stale one" >&3
	[ "$reads" -gt 0 ] || fail "no read went to the target" "$(cat "${!log}")"
}

# client NAME SQL [OPTION...]: the stock client of MySQL.
client() {
	local port=$1_port
	MYSQL_PWD=$app_password "$MYSQL" --no-defaults -h127.0.0.1 -P"${!port}" -uapp -N \
	    --default-character-set=utf8mb4 "${@:3}" -e "$2" "${db-app}"
}

# side_of NAME: where a plain read goes now: source or target, by the servers' count.
goes_to_target() { # NAME
	local before
	before=$(status "$1" reads_target)
	client "$1" "SELECT n FROM ryw WHERE id=-7" >/dev/null
	[ "$(status "$1" reads_target)" -gt "$before" ]
}

@test "16 clients read their own writes: text, prepared, after failing calls, functions, resets" {
	/usr/bin/python3 -c 'import pymysql' 2>/dev/null || skip "no pymysql here"
	causal ab own
	causal am own am
	causal ma own ma
}

@test "a session sees another's write" {
	/usr/bin/python3 -c 'import pymysql' 2>/dev/null || skip "no pymysql here"
	causal ab across
}

@test "what was seen of a command that commits as it runs is seen by later reads" {
	state under_way ab ab_apply
	state under_way ma ma_apply
}

@test "a follower that is stopped: reads at the source at once; continued: at the target again" {
	wait_until 10 caught_up ab
	wait_until 10 goes_to_target ab
	kill -STOP "$ab_apply"
	client ab "REPLACE INTO ryw VALUES (-7, 1); UPDATE ryw SET n=2 WHERE id=-7"
	equal "$(client ab "SELECT n FROM ryw WHERE id=-7")" 2
	run_ok sleep 1.2 # what makes it silent
	run goes_to_target ab
	[ "$status" -ne 0 ]
	equal "$(status ab lag_ms)" unknown
	kill -CONT "$ab_apply"
	wait_until 10 goes_to_target ab
	equal "$(client ab "SELECT n FROM ryw WHERE id=-7")" 2
}

@test "reads that only the source can answer are repeated there, counted and listed" {
	wait_until 10 caught_up am
	# a table that the target has not got: no definition may change, but one can be dropped there
	sql m "DROP TABLE am.t"
	for _ in 1 2 3; do
		db=am run_ok client am "SELECT COUNT(*) FROM t WHERE id = -$RANDOM"
		equal "$output" 0
	done
	db=am run_exit 1 client am "SELECT nosuch FROM ryw"
	contains "$stderr" "1054"
	am_list=$(mi-route --tell="$am_control" incompatible)
	contains "$am_list" '3 1146 SELECT COUNT(*) FROM t WHERE id = -?'
	lacks "$am_list" nosuch
	sql m "CREATE TABLE am.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(40)) CHARSET utf8mb4"
}

@test "a session's settings and state: replayed, or its reads stay at the source" {
	local before
	wait_until 10 caught_up ab
	client ab "REPLACE INTO t VALUES (1, 'a\\\\b')"
	wait_until 10 goes_to_target ab
	before=$(status ab reads_target)
	equal "$(client ab "SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'; SELECT \"v\" FROM t WHERE v='a\\b'")" 'a\\b'
	equal "$(client ab "SET time_zone='+05:00'; SELECT FROM_UNIXTIME(0) FROM t WHERE id=1")" "1970-01-01 05:00:00"
	equal "$(client ab "SET NAMES latin1; SELECT CONCAT('x', v) FROM t WHERE id=1" --skip-column-names)" 'xa\\b'
	equal "$(status ab reads_target)" $((before + 3))
	# what cannot be made again
	equal "$(client ab "SET @x = 5; SELECT v FROM t WHERE id=1; SELECT @x" | tr '\n' ' ')" 'a\\b 5 '
	equal "$(client ab "CREATE TEMPORARY TABLE tmp SELECT 7 AS n; SELECT n FROM tmp")" 7
	equal "$(client ab "SELECT GET_LOCK('l', 0); SELECT id FROM t WHERE id=1" | tr '\n' ' ')" '1 1 '
	equal "$(status ab reads_target)" $((before + 3))
	equal "$(mi-route --tell="$ab_control" pinned | grep -c '^[0-9]' || true)" 0 # those sessions have gone
}

@test "what an earlier statement left behind is asked where that ran" {
	local id
	wait_until 10 goes_to_target ab
	run_ok client ab "INSERT INTO t (v) VALUES ('x'); SELECT COUNT(*) > 0 FROM t; SELECT LAST_INSERT_ID() > 0"
	equal "${lines[1]}" 1
	id=$(client ab "INSERT INTO t (v) VALUES ('y'); SELECT LAST_INSERT_ID()")
	equal "$(client ab "SELECT v FROM t WHERE id=$id")" y
	wait_until 10 caught_up ab
	# a warning of a read at the target
	run_ok client ab "SELECT CAST('1x' AS UNSIGNED); SHOW WARNINGS"
	contains "$output" 1292
	run_ok client ab "SELECT 1 UNION SELECT 2; SELECT FOUND_ROWS()"
	equal "${lines[2]}" 2
}

# state CASE [NAME]: a case of route_causal.py; of row -8 the source has 1 and the target 99.
state() {
	local name=${2-ab} port sock
	port=${name}_port sock=${name}_sock
	local from=a to=b db=app flavour=mysql
	[ "$name" != ma ] || from=m to=a db=ma flavour=mariadb
	sql $from "SET sql_log_bin=0; REPLACE INTO $db.ryw VALUES (-8, 1)"
	sql $to "SET sql_log_bin=0; REPLACE INTO $db.ryw VALUES (-8, 99)"
	FLAVOUR=$flavour APP_DB=$db PORT=${!port} SOCK=${!sock} FOLLOWER=${!3-} \
	    run_ok timeout 60 /usr/bin/python3 "$ROOT/tests/lib/route_causal.py" "$1"
}

@test "what is set for a moment is asked of the source: the time, RAND()'s seeds, the next transaction" { state moments; }
@test "FOUND_ROWS() is of the last SELECT, wherever it ran" { state found_rows; }
@test "long data: a read sees what was written before it is executed" { state long_data; }
@test "prepared writes are read" { state prepared_writes; }
@test "collations of a session hold on both sides" { state collations; }
@test "what is not imported is read at the source, by whatever name or view" {
	apart
	state not_imported
	state not_imported ma
}
@test "state that a program makes, however deep, pins" {
	state pins
	state pins ma
}
@test "no definition comes through in other words" {
	state guarded
	state guarded ma
}
@test "reads go to the target in every character set" {
	state character_sets
	state character_sets ma
}

# Database apart, which is not imported, and programs: of both pairs.
apart() {
	local s db
	for s in a b m; do
		sql $s "SET sql_log_bin=0; CREATE DATABASE IF NOT EXISTS apart; GRANT ALL ON apart.* TO app@'%';
			CREATE TABLE IF NOT EXISTS apart.ryw (id INT PRIMARY KEY, n INT NOT NULL);
			REPLACE INTO apart.ryw VALUES (-8, $([ $s = b ] && echo 99 || echo 1))"
	done
	for s in "a app" "b app" "m ma" "a ma"; do
		read -r s db <<<"$s"
		sql "$s" <<-END
			SET sql_log_bin=0;
			USE $db;
			CREATE OR REPLACE VIEW v_plain AS SELECT * FROM ryw;
			CREATE OR REPLACE VIEW v_apart AS SELECT x.* FROM apart.ryw x;
			CREATE OR REPLACE VIEW v_deep AS SELECT * FROM v_apart;
			CREATE TABLE IF NOT EXISTS triggered (a INT);
			DELIMITER //
			CREATE FUNCTION takes_lock() RETURNS INT NO SQL BEGIN RETURN GET_LOCK('taken', 10); END//
			CREATE FUNCTION keeps() RETURNS INT NO SQL BEGIN SET @sets = 1; RETURN 1; END//
			CREATE FUNCTION keeps_deep() RETURNS INT NO SQL BEGIN RETURN keeps(); END//
			CREATE FUNCTION pure() RETURNS INT NO SQL BEGIN RETURN 1; END//
			CREATE PROCEDURE purely() BEGIN DECLARE x INT; SET x = 1; END//
			CREATE PROCEDURE locks() BEGIN DO takes_lock(); END//
			CREATE PROCEDURE defines() BEGIN CREATE TABLE more (a INT); END//
			CREATE PROCEDURE defines_deep() BEGIN CALL defines(); END//
			CREATE PROCEDURE prepares() BEGIN PREPARE p FROM @ddl; EXECUTE p; END//
			CREATE OR REPLACE VIEW v_lock AS SELECT takes_lock() AS l//
		END
	done
	for s in "a app" "m ma"; do # not at the target, as mi-import does it
		read -r s db <<<"$s"
		sql "$s" "SET sql_log_bin=0; CREATE TRIGGER $db.sets_too BEFORE INSERT ON $db.triggered FOR EACH ROW SET @sets = 1"
	done
	for s in ab ma; do # what was made past the router
		control=${s}_control
		mi-route --tell="${!control}" programs >/dev/null
		wait_until 20 knows_programs $s
	done
}

# The catalogue has been read since it was asked for.
knows_programs() {
	[ "$(status "$1" reads_why)" != programs ]
}

@test "definitions are refused among several statements, too" { state definitions; }

@test "a database that is refused: both sides stay in the one before" {
	local server
	for server in a b; do
		sql $server "SET sql_log_bin=0; CREATE DATABASE IF NOT EXISTS other; GRANT ALL ON other.* TO app@'%';
			CREATE TABLE IF NOT EXISTS other.ryw (id INT PRIMARY KEY, n INT NOT NULL);
			REPLACE INTO other.ryw VALUES (-8, 55)"
	done
	state databases
}

@test "a temporary table that a program made is read, not the table that it hides" {
	sql a <<-'END'
		SET sql_log_bin=0;
		USE app;
		DROP PROCEDURE IF EXISTS hides;
		DROP FUNCTION IF EXISTS hides;
		DELIMITER //
		CREATE PROCEDURE hides(fails INT) BEGIN
		SET SESSION group_concat_max_len=2000;
		CREATE TEMPORARY TABLE ryw SELECT -8 AS id, 7 AS n;
		IF fails THEN SIGNAL SQLSTATE '45000'; END IF; END//
		CREATE FUNCTION hides() RETURNS INT MODIFIES SQL DATA BEGIN
		CREATE TEMPORARY TABLE ryw (id INT, n INT) ENGINE=InnoDB;
		INSERT INTO ryw VALUES (-8, 7); RETURN 1; END//
	END
	state programs
}

@test "the target cannot be written through the router, and definitions wait" {
	local refused
	refused=$(status ab ddl_refused)
	wait_until 10 goes_to_target ab
	run_exit 1 client ab "CREATE TABLE more (a INT)"
	contains "$stderr" "1290"
	run_exit 1 client ab "DROP TABLE t"
	contains "$stderr" "1290"
	equal "$(status ab ddl_refused)" $((refused + 2))
	run_ok client ab "START TRANSACTION READ WRITE; UPDATE ryw SET n=n WHERE id=-7; COMMIT"
	equal "$(sql b "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema='app' AND table_name='more'")" 0
}

@test "USE is like COM_INIT_DB: unknown names are refused, known ones followed at both sides" {
	wait_until 10 goes_to_target ab
	run_exit 1 client ab "USE nosuchdb"
	equal "$(client ab "USE app; SELECT v FROM t WHERE id=1; SELECT DATABASE()" | tr '\n' ' ')" 'a\\b app '
}

@test "a lost target: its reads are answered by the source, and later by it again" {
	wait_until 10 goes_to_target ab
	sandbox kill b
	for n in {1..5}; do
		equal "$(client ab "SELECT $n FROM t WHERE id=1")" "$n"
	done
	sandbox restart b
	wait_until 30 goes_to_target_again
}

goes_to_target_again() {
	kill -0 "$ab_apply" 2>/dev/null || follower_up ab a b app
	goes_to_target ab
}

@test "a database with another name on the target: login, COM_INIT_DB and USE are mapped" {
	sql b "CREATE DATABASE IF NOT EXISTS elsewhere; GRANT ALL ON elsewhere.* TO app@'%';
		CREATE TABLE IF NOT EXISTS elsewhere.here (a INT); REPLACE INTO elsewhere.here VALUES (3)"
	mkdir -p "$BATS_FILE_TMPDIR/mapped"
	rm -f "$BATS_FILE_TMPDIR/mapped/mode"
	mi-route --make-mode-file=primary --mode-file="$BATS_FILE_TMPDIR/mapped/mode"
	route_up mapped -s a -t b --map=app=elsewhere
	run_ok client mapped "SELECT a FROM here LIMIT 1; USE information_schema; USE app; SELECT a, DATABASE() FROM here LIMIT 1"
	equal "${lines[0]}" 3
	equal "${lines[1]}" "3	elsewhere"
	run_exit 1 client mapped "USE nosuchdb"
	contains "$stderr" "nosuchdb"
	route_down mapped
}

@test "a COMMIT whose answer is lost, after a SELECT: others look at the source" {
	local dir=$BATS_FILE_TMPDIR/cut
	mkdir -p "$dir"
	background python3 "$ROOT/tests/lib/cutproxy.py" "$(fact a port)" "$dir/port" 1 $'\x03COMMIT' 1
	wait_until 10 test -s "$dir/port"
	sed "/^\[client_a\]/,/^$/{s/^port=.*/port=$(cat "$dir/port")/;/^socket=/d;s/^ssl-mode=.*//}" "$MI_CONFIG" >"$dir/my.cnf"
	sed -i "s|^\[client_a\]|&\nssl-mode=DISABLED\nserver-public-key-path=$(fact a datadir)/public_key.pem|" "$dir/my.cnf"
	chmod 600 "$dir/my.cnf"
	route_down ab # its follower speaks to another one: this test is the last
	(
		export MI_CONFIG=$dir/my.cnf
		cp "$BATS_FILE_TMPDIR/ab/users" "$dir/users"
		mi-route --make-mode-file=replica --mode-file="$dir/mode"
		route_up cut -s a -t b --notify="$BATS_FILE_TMPDIR/ab/notify"
		declare -p cut_port cut_sock cut_pid cut_control cut_log >"$dir/facts"
	)
	# shellcheck source=/dev/null
	. "$dir/facts"
	wait_until 20 believed cut
	state lost_commit cut ab_apply
	route_down cut
}
