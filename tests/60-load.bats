#!/usr/bin/env bats
# mi-load against real servers: damaged input first, then values, running again, kills.
# Streams are made by mk_lines (tests/unit/mk_lines.c), so that each says just what a test is about.
# shellcheck disable=SC2016,SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

gtid=3e11fa47-71ca-11e1-9e33-c80aa9429562

servers "a:mysql --max-allowed-packet=256M" "m:mariadb --max-allowed-packet=256M"

servers_ready() {
	export BOTH="a m"
	# Oracle's library of MySQL 9 has no mysql_native_password any more
	if ldd "$MI_BIN/mi-load" | grep -q libmysqlclient && ! mi-load -s m --flavour >/dev/null 2>&1; then
		echo "# this client library cannot log in to MariaDB: MySQL alone" >&3
		BOTH=a
	fi
}

need_mariadb() {
	[ "$BOTH" != a ] || skip "this client library cannot log in to MariaDB"
}

test_begins() {
	mk=${MI_BIN%/bin}/unit/mk_lines
	for server in a m; do
		sql "$server" "DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS other"
	done
}

# The lines of a small shop: TABLE t, with its key.
define_t() {
	printf 'table\tshop\tt\ncolumn\tid\tint\tint\t\t4\n'
	printf 'column\tname\tchar\tvarchar(100)\tnullable variable\t400\tutf8mb4\n'
	printf 'key\tPRIMARY\tprimary\tid\ndefine\n'
}

pre() {
	printf 'stream\tschema\t%s\n' "${1-}"
	printf 'ddl\tpre\tdatabase\t\tshop\t\tCREATE DATABASE IF NOT EXISTS `shop` DEFAULT CHARACTER SET utf8mb4\n'
	define_t
	printf 'ddl\tpre\ttable\tshop\tt\t\tCREATE TABLE `t` (`id` int NOT NULL, `name` varchar(100), PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4\n'
	printf 'expect\tshop\tt\nend\n'
}

# rows CHUNKS ROWS-PER-CHUNK [IMPORT [LOW [HIGH]]]
rows() {
	local chunks=$1 per=$2 lo='' hi i
	printf 'stream\trows\t%s\t%s\t%s\n' "${3-}" "${4-$gtid:1-5}" "${5-${4-$gtid:1-5}}"
	define_t
	for ((i = 0; i < chunks; i++)); do
		hi=$(((i + 1) * per))
		printf 'chunk\tt\t0\t%s\t%s\n' "$lo" "$([ $i -eq $((chunks - 1)) ] || echo $hi)"
		printf 'rows\t%s\t%s\t#\trow # with \\\\ and \\t\nendchunk\n' $((i * per + 1)) $hi
		lo=$hi
	done
	printf 'tableend\tt\t%s\nend\n' $((chunks * per))
}

post() {
	printf 'stream\tschema\n'
	printf 'ddl\tpost\tindex\tshop\tt\tname\tADD KEY `name` (`name`)\n'
	printf 'ddl\tpost\tview\tshop\tv\t\tCREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select `w`.`id` AS `id` from `w`\n'
	printf 'ddl\tpost\tview\tshop\tw\t\tCREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `w` AS select `t`.`id` AS `id` from `t`\n'
	printf 'end\n'
}

whole() {
	pre
	rows "$@"
	post
}

count() { # SERVER
	sql "$1" "SELECT COUNT(*), COUNT(DISTINCT id), COALESCE(SUM(id), 0) FROM shop.t"
}

sum_to() { # N
	printf '%s\t%s\t%s' "$1" "$1" $(($1 * ($1 + 1) / 2))
}

# load_file SERVER FILE [OPTION...]
load_file() {
	local server=$1 file=$2
	shift 2
	mi-load -s "$server" "$@" <"$file"
}

# ---- Damage ----

@test "an empty input, and one that is no stream" {
	run_exit 65 load_file a /dev/null
	echo "hello" >text
	run_exit 65 load_file a text
}

