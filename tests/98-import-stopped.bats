#!/usr/bin/env bats
# mi-import while its follower has stopped for good: every subcommand tells it, with the reason and the command that
# goes on. And a signal at any moment at which a child is being made: it reaches the child.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/import.bash"

export BATS_TEST_TIMEOUT=300

servers a:mysql b:mysql

teardown() {
	local d
	touch "$dir/go"
	[ -z "${router_pid-}" ] || router_kill
	for d in "$dir"/im/forward "$dir"/im/reverse "$dir"/state; do
		[ ! -e "$d/follow.conf" ] || "$ROOT/pipelines/follow" stop -t 5 "$d" 2>/dev/null 3>&- || true
	done
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 30 "$dir"/im/log "$dir"/im/*/follow.log 2>/dev/null || true
}

fresh() {
	local s
	for s in a b; do sql $s "DROP DATABASE IF EXISTS shop"; done
	sql a "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1,1),(2,2)"
	import_files shop
	router_up
}
follow() {
	"$ROOT/pipelines/follow" "$@" 3>&- 4>&-
}
has_failed() { # DIRECTION
	follow status "im/$1" | grep -q '^state *failed'
}

# stop_for_good DIRECTION WRITER: at a change that is logged as a statement
stop_for_good() {
	sql "$2" "SET SESSION binlog_format=STATEMENT; UPDATE shop.t SET v=v+1 WHERE id=1"
	wait_until 20 has_failed "$1"
	at=$(follow status "im/$1" | sed -n 's/^stopped at *//p')
}

# told DIRECTION TO: what step, switch and status say
told() {
	local way="mi-follow resume --past=$at $dir/im/$1"
	run_exit 65 import step im
	contains "$stderr" "logged as a statement"
	contains "$stderr" "$way"
	run_exit 65 import step im
	equal "$stderr" ""
	run_exit 65 import switch "$2" im
	contains "$stderr" "logged as a statement"
	contains "$stderr" "$way"
	run_ok import status im
	contains "$output" "has stopped (65)"
	contains "$output" "logged as a statement"
	contains "$(grep '^next' <<<"$output")" "$way"
	[ "$2" = replica ] || lacks "$output" "mi-import switch primary"
	grew=$(lag_of "$1")
	wait_until 10 lag_grows "$1" "$grew"
}
lag_of() { # DIRECTION
	follow status --json "im/$1" | sed -n 's/.*"lag_seconds": \([^,]*\),.*/\1/p'
}
lag_grows() { # DIRECTION FROM
	awk "BEGIN { exit !($(lag_of "$1") > $2 + 1) }" && import status im | grep -E '^flow .* lag [0-9.:]+'
}
# goes_on DIRECTION TARGET: by the command that was told
goes_on() {
	sql "$2" "UPDATE shop.t SET v=v+1 WHERE id=1"
	run_ok follow resume --past="$at" "im/$1"
	run_ok import step im
	run_ok import status im
	contains "$output" "passed     "
	contains "$output" "$at"
	lacks "$output" "has stopped"
	sides_equal shop
}

next_is() { # WHAT: says status
	[ "$(import status im | sed -n 's/^next *//p')" = "$1" ]
}

@test "a follower that has stopped for good: step, switch, status say so, in replica and in primary" {
	fresh
	run_ok import start im
	wait_until 20 next_is "mi-import switch primary"
	stop_for_good forward a
	told forward primary
	goes_on forward b
	wait_until 20 next_is "mi-import switch primary"
	run_ok import switch primary im
	stop_for_good reverse b
	told reverse replica
	run_exit 65 import cancel im
	goes_on reverse a
	wait_until 20 next_is "mi-import finish, or to go back: mi-import switch replica"
	run_ok import switch replica im
	router_kill
	contains "$(import status im | grep '^next')" "start mi-route"
}

@test "a follower that stops before the target has caught up: start ends with its code" {
	fresh
	slow_load
	background env MI_BIN="$PWD/tools" "$IMPORT" start im </dev/null 2>err
	starter=$bg_pid
	wait_until 30 grep -q '^mi_rows_total{.*} 2$' im/forward/dump.prom # its snapshot is taken
	sql a "SET SESSION binlog_format=STATEMENT; UPDATE shop.t SET v=v+1 WHERE id=1"
	touch go
	code=0
	wait "$starter" || code=$?
	equal "$code" 65
	contains "$(cat err)" "logged as a statement"
	contains "$(cat err)" "mi-follow resume"
	contains "$(import status im | grep '^next')" "mi-follow resume"
}

# ---- Signals ----

