#!/usr/bin/env bats
# mi-apply --notify: what a router is told, and that nothing about the router can hurt the follower.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

ROUNDS=${NOTIFY_ROUNDS:-2000}

servers b:mysql n:mariadb

test_begins() {
	pids=()
}

teardown() {
	local pid
	for pid in "${pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true # not all children: one is the clock of the test's time limit
	done
}

# fresh SOURCE TARGET: table shop.t on both, nothing in it; $since is the source's position.
fresh() {
	local s
	for s in "$@"; do
		sql "$s" "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop;
			CREATE TABLE shop.t (id INT PRIMARY KEY, n INT NOT NULL)"
	done
	since=$(position "$1")
	rm -f cp
}

# start_follower SOURCE TARGET: the pair, in the background; $apply_pid is mi-apply's.
start_follower() {
	mkfifo stream
	mi-binlog -q -s "$1" -d shop --import=shop --since="$since" >stream 2>binlog.log </dev/null 3>&- &
	pids+=($!)
	mi-apply -q -s "$2" --state-db=shop --start="$since" --checkpoint=cp --notify=socket \
		<stream 2>apply.log 3>&- &
	apply_pid=$!
	pids+=("$apply_pid")
}

start_listener() {
	"$ROOT/tests/lib/listen.py" socket told </dev/null 3>&- &
	listener=$!
	pids+=("$listener")
}

told() { # LINE: it has been told, whole
	grep -qxF "$1" told
}

# What the lines in `told` since the last "connected" make together.
told_in_all() {
	local lines
	lines=$(sed -n 'H; /^connected$/h; ${x;p}' told | sed -n 's/^\(all\|add\) //p' | grep . | paste -sd,)
	if [[ $lines == *:* ]]; then
		mi-gtid union "" "$lines"
	else # of a MariaDB position the last of each domain
		tr , '\n' <<<"$lines" | sort -t- -k1,1n -k3,3n | awk -F- '{ last[$1] = $0 } END { for (d in last) print last[d] }' |
			paste -sd,
	fi
}

# The connection that sleeps with a lock.
locker() {
	sql "$1" "SELECT id FROM information_schema.processlist WHERE info='DO SLEEP(60)'" | grep .
}

waits_for_lock() {
	sql "$1" "SELECT info FROM information_schema.processlist" | grep -E '^(UPDATE|INSERT).*shop.*t'
}

rows() { # SERVER NUMBER: table t has so many
	[ "$(sql "$1" "SELECT COUNT(*) FROM shop.t")" = "$2" ]
}

has_been_told_all() { # SOURCE
	[ "$(told_in_all)" = "$(position "$1")" ]
}

@test "a socket's path that is too long is a usage error" {
	run_exit 64 mi-apply -s b --notify="/$(printf 'x%.0s' {1..200})" </dev/null
	contains "$stderr" "--notify"
}

@test "each COMMIT is told after it has returned, and beats go on while nothing happens" {
	for pair in "b n" "n b"; do
		read -r from to <<<"$pair"
		echo "from $from to $to"
		rm -f stream told
		fresh "$from" "$to"
		start_listener
		start_follower "$from" "$to"
		wait_until 20 grep -q '^all ' told
		equal "$(sed -n '/^connected$/,$p' told | sed -n 2p)" "flow shop/forward epoch 1"

		# a row lock on the target keeps the transaction from its COMMIT
		sql "$from" "INSERT INTO shop.t VALUES (1, 0)"
		wait_until 20 has_been_told_all "$from"
		sql "$to" "BEGIN; SELECT n FROM shop.t WHERE id=1 FOR UPDATE; DO SLEEP(60)" &>locked 3>&- &
		pids+=($!)
		wait_until 20 locker "$to"
		sql "$from" "UPDATE shop.t SET n=7 WHERE id=1"
		wait_until 20 waits_for_lock "$to"
		equal "$(told_in_all | grep -cxF "$(position "$from")" || true)" 0
		sql "$to" "KILL $(locker "$to")"
		wait_until 20 has_been_told_all "$from"
		equal "$(sql "$to" "SELECT n FROM shop.t WHERE id=1")" 7

		# what concerns no table of the import is told as well
		sql "$from" "CREATE DATABASE IF NOT EXISTS elsewhere; CREATE TABLE IF NOT EXISTS elsewhere.x (a INT);
			INSERT INTO elsewhere.x VALUES (1)"
		wait_until 20 has_been_told_all "$from"

		before=$(grep -c '^beat 0$' told)
		sleep 1
		[ $(($(grep -c '^beat 0$' told) - before)) -ge 5 ] || fail "too few beats" "$(cat told)"
		kill -KILL "${pids[@]}"
		wait "${pids[@]}" || true
		pids=()
	done
}

@test "nobody listens, then somebody does, goes, and comes again" {
	fresh b n
	start_follower b n
	sql b "INSERT INTO shop.t VALUES (1, 1)"
	wait_until 20 rows n 1
	start_listener
	wait_until 20 has_been_told_all b
	kill -KILL "$listener"
	sql b "INSERT INTO shop.t VALUES (2, 2)"
	wait_until 20 rows n 2
	start_listener
	wait_until 20 has_been_told_all b
	sql b "INSERT INTO shop.t VALUES (3, 3)"
	wait_until 20 has_been_told_all b
	equal "$(grep -c '^connected' told)" 2
	equal "$(grep -c '^flow shop/forward epoch 1' told)" 2
	kill -TERM "$apply_pid"
	wait "$apply_pid" || equal "$?" 75
}

@test "a router that does not read stops nothing, and is told all when it reads again" {
	fresh b n
	start_listener
	start_follower b n
	wait_until 20 grep -q '^all ' told
	kill -STOP "$listener"
	# until the socket's buffer is full: a small target transaction each
	for ((i = 0; i < ROUNDS; i += 500)); do
		for ((k = 1; k <= 500; k++)); do echo "INSERT INTO shop.t VALUES ($((i + k)), 0);"; done | sql b
	done
	wait_until 60 rows n "$ROUNDS"
	kill -CONT "$listener"
	wait_until 20 has_been_told_all b
	sql b "INSERT INTO shop.t VALUES (-1, 0)"
	wait_until 20 has_been_told_all b
	kill -0 "$apply_pid"
}