@test "a stream cut anywhere: 65, and whole chunks or nothing" {
	{ pre; rows 4 100; } | "$mk" >good
	size=$(stat -c %s good)
	for cut in 1 100 $((size / 3)) $((size / 2)) $((size * 3 / 4)) $((size - 1)); do
		sql a "DROP DATABASE IF EXISTS shop"
		head -c "$cut" good >bad
		run_exit 65 load_file a bad
		contains "$stderr" "frame"
		[ "$cut" -gt $((size / 3)) ] || continue
		got=$(sql a "SELECT COUNT(*) FROM shop.t" 2>/dev/null || echo 0)
		equal $((got % 100)) 0 "cut at $cut"
	done
	sql a "DROP DATABASE IF EXISTS shop"
	run_ok load_file a good
	equal "$(count a)" "$(sum_to 400)"
}

@test "a flipped bit in a chunk leaves nothing of it" {
	{ pre; rows 1 5000; } | "$mk" >good
	size=$(stat -c %s good)
	cp good bad
	printf 'X' | dd of=bad bs=1 seek=$((size - 3000)) conv=notrunc status=none
	run_exit 65 load_file a bad
	equal "$(sql a 'SELECT COUNT(*) FROM shop.t')" 0
}

@test "definitions whose rows never come: 65, and no post-data" {
	{ pre; post; } | "$mk" >bad
	run_exit 65 load_file a bad
	contains "$stderr" "shop.t"
	equal "$(sql a 'SHOW KEYS FROM shop.t' | wc -l)" 1
	pre | "$mk" >bad
	run_exit 65 load_file a bad
	run_ok load_file a bad --schema-only
}

@test "rows that belong to another definition, or another import" {
	{ pre; rows 1 3 | sed 's/varchar(100)\tnullable/varchar(100)\t/'; } | "$mk" >bad
	run_exit 65 load_file a bad
	contains "$stderr" "changed between"
	{ pre one; rows 1 3 two; } | "$mk" >bad
	run_exit 65 load_file a bad
	contains "$stderr" "import"
	{ pre one; rows 1 3 one; } | "$mk" >bad
	run_exit 65 load_file a bad --import=three
}

@test "rows without TABLEEND, too few, or with a gap between chunks" {
	{ pre; rows 2 10 | grep -v tableend; } | "$mk" >bad
	run_exit 65 load_file a bad
	contains "$stderr" "TABLEEND"
	sql a "DROP DATABASE shop"
	{ pre; rows 2 10 | sed 's/^tableend.*/tableend\tt\t21/'; } | "$mk" >bad
	run_exit 65 load_file a bad
	sql a "DROP DATABASE shop"
	{ pre; rows 3 10 | sed 's/\t10\t20$/\t11\t20/'; } | "$mk" >bad
	run_exit 65 load_file a bad
	contains "$stderr" "gaps"
	run_exit 0 mi-load -s a --done
	lacks "$output" "done"
}

@test "values that do not fit roll the chunk back and say which" {
	for method in load-data insert; do
		for value in '99999999999\tx' 'abc\tx' "7\t$(printf 'x%.0s' {1..101})"; do
			sql a "DROP DATABASE IF EXISTS shop"
			{ pre; rows 1 3; } | sed "s/^tableend.*/tableend\tt\t4/; s/^endchunk/row\t$value\nendchunk/" | "$mk" >bad
			run_exit 65 load_file a bad --method=$method
			equal "$(sql a 'SELECT COUNT(*) FROM shop.t')" 0
			equal "$(sql a "SELECT COUNT(*) FROM shop._mi_load WHERE kind='chunk'")" 0
		done
	done
	sql a "DROP DATABASE shop"
	{ pre; rows 1 3 | sed "s/^endchunk/row\t3\ttwice\nendchunk/; s/^tableend.*/tableend\tt\t4/"; } | "$mk" >bad
	run_exit 65 load_file a bad
	equal "$(sql a 'SELECT COUNT(*) FROM shop.t')" 0
}

@test "event streams are for mi-apply" {
	printf 'stream\tevents\nend\n' | "$mk" >bad
	run_exit 65 load_file a bad
	contains "$stderr" "mi-apply"
}

