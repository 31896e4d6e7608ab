#!/usr/bin/env bats
# mi-route's sessions through changes of the mode. The two servers are not a source and its copy:
# they show where a statement went.

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"

export my_sock my_control mixed_sock mixed_control # by route_up

servers a:mysql b:mysql m:mariadb

servers_ready() {
	servers_app a b m
	for server in a b m; do
		sql $server "CREATE PROCEDURE app.inserts() INSERT INTO app.s (v) VALUES (80), (81);
			CREATE TABLE app.s (id INT AUTO_INCREMENT PRIMARY KEY, v INT);
			CREATE TABLE app.led (client INT, n INT, at INT DEFAULT 0, PRIMARY KEY (client, n))"
	done
	export APP_PASSWORD=$app_password PYTHONPATH=$ROOT/tests/lib
	route_up my -s a -t b ${THREADS:+--threads="$THREADS"}
	route_up mixed -s a -t m --threads=2
}

teardown_file() {
	[ -n "${my_pid-}" ] && route_down my
	[ -n "${mixed_pid-}" ] && route_down mixed
	servers_down
}

# A case of route_switch.py, from MySQL to MySQL and to MariaDB.
switch() {
	local target route sock control
	for route in my mixed; do
		target=b
		[ $route = my ] || target=m
		sock=${route}_sock control=${route}_control
		SOCK=${!sock} CONTROL=${!control} A=$(sql a "SELECT @@server_id") \
		    B=$(sql $target "SELECT @@server_id") \
		    run_ok timeout 100 python3 "$ROOT/tests/lib/route_switch.py" "$1"
	done
}

@test "sessions follow the writer with their database, statements and LAST_INSERT_ID" { switch moves; }
@test "a writing transaction is waited for; one that has only read gets 1213" { switch transactions; }
@test "an evicted transaction is told once, at a statement that is run" { switch evicted; }
@test "a write with long data does not run in a transaction at the old writer" { switch left; }
@test "SET TRANSACTION for the next one alone, and then a switch: 1213, not another isolation" { switch next_only; }
@test "a reading transaction that was lost with its server gets 1213, and is not gone on with outside" { switch lost; }
@test "autocommit is the session's at the new writer" { switch autocommit; }
@test "LAST_INSERT_ID() that was set moves, too" { switch insert_ids; }
@test "a session whose settings the target refuses is pinned, or ends" {
	SOCK=$mixed_sock CONTROL=$mixed_control A=1 B=2 \
	    run_ok timeout 100 python3 "$ROOT/tests/lib/route_switch.py" settings
}
@test "a hold waits for a statement whose bytes still come, and keeps one that begins" { switch large; }
@test "there and back" { switch passive; }
@test "an open cursor and waiting long data pin" { switch pins; }

@test "many switches under writing clients: every statement answered, every id once" {
	local counts client
	for server in a b; do sql $server "TRUNCATE app.led"; done
	SOCK=$my_sock CONTROL=$my_control A=1 B=2 SWITCHES=${SWITCHES:-10} \
	    run_ok timeout 110 python3 "$ROOT/tests/lib/route_switch.py" many
	echo "# $output" >&3
	read -ra counts <<<"${output%longest*}"
	for ((client = 0; client < ${#counts[@]}; client++)); do
		equal "$(($(sql a "SELECT COUNT(*) FROM app.led WHERE client=$client") +
		    $(sql b "SELECT COUNT(*) FROM app.led WHERE client=$client")))" "${counts[client]}" "client $client"
	done
	[ "$(sql a "SELECT COUNT(*) FROM app.led")" -gt 0 ]
	[ "$(sql b "SELECT COUNT(*) FROM app.led")" -gt 0 ]
}
