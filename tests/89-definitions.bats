#!/usr/bin/env bats
# By which definitions mi-binlog decodes a log: those of the log's own time, however late it is read.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

# both SOURCE TARGET: one table on both sides, whose columns are of one type.
both() {
	local server
	for server in "$1" "$2"; do
		sql "$server" "DROP DATABASE IF EXISTS d; DROP DATABASE IF EXISTS d2; CREATE DATABASE d;
			CREATE TABLE d.sw (id INT PRIMARY KEY, a INT, b INT) CHARSET=utf8mb4; INSERT INTO d.sw VALUES (1, 10, 20)"
	done
	rm -rf cp defs
	start=$(position "$1")
}

# reads SOURCE SINCE [OPTION...]: $status and $stderr of mi-binlog, $rows, how many changes of rows it has written.
into_file() { mi-binlog -q -s "$1" -d d --since="$2" --until=now "${@:3}" >stream; }
reads() {
	run --separate-stderr into_file "$@"
	rows=$(mi-cat stream 2>/dev/null | grep -cE '^  (insert|update|delete) ' || true)
}

# goes SOURCE TARGET [OPTION...]: follows up to now, with mi-binlog's OPTIONs.
goes() {
	local since=$start
	[ ! -e cp ] || since=@cp
	mi-binlog -q -s "$1" -d d --import=d --since="$since" --until=now "${@:3}" |
	    mi-apply -q -s "$2" --state-db=d --start="$start" --checkpoint=cp --on-ddl=apply
}

same() { # SOURCE TARGET
	equal "$(sql "$2" "SELECT * FROM d.sw ORDER BY id")" "$(sql "$1" "SELECT * FROM d.sw ORDER BY id")"
}

moved() { # SOURCE: rows, then a change that only the order of the columns shows, then rows
	sql "$1" "INSERT INTO d.sw VALUES (2, 11, 21); UPDATE d.sw SET a=12 WHERE id=1; ALTER TABLE d.sw MODIFY a INT AFTER b;
		INSERT INTO d.sw (id, a, b) VALUES (3, 13, 23)"
}

@test "columns that change places while nobody follows: with the folder, equal" {
	local pair
	for pair in "a b" "m n"; do
		# shellcheck disable=SC2086
		set -- $pair
		both "$1" "$2"
		goes "$1" "$2" --definitions=defs
		moved "$1"
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
		# names that change places
		sql "$1" "UPDATE d.sw SET a=77 WHERE id=2; ALTER TABLE d.sw CHANGE a b INT, CHANGE b a INT; UPDATE d.sw SET a=78 WHERE id=3;
			ALTER TABLE d.sw CHANGE a b INT, CHANGE b a INT; INSERT INTO d.sw (id, a, b) VALUES (4, 1, 2); CREATE TABLE d.other LIKE d.sw;
			RENAME TABLE d.sw TO d.old, d.other TO d.sw; INSERT INTO d.sw (id, a, b) VALUES (9, 91, 92)"
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
		equal "$(sql "$2" "SELECT * FROM d.old ORDER BY id")" "$(sql "$1" "SELECT * FROM d.old ORDER BY id")"
	done
}

@test "without the folder: rows of before are refused, not one is decoded by what the server says today" {
	local source
	for source in a m; do
		both "$source" b
		moved "$source"
		reads "$source" "$start"
		equal "$status" 65
		contains "$stderr" "rows of table d.sw, whose definition at that time is not known"
		equal "$rows" 0
	done
}

@test "a definition that came after all rows is no obstacle" {
	local source
	for source in a m; do
		both "$source" b
		sql "$source" "CREATE TABLE d.orders (id INT PRIMARY KEY, x INT); CREATE TABLE d.orders_2025 (id INT PRIMARY KEY);
			INSERT INTO d.orders VALUES (1, 2); DROP TABLE d.orders_2025; INSERT INTO d.orders VALUES (2, 3)"
		reads "$source" "$start"
		equal "$status $rows" "0 2" "$stderr"
	done
}