@test "options that make no sense" {
	: >empty
	run_exit 64 load_file a empty --method=magic
	run_exit 64 load_file a empty --dialect=oracle
	run_exit 64 load_file a empty --import=a/b
	run_exit 64 load_file a empty --map-db=x
	run_exit 64 load_file a empty --password=x
}

# ---- Good streams ----

@test "a whole load, both servers, both methods; the checkpoint; run again" {
	for server in $BOTH; do
		for method in load-data insert; do
			sql "$server" "DROP DATABASE IF EXISTS shop"
			whole 5 2000 | "$mk" >good
			run_ok load_file "$server" good --method=$method --checkpoint=position
			equal "$(count "$server")" "$(sum_to 10000)"
			equal "$(sql "$server" 'SELECT name FROM shop.t WHERE id=77')" "row 77 with \\ and $(printf '\t')"
			equal "$(sql "$server" 'SELECT COUNT(*) FROM shop.v')" 10000
			equal "$(sql "$server" "SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema='shop' AND index_name='name'")" 1
			equal "$(cat position)" "$gtid:1-5"
			equal "$(sql "$server" "SELECT state, epoch, seq, high FROM shop._mi_checkpoint WHERE sid=''")" \
			    "$(printf 'open\t1\t0\t%s:1-5' $gtid)"
			equal "$(sql "$server" "SELECT sid, intervals FROM shop._mi_checkpoint WHERE sid<>''")" \
			    "$(printf '%s\t1-5' $gtid)"
			run_ok mi-load -s "$server" --done
			equal "$output" "$(printf 'shop\tt\tdone\tverified')"
			run_ok load_file "$server" good --method=$method
			contains "$stderr" "5 chunks with 10000 rows were here already"
			equal "$(count "$server")" "$(sum_to 10000)"
		done
	done
}

@test "LOAD DATA is not allowed there: INSERT takes over, unless told not to" {
	whole 2 1000 | "$mk" >good
	for server in $BOTH; do
		sql "$server" "SET GLOBAL local_infile=OFF"
		run_exit 78 load_file "$server" good --method=load-data
		run_ok load_file "$server" good
		sql "$server" "SET GLOBAL local_infile=ON"
		equal "$(count "$server")" "$(sum_to 2000)"
	done
}

@test "statements stay within max_allowed_packet; a longer row is refused by name" {
	need_mariadb
	sql m "SET GLOBAL max_allowed_packet=1048576"
	{ pre; rows 1 30000; } | "$mk" >good
	run_ok load_file m good --method=insert
	equal "$(count m)" "$(sum_to 30000)"
	sql m "DROP DATABASE shop"
	{ pre; rows 1 1; } | sed 's/varchar(100)/longtext/; s/\tchar\tlongtext\tnullable variable\t400/\ttext\tlongtext\tnullable\t/' |
	    awk '$1 == "endchunk" { printf "row\t2\t"; for (i = 0; i < 700000; i++) printf "x"; print "" }
		$1 == "tableend" { $0 = "tableend\tt\t2" } { print }' | "$mk" >long
	run_exit 78 load_file m long --method=insert
	contains "$stderr" "max_allowed_packet"
	equal "$(sql m 'SELECT COUNT(*) FROM shop.t')" 0
	run_ok load_file m long --method=load-data
	equal "$(sql m 'SELECT MAX(LENGTH(name)) FROM shop.t')" 700000
	sql m "SET GLOBAL max_allowed_packet=268435456"
}

