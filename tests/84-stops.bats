#!/usr/bin/env bats
# What stops the pair mi-binlog | mi-apply: all before it is on the target, with its position, and
# nothing is lost when the cause is gone and the pair runs again.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

servers m:mysql t:mysql r:mariadb u:mariadb

test_begins() {
	filter=()
}

teardown() {
	[ -z "${proxy-}" ] || kill "$proxy"
}

# fresh SOURCE TARGET: a table with two rows on both sides
fresh() {
	local server
	for server in "$@"; do
		sql "$server" "DROP DATABASE IF EXISTS st; CREATE DATABASE st;
			CREATE TABLE st.t (id INT PRIMARY KEY, v INT, b BLOB); CREATE TABLE st.other (id INT PRIMARY KEY);
			INSERT INTO st.t VALUES (1,1,'x'),(2,2,'y')"
	done
	rm -f cp
	since=$(position "$1")
}

# stopped CODE TEXT: the pair, by way of what $through says, ends so; all up to $good is applied.
stopped() {
	local code=0
	rm -f code
	if [ -e cp ]; then since=@cp; fi
	{ mi-binlog -q -s "$source" "${through[@]}" -d st "${filter[@]}" --import=st --since="$since" --until=now 2>err || echo $? >code; } |
	    mi-apply -q -s "$target" --state-db=st --start="$since" --checkpoint=cp || code=$?
	equal "$(cat code)" "$1" "$(cat err)"
	equal "$code" 75 # its input ended too early
	contains "$(cat err)" "$2"
	contains "$(cat err)" "binlog.0"
	contains "$(cat err)" "transaction "
	mi-gtid equal @cp "$good"
	equal "$(sql "$target" "SELECT MAX(id) FROM st.t")" "$last"
}

# Three changes, of which the second is the bad one.
three() {
	fresh "$1" "$2"
	source=$1 target=$2 through=() filter=() last=10
	sql "$1" "INSERT INTO st.t VALUES (10,10,'good'); INSERT INTO st.other VALUES (10)"
	good=$(position "$1")
	sql "$1" "$3"
	bad=$(position "$1")
	sql "$1" "INSERT INTO st.other VALUES (30); INSERT INTO st.t (id,v,b) VALUES (30,30,'after')"
}

# passed STATEMENTS: made by hand on the target, the bad one's changes; then the position is moved over it.
passed() {
	sql "$target" "$1"
	if [ "$source" = m ]; then bad=$(mi-gtid subtract "$bad" "$good"); fi
	printf '%s\n' "stream|events|st||$good|$(sql "$target" "SELECT source FROM st._mi_checkpoint WHERE sid=''")" \
		"skip|$bad" end | tr '|' '\t' | "${MI_BIN%/bin}/unit/mk_lines" >over.mi
	mi-apply -q -s "$target" --state-db=st --checkpoint=cp <over.mi
	carried "$source" "$target" st
	tables_equal "$source" "$target" st
	mi-gtid equal @cp "$(position "$source")"
}

# ---- What is in the log ----

# With the table left out of the import, all the rest goes on.
left_out() {
	filter=(-X st.t)
	carried "$source" "$target" st
	tables_equal "$source" "$target" st t
	mi-gtid equal @cp "$(position "$source")"
}