@test "a part that was followed without the folder: what changed there is not taken from it" {
	local pair
	for pair in "a b" "m n"; do
		# shellcheck disable=SC2086
		set -- $pair
		both "$1" "$2"
		goes "$1" "$2" --definitions=defs
		sql "$1" "ALTER TABLE d.sw MODIFY a INT AFTER b"
		goes "$1" "$2"
		sql "$1" "INSERT INTO d.sw (id, a, b) VALUES (3, 13, 23)"
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
	done
}

@test "a position that was set back: definitions of a later time are not used" {
	local source
	for source in a m; do
		both "$source" b
		sql "$source" "INSERT INTO d.sw VALUES (2, 11, 21)"
		reads "$source" "$(position "$source")" --definitions=defs
		equal "$status" 0 "$stderr"
		reads "$source" "$start" --definitions=defs
		equal "$status" 0 "$stderr"
		sql "$source" "ALTER TABLE d.sw MODIFY a INT AFTER b"
		rm -rf defs
		reads "$source" "$(position "$source")" --definitions=defs
		reads "$source" "$start" --definitions=defs
		equal "$status" 65
		contains "$stderr" "not known"
	done
}

@test "the folder is one process's at a time; a damaged file is refused" {
	both a b
	reads a "$start" --definitions=defs
	exec {lock}>defs/lock
	flock "$lock"
	reads a "$start" --definitions=defs
	equal "$status" 75
	exec {lock}>&-
	printf 'x' | dd of="$(echo defs/base-*.mi)" bs=1 seek=40 conv=notrunc status=none
	reads a "$start" --definitions=defs
	equal "$status" 65
	contains "$stderr" "defs/base-"
}

@test "columns in another order on the target: refused before the first row" {
	both a b
	sql b "ALTER TABLE d.sw MODIFY a INT AFTER b"
	sql a "INSERT INTO d.sw VALUES (2, 11, 21)"
	run --separate-stderr goes a b
	equal "$status" 65
	contains "$stderr" "column b stands before a here"
	equal "$(sql b "SELECT COUNT(*) FROM d.sw")" 1
}