enums() { # N
	printf 'stream\tschema\nddl\tpre\tdatabase\t\tshop\t\tCREATE DATABASE `shop`\n'
	for kind in schema rows; do
		[ $kind = schema ] || printf 'end\nstream\trows\t\t%s:1-5\t%s:1-5\n' $gtid $gtid
		printf 'table\tshop\te\ncolumn\tid\tint\tint\t\t4\n'
		printf "column\te\tenum\tenum('0','1','2')\tnullable\t\tutf8mb4\n"
		printf "column\ts\tset\tset('x','y')\tnullable\t\tutf8mb4\n"
		printf 'key\tPRIMARY\tprimary\tid\ndefine\n'
		[ $kind = rows ] || printf "ddl\tpre\ttable\tshop\te\t\tCREATE TABLE e (id int NOT NULL, e enum('0','1','2'), s set('x','y'), PRIMARY KEY (id)) DEFAULT CHARSET=utf8mb4\nexpect\tshop\te\n"
	done
	printf 'chunk\te\nrows\t1\t%s\t#\t0\t0\nrows\t%s\t%s\t#\t2\t3\nendchunk\ntableend\te\t%s\nend\n' \
	    "$1" $(($1 + 1)) $(($1 * 2)) $(($1 * 2))
}

@test "ENUM error values, a few and many, and members that are numbers" {
	for server in $BOTH; do
		for n in 3 500; do
			for method in load-data insert; do
				sql "$server" "DROP DATABASE IF EXISTS shop"
				enums $n | "$mk" >good
				run_ok load_file "$server" good --method=$method
				equal "$(sql "$server" 'SELECT e+0, s+0, COUNT(*) FROM shop.e GROUP BY 1, 2 ORDER BY 1')" \
				    "$(printf '0\t0\t%s\n2\t3\t%s' $n $n)"
			done
		done
	done
	sql a "DROP DATABASE shop"
	enums 3 | sed "s/CREATE TABLE e (id int NOT NULL, e enum('0','1','2')/CREATE TABLE e (id int NOT NULL, e enum('1','0','2')/" | "$mk" >bad
	run_exit 65 load_file a bad
	contains "$stderr" "enum('1','0','2')"
}

@test "another name for the database" {
	whole 2 100 | "$mk" >good
	run_ok load_file a good --map-db=shop=other
	equal "$(sql a 'SELECT COUNT(*) FROM other.t JOIN other.v USING (id)')" 200
	run_ok mi-load -s a --done
	equal "$output" "$(printf 'shop\tt\tdone\tverified')"
}

@test "--no-binlog keeps rows out of the binary log and says so in _mi_load" {
	whole 1 10 | "$mk" >good
	before=$(sql a "SELECT @@gtid_executed")
	run_ok load_file a good --no-binlog
	equal "$(sql a 'SELECT @@gtid_executed')" "$before"
	equal "$(sql a 'SELECT MIN(no_binlog) FROM shop._mi_load')" 1
	sql a "CREATE USER IF NOT EXISTS low@'127.0.0.1' IDENTIFIED BY 'low'; GRANT ALL ON shop.* TO low@'127.0.0.1'"
	{ cat "$MI_CONFIG"; printf '[client_low]\nhost=127.0.0.1\nport=%s\nuser=low\npassword=low\n' "$(fact a port)"; } >"$BATS_TEST_TMPDIR/low.cnf"
	chmod 600 low.cnf
	run_exit 77 mi-load -c "$BATS_TEST_TMPDIR/low.cnf" -s low --no-binlog <good
}

# ---- What must be refused ----

@test "tables with rows of somebody else, other columns, triggers, no transactions" {
	{ pre; rows 1 10; } | "$mk" >good
	for server in $BOTH; do
		make="CREATE DATABASE shop; CREATE TABLE shop.t (id int NOT NULL, name varchar(100), PRIMARY KEY (id)) DEFAULT CHARSET=utf8mb4"
		sql "$server" "$make; INSERT INTO shop.t VALUES (100, 'old')"
		run_exit 78 load_file "$server" good
		contains "$stderr" "shop.t"
		equal "$(sql "$server" 'SELECT COUNT(*) FROM shop.t')" 1
		run_ok load_file "$server" good --into-existing
		equal "$(sql "$server" 'SELECT COUNT(*) FROM shop.t')" 11

		sql "$server" "DROP DATABASE shop; ${make/varchar/varbinary}"
		run_exit 65 load_file "$server" good
		contains "$stderr" "column name"
		sql "$server" "DROP DATABASE shop; ${make/name varchar(100),/}"
		run_exit 65 load_file "$server" good
		sql "$server" "DROP DATABASE shop; ${make/utf8mb4/latin1}"
		run_exit 65 load_file "$server" good
		contains "$stderr" "latin1"

		sql "$server" "DROP DATABASE shop; $make; CREATE TRIGGER shop.bell BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.name='x'"
		run_exit 78 load_file "$server" good
		contains "$stderr" "bell"
		sql "$server" "DROP DATABASE shop; $make; ALTER TABLE shop.t ENGINE=MyISAM"
		run_exit 78 load_file "$server" good
		contains "$stderr" "MyISAM"
		sql "$server" "DROP DATABASE shop; $make"
		run_ok load_file "$server" good
		sql "$server" "DROP DATABASE shop"
	done
}