@test "a change logged as a statement" {
	local pair
	for pair in m:t r:u; do
		three ${pair%:*} ${pair#*:} "SET SESSION binlog_format=STATEMENT; UPDATE st.t SET v=v+1 WHERE id=1"
		stopped 65 "logged as a statement: UPDATE st.t SET v=v+1 WHERE id=1"
		stopped 65 "logged as a statement" # again, from the checkpoint
		passed "UPDATE st.t SET v=v+1 WHERE id=1"
	done
}

@test "images that are not full" {
	local pair image
	for pair in m:t r:u; do
		for image in MINIMAL NOBLOB; do
			three ${pair%:*} ${pair#*:} "SET SESSION binlog_row_image=$image; UPDATE st.t SET v=v+1 WHERE id=1"
			stopped 65 "binlog_row_image"
		done
		left_out
	done
}

@test "images without what did not change are whole all the same (FULL_NODUP)" {
	[ "$(sql r "SELECT FIND_IN_SET('FULL_NODUP', REPLACE(enum_value_list,',',',')) FROM information_schema.system_variables
		WHERE variable_name='BINLOG_ROW_IMAGE'")" != 0 ] || skip "not in this MariaDB"
	three r u "SET SESSION binlog_row_image=FULL_NODUP; UPDATE st.t SET v=v+1 WHERE id=1; UPDATE st.t SET id=id+5 WHERE id=2"
	carried r u st
	tables_equal r u st
}

@test "a definition that changes; made by hand on the target, it is passed once" {
	local pair
	for pair in m:t r:u; do
		three ${pair%:*} ${pair#*:} "ALTER TABLE st.t ADD c INT DEFAULT 7"
		mi-schema -q -s "$target" -d st >before.mi
		filter=(--schema=before.mi)
		run carried "$source" "$target" st
		equal "$status" 65
		contains "$output" "ALTER TABLE st.t ADD c INT DEFAULT 7"
		mi-gtid equal @cp "$good"
		sql "$target" "ALTER TABLE st.t ADD c INT DEFAULT 7"
		carried "$source" "$target" st --on-ddl=skip
		tables_equal "$source" "$target" st
		mi-gtid equal @cp "$(position "$source")"
	done
}

# ---- What comes over the line ----

# through_proxy ACTION: the third rows event, that of the bad transaction, is mangled once.
through_proxy() {
	rm -f port code
	background "$ROOT/tests/lib/mangle.py" port "$(fact "$source" port)" "$1" 3 2>proxy.err
	proxy=$bg_pid
	wait_until 20 test -s port
	# with definitions the log is read once
	mi-schema -q -s "$source" -d st >schema.mi
	without_tls "$source"
	through=(--port="$(cat port)" "${plain[@]}" --schema=schema.mi)
}

# mangled ACTION CODE TEXT: it stops, and runs to the end when the line is good again.
mangled() {
	local pair
	for pair in m:t r:u; do
		three ${pair%:*} ${pair#*:} "INSERT INTO st.t VALUES (20,20,'bad')"
		# a login without TLS wants the server to know the account already
		mi-binlog -q -s "$source" -d st --since=now --until=now >/dev/null
		through_proxy "$1"
		stopped "$2" "$3"
		filter=()
		carried "$source" "$target" st
		tables_equal "$source" "$target" st
		mi-gtid equal @cp "$(position "$source")"
		kill "$proxy"
		proxy=
	done
}

@test "an event of an unknown type" { mangled unknown 65 "type 99"; }
@test "a log that is encrypted" { mangled encryption 65 "encrypted"; }
@test "an event with a wrong checksum" { mangled checksum 65 "checksum"; }
@test "an event that is cut off" { mangled truncate 76 "event"; }
@test "an event that is longer than it says" { mangled longer 76 "event"; }
@test "an empty event" { mangled empty 76 "event"; }

@test "what the look for changes of definitions cannot decode is for the reader to stop at" {
	three m t "INSERT INTO st.t VALUES (20,20,'bad')"
	mi-binlog -q -s m -d st --since=now --until=now >/dev/null
	through_proxy checksum
	through=("${through[@]:0:2}")
	mi-binlog -q -s m "${through[@]}" -d st --import=st --since="$since" --until=now | mi-apply -q -s t --state-db=st --start="$since" --checkpoint=cp
	tables_equal m t st
}

@test "an unknown event that may be ignored" {
	three m t "INSERT INTO st.t VALUES (20,20,'bad')"
	mi-binlog -q -s m -d st --since=now --until=now >/dev/null
	through_proxy ignorable
	filter=("${through[@]}")
	carried m t st
	tables_equal m t st
}

@test "a connection that ends within a packet, or between two: opened again" {
	local pair how
	for pair in m:t r:u; do
		for how in cut lost; do
			three ${pair%:*} ${pair#*:} "INSERT INTO st.t VALUES (20,20,'bad')"
			mi-binlog -q -s "$source" -d st --since=now --until=now >/dev/null
			through_proxy $how
			filter=("${through[@]}")
			carried "$source" "$target" st
			tables_equal "$source" "$target" st
			kill "$proxy"
			proxy=
		done
	done
}
