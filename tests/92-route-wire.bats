#!/usr/bin/env bats
# mi-route and bytes that no stock client sends.

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"

export my_port my_sock tls_port tls_sock tls_pid few_port few_sock idle_port idle_sock idle_log fake_port fake_sock fake_log # by route_up

servers "a:mysql --max-connections=1300 --max-allowed-packet=64M"

servers_ready() {
	servers_app a
	mkdir -p "$BATS_FILE_TMPDIR/my"
	(
		umask 077
		printf '[app]\npassword="%s"\n[slow]\nverifier=%s\nsource-password=x\ntarget-password=x\n' \
		    "$app_password" "$(mi-route --hash-password <<<secret | head -1)" >"$BATS_FILE_TMPDIR/my/users"
	)
	export APP_PASSWORD=$app_password PYTHONPATH=$ROOT/tests/lib
	printf '%s\n' '[client_sock]' host=localhost "socket=$(fact a socket)" user=app \
	    "password=\"$app_password\"" >"$MI_SANDBOX/sock.cnf"
	chmod 600 "$MI_SANDBOX/sock.cnf"
	# memory that was freed is overwritten, so that whoever still reads it is found out
	MALLOC_PERTURB_=165 route_up my -c "$MI_SANDBOX/sock.cnf" -s sock --login-timeout=2 --max-connections=1200 \
	    --tls-cert="$MI_SANDBOX/a/tls/server-cert.pem" --tls-key="$MI_SANDBOX/a/tls/server-key.pem"
}

teardown_file() {
	[ -n "${my_pid-}" ] && route_down my
	servers_down
}

# A case of route_wire.py, after which the router is still the same process.
wire() {
	PORT=$my_port SOCK=$my_sock PID=$my_pid run_ok python3 "$ROOT/tests/lib/route_wire.py" "$1"
	kill -0 "$my_pid"
	echo "# $1: $output" >&2
}

@test "logins of garbage, damaged, cut, with lengths that lie" { wire garbage; }
@test "a login that claims to be long is not waited for" { wire oversized; }
@test "byte by byte, and many commands at once" { wire slow; }
@test "a long login, and a long change of user, in pieces" { wire pieces; }
@test "commands that nobody knows, or that are cut short" { wire commands; }
@test "prepared statements: types once, the last one, reset, ids" { wire statements; }
@test "prepared statements: an execute that is cut short is not read into what follows" { wire short_execute; }
@test "a change of user that never ends: KILL, and the time for a login" { wire changing; }
@test "a client's IGNORE_SPACE is its session's" { wire ignore_space; }
@test "a SET of session trackers and more leaves the router's as they are, and a transaction open" { wire trackers; }
@test "payloads of exactly one packet and two: text, rows, a file, long data" { wire edges; }
@test "parameter types are kept within --stmt-memory" {
	case $MI_BIN in */san/*) skip "no memory bound under AddressSanitizer" ;; esac
	wire types_memory
}
@test "guesses at a slow verifier keep nobody waiting, and wait themselves" { wire guesses; }
@test "nobody can tell by a login who exists" { wire unknown; }
@test "connections that do not log in take no client's place" { MAX=1200 wire door; }
@test "half-open connections end, and others do not notice" { wire half_open; }
@test "a client that never reads costs little and stops nobody" { wire never_reads; }
@test "clients that vanish in a statement" { wire vanish; }

@test "1,000 idle connections: at most 16 KiB each without TLS" {
	wire many_idle
	echo "# $output" >&3
}

@test "idle connections with TLS on both legs: at most 32 KiB more for each leg" {
	case $MI_BIN in */san/*) skip "no memory bound under AddressSanitizer" ;; esac
	printf '%s\n' '[client_tls]' host=127.0.0.1 "port=$(fact a port)" user=app "password=\"$app_password\"" \
	    ssl-mode=REQUIRED >"$MI_SANDBOX/tls.cnf"
	chmod 600 "$MI_SANDBOX/tls.cnf"
	route_up tls -c "$MI_SANDBOX/tls.cnf" -s tls --max-connections=400 \
	    --tls-cert="$MI_SANDBOX/a/tls/server-cert.pem" --tls-key="$MI_SANDBOX/a/tls/server-key.pem"
	TLS=1 COUNT=300 LIMIT=80 PORT=$tls_port SOCK=$tls_sock PID=$tls_pid run_ok python3 "$ROOT/tests/lib/route_wire.py" many_idle
	echo "# $output" >&3
	route_down tls
}

@test "more clients than are allowed are told so; idle ones end" {
	route_up few -c "$MI_SANDBOX/sock.cnf" -s sock --max-connections=5
	MAX=5 PORT=$few_port SOCK=$few_sock run_ok python3 "$ROOT/tests/lib/route_wire.py" too_many
	route_down few
	route_up idle -c "$MI_SANDBOX/sock.cnf" -s sock --idle-timeout=1
	PORT=$idle_port SOCK=$idle_sock run_ok python3 "$ROOT/tests/lib/route_wire.py" idle_timeout
	contains "$(cat "$idle_log")" "inactivity"
	route_down idle
}

@test "a server that dies, asks for files or talks nonsense: 1053 once, nothing sent twice" {
	local dir=$BATS_FILE_TMPDIR/fake
	mkdir -p "$dir"
	cp "$BATS_FILE_TMPDIR/my/baseline" "$dir"
	(umask 077 && printf '[app]\npassword=\n' >"$dir/users")
	background python3 "$ROOT/tests/lib/route_fake.py" >"$dir/got"
	local fake=$bg_pid
	wait_until 10 test -s "$dir/got"
	printf '%s\n' '[client_f]' host=127.0.0.1 "port=$(head -1 "$dir/got")" user=x ssl-mode=DISABLED >"$dir/cnf"
	route_up fake -c "$dir/cnf" -s f
	contains "$(cat "$fake_log")" "its settings"
	PORT=$fake_port SOCK=$fake_sock run_ok python3 "$ROOT/tests/lib/route_wire.py" lies
	kill "$fake"
	for what in DIE GARBAGE HALF; do
		equal "$(grep -c "INSERT $what" "$dir/got")" 1 "$what"
	done
	contains "$(cat "$fake_log")" "asked for a file of the client's"
	contains "$(cat "$fake_log")" "outcome of the last statement is unknown"
	route_down fake
}