@test "a row with a key that is there already is not written over when the snapshot is exact" {
	{ pre; rows 1 10; } | "$mk" >good
	sql a "CREATE DATABASE shop; CREATE TABLE shop.t (id int NOT NULL, name varchar(100), PRIMARY KEY (id)) DEFAULT CHARSET=utf8mb4; INSERT INTO shop.t VALUES (5, 'old')"
	for method in load-data insert; do
		run_exit 65 load_file a good --into-existing --method=$method
		equal "$(sql a 'SELECT * FROM shop.t')" "$(printf '5\told')"
	done
}

@test "several snapshots: rows are replaced, and the positions are joined" {
	{ pre; rows 2 10 '' "$gtid:1-5" "$gtid:1-9"; } | "$mk" >first
	run_ok load_file a first
	{ pre; rows 1 20 '' "$gtid:1-7" "$gtid:1-12"; } | "$mk" >second
	run_ok load_file a second --method=insert
	equal "$(count a)" "$(sum_to 20)"
	equal "$(sql a "SELECT intervals FROM shop._mi_checkpoint WHERE sid<>''")" 1-5
	equal "$(sql a "SELECT high FROM shop._mi_checkpoint WHERE sid=''")" "$gtid:1-12"
}

@test "a flow that is being followed is not loaded again" {
	whole 1 10 | "$mk" >good
	run_ok load_file a good
	sql a "UPDATE shop._mi_checkpoint SET seq=3 WHERE sid=''"
	run_exit 78 load_file a good
	contains "$stderr" "followed"
	printf 'stream\tschema\nddl\thigh\tunique\tshop\tt\tlater\tADD UNIQUE KEY `later` (`id`,`name`)\nend\n' | "$mk" >high
	run_ok load_file a high
	run_ok load_file a high
	sql a "UPDATE shop._mi_checkpoint SET high='$gtid:1-6' WHERE sid=''"
	run_exit 75 load_file a high
}

@test "views, routines, triggers and events: equal ones stay, others are refused" {
	{
		whole 1 10 | grep -v '^end$' | sed 's/^stream/end\nstream/' | tail -n +2
		printf 'ddl\tpost\troutine\tshop\tf\t\tCREATE FUNCTION `f`() RETURNS int DETERMINISTIC RETURN 1\tNO_ZERO_DATE\tutf8mb4\tutf8mb4_general_ci\n'
		printf 'ddl\tpost\ttrigger\tshop\tr\t\tCREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.name = UPPER(NEW.name)\n'
		printf 'ddl\tpost\tevent\tshop\te\t\tCREATE EVENT `e` ON SCHEDULE EVERY 1 DAY STARTS '"'2030-01-01 00:00:00'"' ON COMPLETION NOT PRESERVE DISABLE DO SELECT 1\n'
		printf 'end\n'
	} >lines
	"$mk" <lines >good
	for server in $BOTH; do
		run_ok load_file "$server" good
		equal "$(sql "$server" "SELECT sql_mode FROM information_schema.routines WHERE routine_schema='shop'")" NO_ZERO_DATE
		run_ok load_file "$server" good # its trigger is there, and no row is missing
		whole 2 5 | "$mk" >other # chunks of another dump, which would be written
		run_exit 78 load_file "$server" other
		contains "$stderr" "trigger r"
		sql "$server" "DROP FUNCTION shop.f; CREATE FUNCTION shop.f() RETURNS int DETERMINISTIC RETURN 2"
		run_exit 78 load_file "$server" good
		contains "$stderr" "routine shop.f"
		equal "$(sql "$server" "SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema='shop'")" 1
		run_ok load_file "$server" good --into-existing
		equal "$(sql "$server" 'SELECT shop.f()')" 2
	done
}