dumps() { # SOURCE: it sends its log to somebody
	[ "$(sql "$1" "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'")" -gt 0 ]
}

@test "an address that leads to another server meanwhile: that one is not asked" {
	local pair sleeping code=0
	for pair in "a b" "m n"; do
		# shellcheck disable=SC2086
		set -- $pair
		both "$1" "$2"
		ln -sfn "$MI_SANDBOX/$1/sock" sock
		printf '[client_moving]\nhost=localhost\nuser=root\nsocket=%s/sock\n' "$PWD" >moving.cnf
		background mi-binlog -c moving.cnf -s moving -d d --heartbeat=600 --since="$start" >stream 2>err
		wait_until 60 dumps "$1"
		# its connection for questions is lost when it is used next, which is when the first row comes
		ln -sfn "$MI_SANDBOX/$2/sock" sock
		sleeping=$(sql "$1" "SELECT ID FROM information_schema.PROCESSLIST WHERE USER='root' AND COMMAND='Sleep'")
		for sleeping in $sleeping; do sql "$1" "KILL $sleeping"; done
		sql "$1" "INSERT INTO d.sw VALUES (2, 11, 21)"
		sql "$1" "ALTER TABLE d.sw MODIFY a INT AFTER b; INSERT INTO d.sw (id, a, b) VALUES (3, 13, 23)"
		code=0
		wait "$bg_pid" || code=$?
		equal "$code" 75 "$(cat err)"
		contains "$(cat err)" "another server answers"
		run_ok mi-cat --check stream
	done
}

@test "a folder of another server, whose positions compare, is not used" {
	both m n
	# the other one's table has its columns in another order, and its position is of the same domain
	sql n "ALTER TABLE d.sw MODIFY a INT AFTER b"
	reads n "$(position n)" --definitions=defs
	equal "$status" 0 "$stderr"
	echo "$(tr -cd '0-9 ' <defs/seen | cut -d ' ' -f 1) 0-1-1" >defs/seen
	sql m "$(for _ in {1..30}; do echo "UPDATE d.sw SET a=a+1;"; done)"
	start=$(position m)
	sql m "INSERT INTO d.sw (id, a, b) VALUES (2, 11, 21)"
	run --separate-stderr into_file m "$start" --definitions=defs
	equal "$status" 0 "$stderr"
	contains "$stderr" "another server's"
	contains "$(mi-cat stream)" "(2, 11, 21)"
	equal "$(mi-cat stream | grep -A 1 "column 'id'" | tail -n 1)" "  column 'a' int 'int(11)'"
}

@test "a folder that is not whole, or was brought back from a backup" {
	local pair
	for pair in "a b" "m n"; do
		# shellcheck disable=SC2086
		set -- $pair
		both "$1" "$2"
		goes "$1" "$2" --definitions=defs
		rm -rf backup
		cp -r defs backup
		sql "$1" "INSERT INTO d.sw VALUES (2, 11, 21); ALTER TABLE d.sw MODIFY a INT AFTER b; INSERT INTO d.sw (id, a, b) VALUES (3, 13, 23)"
		goes "$1" "$2" --definitions=defs
		sql "$1" "INSERT INTO d.sw (id, a, b) VALUES (4, 14, 24)"
		# without its latest file: what it lacks is looked up in the log
		cp cp cp.kept
		rm defs/0*.mi
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
		# older as a whole, while the target went on
		sql "$1" "INSERT INTO d.sw (id, a, b) VALUES (5, 15, 25)"
		rm -rf defs
		cp -r backup defs
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
		# with a hole
		sql "$1" "ALTER TABLE d.sw MODIFY b INT AFTER a; ALTER TABLE d.sw ADD c INT FIRST; INSERT INTO d.sw (id, a, b) VALUES (6, 16, 26)"
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
		rm "$(printf '%s\n' defs/0*.mi | head -n 1)"
		run --separate-stderr goes "$1" "$2" --definitions=defs
		contains "$stderr" ".mi is missing"
		rm -rf defs
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
	done
}

@test "a target that was set back, and a folder that has been further since" {
	local pair early
	for pair in "a b" "m n"; do
		# shellcheck disable=SC2086
		set -- $pair
		both "$1" "$2"
		early=$(position "$1")
		sql "$1" "INSERT INTO d.sw VALUES (2, 11, 21); ALTER TABLE d.sw MODIFY a INT AFTER b; INSERT INTO d.sw (id, a, b) VALUES (3, 13, 23)"
		reads "$1" "$early" --definitions=defs --schema=<(mi-schema -q -s "$2" -d d)
		equal "$status $rows" "0 2" "$stderr"
		# the target is where it was, and so is the position: the folder's first definitions count again
		start=$early
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
		# followed by hand for a while; what the folder saw in its other life is not what it has seen
		rm -rf defs
		reads "$1" "$(position "$1")" --definitions=defs
		cp defs/seen seen.later
		sql "$1" "ALTER TABLE d.sw MODIFY b INT AFTER a"
		reads "$1" "$(position "$1")" --definitions=defs
		goes "$1" "$2"
		sql "$1" "INSERT INTO d.sw (id, a, b) VALUES (4, 14, 24)"
		goes "$1" "$2" --definitions=defs
		same "$1" "$2"
	done
}

@test "a table that was not followed for a while is not known by its definition of before" {
	local source
	for source in a m; do
		both "$source" b
		sql "$source" "CREATE DATABASE d2; CREATE TABLE d2.sw LIKE d.sw"
		mi-binlog -q -s "$source" -d d -d d2 --since="$start" --until=now --definitions=defs >stream
		sql "$source" "ALTER TABLE d2.sw MODIFY a INT AFTER b"
		reads "$source" "$start" --definitions=defs
		equal "$status" 0 "$stderr"
		start=$(position "$source")
		sql "$source" "INSERT INTO d2.sw (id, a, b) VALUES (1, 11, 21)"
		mi-binlog -q -s "$source" -d d -d d2 --since="$start" --until=now --definitions=defs >stream
		mi-cat stream >listed
		equal "$(grep -c "column 'b'" listed)" 1
		equal "$(grep -A 1 "column 'id'" listed | grep -c "'b'")" 1 "$(cat listed)"
	done
}

turned() {
	local i
	for ((i = 0; i < 52; i++)); do echo "ALTER TABLE d.sw MODIFY a INT AFTER b; ALTER TABLE d.sw MODIFY b INT AFTER a;"; done
}
has_second() { compgen -G 'defs/base-0001*' >/dev/null; }
has_no_first() { [ ! -e defs/base-000001.mi ]; }

@test "the folder of a follower that runs for long stays short" {
	local source
	for source in a m; do
		both "$source" b
		echo "$start" >applied
		background mi-binlog -q -s "$source" -d d --since=@applied --definitions=defs --heartbeat=1 >stream 2>err
		wait_until 60 dumps "$source"
		sql "$source" "$(turned)"
		# nothing of it is applied: all is there
		wait_until 60 has_second
		[ -e defs/base-000001.mi ]
		position "$source" >applied
		sql "$source" "$(turned)"
		wait_until 60 has_no_first
		[ "$(find defs -name '*.mi' | wc -l)" -lt 125 ]
		kill "$bg_pid"
		wait "$bg_pid" || true
		reads "$source" "$(cat applied)" --definitions=defs
		equal "$status" 0 "$stderr"
	done
}

@test "what is named and was dropped meanwhile is followed up to its end" {
	local source
	for source in a m; do
		both "$source" b
		# all databases: one that was made and dropped since
		sql "$source" "CREATE DATABASE d3; CREATE TABLE d3.t (id INT PRIMARY KEY); INSERT INTO d3.t VALUES (1); DROP DATABASE d3;
			CREATE DATABASE d2; CREATE TABLE d2.t (id INT PRIMARY KEY); INSERT INTO d2.t VALUES (1); DROP TABLE d2.t"
		mi-binlog -q -s "$source" -A --since="$start" --until=now >stream
		mi-cat stream >listed
		equal "$(grep -c "insert 'd3'.'t' (1)" listed)" 1 "$(cat listed)"
		equal "$(grep -c "DROP DATABASE d3" listed)" 1
		run --separate-stderr mi-binlog -q -s "$source" -T d2.t --since="$start" --until=now
		equal "$status" 78 "$stderr"
		contains "$stderr" "no table matches"
		# a pattern, a table and a database that were there at first
		start=$(position "$source")
		sql "$source" "CREATE TABLE d2.t (id INT PRIMARY KEY)"
		mi-binlog -q -s "$source" -T 'd?.t' --since="$start" --until=now --definitions=patterns >stream
		start=$(position "$source")
		sql "$source" "INSERT INTO d2.t VALUES (1); DROP TABLE d2.t"
		mi-binlog -q -s "$source" -T 'd?.t' --since="$start" --until=now --definitions=patterns >stream
		equal "$(mi-cat stream | grep -cE "insert 'd2'.'t' \(1\)")" 1
		run_ok mi-binlog -q -s "$source" -T d.sw --since="$start" --until=now --definitions=tables
		reads "$source" "$start" --definitions=defs
		start=$(position "$source")
		sql "$source" "INSERT INTO d.sw VALUES (2, 11, 21); DROP TABLE d.sw; DROP DATABASE d"
		reads "$source" "$start" --definitions=defs
		equal "$status $rows" "0 1" "$stderr"
		mi-binlog -q -s "$source" -T d.sw --since="$start" --until=now --definitions=tables >stream
		mi-cat stream | grep -q "insert 'd'.'sw'"
		rm -rf defs tables patterns
		reads "$source" "$start"
		equal "$status" 78
		contains "$stderr" "there is no database d"
	done
}