# A folder of tools in which mi-load waits for the file "go".
slow_load() {
	mkdir tools
	ln -s "$MI_BIN"/mi-* tools/
	rm tools/mi-load
	printf '#!/bin/bash\ncase " $* " in *" --done "*) ;; *) : >"%s/loading"; until [ -e "%s/go" ]; do sleep 0.05; done ;; esac\nexec "%s/mi-load" "$@"\n' \
	    "$PWD" "$PWD" "$MI_BIN" >tools/mi-load
	chmod +x tools/mi-load
}
# term_at NUMBER SCRIPT FIRST COMMAND...: runs it, with TERM at its NUMBER-th command from FIRST on; $code. Fails where
# there is no such command any more.
term_at() {
	rm -f sent
	code=0
	TERM_AT=$1 TERM_IN=$2 TERM_FROM=$3 TERM_SENT=$PWD/sent BASH_ENV=$ROOT/tests/lib/term_at.bash \
	    timeout 30 "${@:4}" </dev/null >out 2>&1 3>&- 4>&- || code=$?
	[ -e sent ]
}
at_work() { # PATTERN: processes of this test
	pgrep -f "$1.*$dir/" || true
}
nobody_at_work() {
	[ -z "$(at_work '[m]i-(load|dump|fence|copy|schema|binlog|apply)')$(at_work '[p]ipelines/copy')" ]
}

@test "TERM while start makes its copier: the copier ends, whenever it comes" {
	local n
	fresh
	slow_load
	for n in {1..14}; do
		term_at "$n" import 'run_copier*' env MI_BIN="$PWD/tools" "$IMPORT" start im || break
		[ "$code" -ne 124 ] || fail "signal $n was lost: $(cat out)"
		[ "$code" -eq 75 ] || [ "$code" -eq 143 ] || fail "signal $n: $code: $(cat out)"
		wait_until 10 nobody_at_work
	done
	[ "$n" -gt 10 ] || fail "only $n commands"
	touch go
	run_ok import start im
}

@test "TERM while a switch opens its ends: undone, and neither processes nor the lock are left" {
	local n
	fresh
	run_ok import start im
	for n in {1..14}; do
		term_at "$n" import 'open_end*' "$IMPORT" switch primary im || break
		[ "$code" -eq 75 ] || fail "signal $n: $code: $(cat out)"
		wait_until 10 eval '[ -z "$(at_work "[m]i-fence")" ]'
		flock -n im/lock true || fail "signal $n: the lock is held: $(fuser im/lock 2>&1)"
		equal "$(cat im/phase)" replica
	done
	[ "$n" -gt 8 ] || fail "only $n commands"
	run_ok import switch primary im
}

follower_conf() {
	mkdir state
	printf '%s\n' "config = $MI_CONFIG" "source = a" "target = b" "databases = shop" "import = t" "apply.state-db = shop" \
	    "apply.start = $(sql a "SELECT REPLACE(@@gtid_executed,'\n','')")" >state/follow.conf
	sql b "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT INTO shop.t VALUES (1,1),(2,2)"
}

@test "TERM while the keeper makes its pair: both halves end, whenever it comes" {
	local n
	fresh
	follower_conf
	for n in {1..24}; do
		term_at "$n" follow 'start_pair*' "$ROOT/pipelines/follow" run state || break
		equal "$code" 75 "signal $n: $(cat out)"
		[ -z "$(at_work '[m]i-(binlog|apply)')" ] || fail "signal $n: $(at_work 'mi-')"
	done
	[ "$n" -gt 14 ] || fail "only $n commands"
}

@test "stop while a start is under way: it ends what was started" {
	fresh
	follower_conf
	mkdir tools
	ln -s "$MI_BIN"/mi-* tools/
	# the keeper's file comes late
	printf '#!/bin/bash\ncase ${!#} in */follow.pid) : >"%s/blocked"; until [ -e "%s/go" ]; do sleep 0.05; done ;; esac\nexec /bin/mv "$@"\n' \
	    "$PWD" "$PWD" >tools/mv
	chmod +x tools/mv
	background env MI_BIN="$PWD/tools" "$ROOT/pipelines/follow" start state
	starter=$bg_pid
	wait_until 10 test -e blocked
	background follow stop state
	stopper=$bg_pid
	for _ in {1..20}; do
		kill -0 "$stopper" 2>/dev/null || break
		sleep 0.05
	done
	touch go
	wait "$starter"
	wait "$stopper"
	run_exit 1 follow status state
	contains "$output" "stopped by mi-follow stop"
	[ -z "$(at_work '[m]i-(binlog|apply)')" ] || fail "left: $(at_work 'mi-')"
}