# ---- Tables without a key that can bound ranges ----

parts() { # PARTS ROWS
	local define i
	define=$(printf 'table\tshop\tp\ncolumn\ta\tint\tint\tnullable\t4\ndefine')
	printf 'stream\tschema\nddl\tpre\tdatabase\t\tshop\t\tCREATE DATABASE `shop`\n%s\n' "$define"
	printf 'ddl\tpre\ttable\tshop\tp\t\tCREATE TABLE p (a int)\nexpect\tshop\tp\nend\n'
	printf 'stream\trows\t\t%s:1-5\t%s:1-5\n%s\n' $gtid $gtid "$define"
	for ((i = 1; i <= $1; i++)); do
		printf 'chunk\tp\t%s\nrows\t1\t%s\t#\nendchunk\n' "$i" "$2"
	done
	printf 'tableend\tp\t%s\nend\n' $(($1 * $2))
}

@test "parts: the same stream goes on, another begins anew" {
	parts 5 100 | "$mk" >good
	parts 4 90 | "$mk" >other
	for server in $BOTH; do
		head -c $(($(stat -c %s good) - 300)) good >part
		run_exit 65 load_file "$server" part
		run_ok mi-load -s "$server" --done
		equal "$output" ""
		run_ok load_file "$server" good
		equal "$(sql "$server" 'SELECT COUNT(*) FROM shop.p')" 500
		sql "$server" "DELETE FROM shop._mi_load WHERE kind='end' OR part=3; DELETE FROM shop.p LIMIT 100"
		run_ok load_file "$server" other
		contains "$stderr" "anew"
		equal "$(sql "$server" 'SELECT COUNT(*) FROM shop.p')" 360
		sql "$server" "DROP DATABASE shop"
	done
}

# ---- Interruptions ----

is_sleeping() {
	sql a "SELECT info FROM information_schema.processlist WHERE state='User sleep'" | grep -q SLEEP
}

@test "a transaction that holds the chunk's row: it is waited for, and the chunk is done" {
	{ pre; rows 1 10; } | "$mk" >good
	run_ok load_file a good
	sql a "TRUNCATE shop.t; CREATE TABLE shop.kept AS SELECT * FROM shop._mi_load; DELETE FROM shop._mi_load WHERE kind<>'stream'"
	# a dead client's session that still commits: the chunk's rows and its row in _mi_load
	background sql a "BEGIN; INSERT INTO shop._mi_load SELECT * FROM shop.kept WHERE kind='chunk';
		INSERT INTO shop.t SELECT 1, 'x'; SELECT SLEEP(2); COMMIT"
	holder=$bg_pid
	wait_until 10 is_sleeping
	run_ok load_file a good --into-existing
	wait "$holder"
	equal "$(sql a 'SELECT COUNT(*) FROM shop.t')" 1 "the other session's chunk was taken as done"
}

# Becomes mi-load with a file as its input (bash gives /dev/null to what runs in the background).
from_file() { # FILE LOG OPTION...
	local file=$1 log=$2
	shift 2
	exec mi-load "$@" <"$file" 2>"$log"
}

rows_are_coming() { # SERVER
	sql "$1" "SELECT 1 FROM shop._mi_load WHERE kind='stream'" | grep -q 1
}

between_zero_and() { # SECONDS
	awk -v r="$RANDOM" -v most="$1" 'BEGIN { printf "%.3f", r / 32768 * most }'
}

