#!/usr/bin/env bats
# What a client's session has at a server: when the connection is lost, the writes move, or the client goes. Both
# flavours. The two servers of a pair are not a source and its copy: they show where a statement went.

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"

export my_sock my_control ma_sock ma_control # by route_up

servers a:mysql b:mysql m:mariadb n:mariadb

servers_ready() {
	servers_app a b m n
	for server in a b m n; do
		sql $server "CREATE TABLE app.s (id INT AUTO_INCREMENT PRIMARY KEY, v INT);
			CREATE TABLE app.led (client INT, n INT, at INT DEFAULT 0, PRIMARY KEY (client, n));
			CREATE TABLE app.side (id INT PRIMARY KEY)"
	done
	for server in a m; do sql $server "INSERT INTO app.side VALUES (1)"; done
	export APP_PASSWORD=$app_password PYTHONPATH=$ROOT/tests/lib
	route_up my -s a -t b --threads=2
	route_up ma -s m -t n
}

teardown_file() {
	[ -n "${my_pid-}" ] && route_down my
	[ -n "${ma_pid-}" ] && route_down ma
	servers_down
}

# A case of route_state.py, for MySQL and for MariaDB.
state() {
	SOCK=$my_sock CONTROL=$my_control FROM=a TO=b MARIADB=0 \
	    A=$(sql a "SELECT @@server_id") B=$(sql b "SELECT @@server_id") \
	    run_ok timeout 100 python3 "$ROOT/tests/lib/route_state.py" "$1"
	SOCK=$ma_sock CONTROL=$ma_control FROM=m TO=n MARIADB=1 \
	    A=$(sql m "SELECT @@server_id") B=$(sql n "SELECT @@server_id") \
	    run_ok timeout 100 python3 "$ROOT/tests/lib/route_state.py" "$1"
}

@test "an idle session whose server's connection is lost ends, unless it has done nothing" { state idle; }
@test "KILL of oneself ends the session" { state kills; }
@test "a server that closes an idle connection is heard" { state timeout; }
@test "warnings, ROW_COUNT() and FOUND_ROWS() from before a switch are asked for after it" { state left; }
@test "... and are not lost unnoticed with the old writer" { state left_lost; }
@test "READ ONLY of the session is in force at the new writer" { state read_only; }
@test "a transaction without a snapshot does not read at the old writer after a switch" { state committed; }
@test "a transaction that conflicts keeps its session's LAST_INSERT_ID()" { state conflicts; }
@test "a client that goes: what reads or waits ends at the server, a write does not" { state vanish; }
@test "a client that takes its leave is no aborted client of the servers" { state leaves; }
@test "what pins a session does so until the last of it is given up" { state unpins; }