# A whole load that nobody disturbs: how long it takes, and how long its rows take.
measure() { # SERVER [OPTION...]
	local began=$EPOCHREALTIME
	mi-load -q -s "$@" <good
	whole_time=$(awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN { print to - from }')
	rows_time=$(sql "$1" "SELECT TIMESTAMPDIFF(MICROSECOND, MIN(made_at), MAX(made_at)) / 1e6
		FROM shop._mi_load WHERE kind='chunk'")
}

# Starts a load, kills what WHAT says at a random moment, goes on until one finishes. Odd rounds
# choose among all moments, even ones among those at which rows are coming. ROUNDS in the environment:
# more often.
kill_rounds() { # SERVER WHAT ROUNDS [OPTION...]
	local server=$1 what=$2 rounds=${ROUNDS:-$3} round delay tries code whole_time rows_time
	shift 3
	[[ $MI_BIN != */oracle/* ]] || rounds=2 # the other client library's run does the rest
	RANDOM=${SEED:=$$}
	echo "# SEED=$SEED" >&3
	whole 12 10000 | "$mk" >good
	measure "$server" -j 3 "$@"
	for ((round = 1; round <= rounds; round++)); do
		sql "$server" "DROP DATABASE IF EXISTS shop"
		background from_file good log -s "$server" -j 3 "$@"
		if [ $((round % 2)) -eq 0 ]; then
			wait_until 20 rows_are_coming "$server"
			delay=$(between_zero_and "$rows_time")
		else
			delay=$(between_zero_and "$whole_time")
		fi
		sleep "$delay" # the moment is random by intent
		if [ "$what" = server ]; then
			sandbox kill "$server"
			sandbox restart "$server" 2>>log
		else
			kill "-$what" "$bg_pid" 2>/dev/null || true
		fi
		code=0
		wait "$bg_pid" || code=$?
		tries=0
		while :; do
			case $code in 0) [ "$what" = server ] && break ;; 69 | 75 | 137) ;; *)
				fail "round $round after $delay s: exit $code" "$(tail -5 log)" || return ;;
			esac
			code=0
			mi-load -s "$server" -j 3 "$@" <good 2>>log || code=$?
			[ $code -ne 0 ] || break
			tries=$((tries + 1))
			[ $tries -lt 5 ] || fail "round $round after $delay s:" "$(tail -5 log)" || return
		done
		equal "$(count "$server")" "$(sum_to 120000)" "round $round after $delay s"
		equal "$(sql "$server" "SELECT SUM(\`rows\`) FROM shop._mi_load WHERE kind='chunk'")" 120000
		equal "$(sql "$server" 'SELECT COUNT(*) FROM shop.v')" 120000
	done
}

@test "mi-load killed at random moments, MySQL" {
	kill_rounds a KILL 4
}

@test "mi-load killed at random moments, MariaDB, INSERT" {
	need_mariadb
	kill_rounds m KILL 2 --method=insert
}

@test "the target killed at random moments, MySQL: the same mi-load goes on or a new one" {
	kill_rounds a server 3
}

@test "the target killed at random moments, MariaDB" {
	need_mariadb
	kill_rounds m server 2
}

@test "SIGTERM: chunks in hand are finished, exit 75, and it goes on" {
	whole 40 1500 | "$mk" >good
	mkfifo pipe
	background bash -c 'exec mi-load -s a <pipe 2>log'
	{ head -c $(($(stat -c %s good) / 2)) good; wait_until 20 half_there; kill -TERM "$bg_pid"; wait_until 20 gone; } >pipe
	code=0
	wait "$bg_pid" || code=$?
	equal "$code" 75 "$(cat log)"
	equal $(($(sql a "SELECT COUNT(*) FROM shop.t") % 1500)) 0
	run_ok load_file a good
	equal "$(count a)" "$(sum_to 60000)"
}

half_there() {
	[ "$(sql a "SELECT COUNT(*) FROM shop.t" 2>/dev/null || echo 0)" -gt 0 ]
}

gone() {
	! kill -0 "$bg_pid" 2>/dev/null
}

@test "a server that is not there: 69 at once" {
	printf '[client_gone]\nhost=127.0.0.1\nport=1\nuser=mi\npassword=x\n' >gone.cnf
	chmod 600 gone.cnf
	whole 1 10 | "$mk" >good
	run_exit 69 mi-load -c gone.cnf -s gone <good
}
