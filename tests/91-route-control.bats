# mi-route: the mode file, holds as leases, and the control socket, between two real servers.
# shellcheck disable=SC2030,SC2031 # tests are subshells
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=60
. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/control.bash"

setup_file() {
	servers_up "a:$(have_mysql && echo mysql || echo mariadb)" b:mariadb
	for server in a b; do
		sql $server "CREATE DATABASE shop; CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20));
			CREATE USER app@'%' IDENTIFIED BY 'apppw'; GRANT ALL ON shop.* TO app@'%';
			CREATE USER other@'%' IDENTIFIED BY 'otherpw'; GRANT ALL ON shop.* TO other@'%';"
	done
}
test_begins() {
	dir=$BATS_TEST_TMPDIR/r
	router_files "$dir"
	router_pid=''
}

teardown() {
	clients_close
	router_stop
	[ -z "${standby_pid-}" ] || kill -KILL "$standby_pid" 2>/dev/null || true
	for server in a b; do sql $server "TRUNCATE TABLE shop.t" || true; done
	! grep -E 'Sanitizer|runtime error' "$dir/log"
}

ends_with() { # CODE PID, a child
	local code=0
	wait "$2" || code=$?
	equal "$code" "$1"
}
rows() { # SERVER VALUE: how many rows have it
	sql "$1" "SELECT COUNT(*) FROM shop.t WHERE v='$2'"
}

@test "a mode file that is missing or says anything else is 78, never a default" {
	local text
	serve() { run_exit 78 mi-route -s a -t b --users="$dir/users" --mode-file="$dir/mode" --listen="$dir/sock"; }
	rm "$dir/mode"
	serve
	contains "$stderr" "--make-mode-file"
	for text in '' 'mode source' $'mode source\nepoch 0\n' $'mode source\nepoch x\n' $'mode here\nepoch 1\n' \
	    $'epoch 1\nmode source\n' $'mode source\nepoch 1\nmore\n' $'mode source\nepoch 9223372036854775807\n'; do
		printf %s "$text" >"$dir/mode"
		serve
		contains "$stderr" "not 'mode ...'"
	done
	rm "$dir/mode" && mkdir "$dir/mode"
	serve
	rmdir "$dir/mode"
	run_ok mi-route --mode-file="$dir/mode" --make-mode-file=replica
	equal "$(<"$dir/mode")" $'mode replica\nepoch 1'
	equal "$(stat -c %a "$dir/mode")" 600
	run_exit 78 mi-route --mode-file="$dir/mode" --make-mode-file=source
	contains "$stderr" "there already"
	run_exit 64 mi-route --mode-file="$dir/other" --make-mode-file=nowhere
}

@test "a file at the place of a socket is left alone, and a dead socket is replaced" {
	local option code
	echo precious >"$dir/file"
	for option in --control --notify --listen; do
		run_exit 78 mi-route -s a -t b --users="$dir/users" --mode-file="$dir/mode" --listen="$dir/sock" $option="$dir/file"
		contains "$stderr" "$option: cannot listen at $dir/file: something that is no socket"
		equal "$(cat "$dir/file")" precious
	done
	router_up "$dir"
	for option in --control --listen; do
		mi-route --make-mode-file=source --mode-file="$dir/other" || true
		run_exit 69 mi-route -s a -t b --users="$dir/users" --mode-file="$dir/other" --listen="$dir/sock2" $option="$dir/sock"
		contains "$stderr" "somebody listens there"
	done
	kill -KILL "$router_pid"
	ends_with 137 "$router_pid"
	test -S "$dir/sock"
	router_up "$dir"
}

@test "status, and what is no command" {
	router_up "$dir"
	run_ok tell status
	contains "$output" $'mode source\nepoch 1\nsessions 0\nbusy 0\npinned 0\nwaiting 0\nheld -'
	run_exit 64 tell
	for words in nonsense status\ now hold hold\ x hold\ 0 hold\ 601 hold\ 1\ later mode mode\ here release detach \
	    detach\ both warm\ x; do
		# shellcheck disable=SC2086 # words
		run_exit 64 tell $words
		contains "$output" "error 64"
	done
	run_exit 64 tell status "$(printf '%0600d' 0)"
	run_exit 69 mi-route --tell="$dir/none" status
	# a line that is too long for the router itself
	run bash -c "{ printf 'status\nstatus\n'; printf '%0600d' 0; } | python3 '$ROOT/tests/lib/speak.py' '$dir/control'"
	equal "$(grep -cx ok <<<"$output"),${lines[-1]}" "2,error 64 a line of more than 512 bytes"
	run_ok tell status
}

@test "only root and the router's own user are heard" {
	[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && [ -x /usr/bin/python3 ] || skip "needs root"
	router_up "$dir"
	equal "$(stat -c %a "$dir/control")" 600
	chmod 666 "$dir/control"
	mkdir -p /tmp/mi-control.$$ && chmod 711 /tmp/mi-control.$$
	ln "$dir/control" /tmp/mi-control.$$/control || skip "no links to sockets here"
	cp "$ROOT/tests/lib/speak.py" /tmp/mi-control.$$
	run timeout 10 setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/python3 /tmp/mi-control.$$/speak.py \
	    /tmp/mi-control.$$/control </dev/null
	rm -r /tmp/mi-control.$$
	equal "$output" "error 77 only root and the router's own user are heard"
	contains "$(<"$dir/log")" "uid 65534 is not heard"
}

@test "a hold: writes wait, logins and pings do not, and its release lets them go" {
	router_up "$dir"
	client_open one
	hold_begin 20
	equal "$epoch" 1
	equal "$(state_of held)" "$token"
	client_send one "INSERT INTO t (v) VALUES ('held')"
	wait_until 5 is_state waiting 1
	PYTHONPATH=$ROOT/tests/lib run_ok timeout 5 python3 -c 'import sys, wire
client = wire.Client(sys.argv[1])
assert client.login(b"app", b"apppw", b"")[0] == 0
client.command(0x0e)  # COM_PING
assert client.read()[0] == 0' "$dir/sock"
	equal "$(rows a held)" 0
	run_exit 75 tell hold 1
	contains "$output" "another hold is in force"
	run_exit 75 tell release 00112233445566778899aabbccddeeff
	run_ok tell release "$token"
	client_say one "SELECT 'after'"
	equal "$(rows a held)" 1
	read -r -t 10 said <&"$hold_out"
	equal "$said" "ok released"
	wait "$hold_pid"
	hold_end
	run_exit 75 tell release "$token"
	run_exit 75 tell mode primary "$token"
	equal "$(state_of mode)" source
}

@test "a hold ends with its holder: by the end of its input, and by kill -9" {
	router_up "$dir"
	client_open one
	hold_begin 20
	hold_end
	wait_until 5 is_state held -
	hold_begin 20
	client_send one "INSERT INTO t (v) VALUES ('killed')"
	wait_until 5 is_state waiting 1
	kill -KILL "$hold_pid"
	client_say one "SELECT 'after'"
	equal "$(rows a killed)" 1
	run_exit 75 tell mode primary "$token"
	contains "$output" "no lease of that token"
	hold_end
}

@test "a lease ends by its timer, and its token is dead from then on" {
	router_up "$dir"
	client_open one
	hold_begin 0.3
	client_say one "INSERT INTO t (v) VALUES ('late')"
	read -r -t 10 said <&"$hold_out"
	equal "$said" "error 75 the lease has ended: its time is over"
	ends_with 75 "$hold_pid"
	run_exit 75 tell mode primary "$token"
	equal "$(<"$dir/mode")" $'mode source\nepoch 1'
	hold_end
}

# What a switching script sends is late when the lease is over, also if it is read before the timer
# has fired: the clock decides.
@test "a router that was stopped past the bound refuses the change that waits in its socket" {
	router_up "$dir"
	mkfifo "$dir/late"
	timeout 20 python3 "$ROOT/tests/lib/speak.py" "$dir/control" <"$dir/late" >"$dir/answer" 3>&- &
	exec {fd}>"$dir/late"
	wait_until 5 grep -q "control socket: a peer" "$dir/log" # it is connected
	hold_begin 1
	kill -STOP "$router_pid"
	echo "mode primary $token" >&"$fd"
	exec {fd}>&-
	sleep 1.2 # the clock that decides runs on
	kill -CONT "$router_pid"
	wait_until 10 grep -q "^error 75 no lease of that token" "$dir/answer"
	equal "$(<"$dir/mode")" $'mode source\nepoch 1'
	hold_end
}

@test "modes: without a token only where the writes stay" {
	router_up "$dir"
	run_exit 64 tell mode primary
	contains "$output" "needs the token of a hold"
	run_exit 64 tell mode target
	run_ok tell mode source
	equal "$output" "ok mode source epoch 1"
	run_ok tell mode replica
	equal "$output" "ok mode replica epoch 2"
	equal "$(<"$dir/mode")" $'mode replica\nepoch 2'
	run_exit 75 tell mode primary 00112233445566778899aabbccddeeff
	run_ok tell mode source
	equal "$output" "ok mode source epoch 3"
	hold_begin 10
	run_exit 75 tell mode replica
	contains "$output" "a hold is in force"
	hold_end
}

@test "a switch: the mode file, the answer, then the clients; and its token is used up" {
	router_up "$dir"
	client_open one
	client_say one "INSERT INTO t (v) VALUES ('before')"
	run_ok tell warm
	equal "$output" "ok warmed 1"
	hold_begin 10
	client_send one "INSERT INTO t (v) VALUES ('switched')"
	wait_until 5 is_state waiting 1
	run_ok tell mode primary "$token"
	equal "$output" "ok mode primary epoch 2"
	equal "$(<"$dir/mode")" $'mode primary\nepoch 2'
	client_say one "SELECT 'after'"
	equal "$(rows a switched),$(rows b switched),$(rows a before)" 0,1,1
	run_ok tell mode primary "$token" # asked again, its answer may have been lost
	run_ok tell release "$token"
	run_exit 75 tell mode replica "$token"
	hold_end
	hold_begin 10
	run_ok tell mode replica "$token"
	client_say one "INSERT INTO t (v) VALUES ('back')"
	equal "$(rows a back),$(rows b back)" 1,0
	hold_end
	run_ok tell metrics
	contains "$output" 'mi_route_mode_changes_total 2'
	contains "$output" 'mi_route_holds_total{end="granted"} 2'
}

@test "warming stops at the server's first refusal, and slows down while it cannot be reached" {
	local before
	refused() { sql b "SELECT VARIABLE_VALUE FROM information_schema.global_status WHERE VARIABLE_NAME='Aborted_connects'"; }
	sql b "RENAME USER app@'%' TO app_away@'%'"
	router_up "$dir"
	for one in 1 2 3; do client_open $one; done
	before=$(refused)
	run_exit 69 tell warm
	contains "$output" "3 are missing: it refuses logins with error 1045"
	[ $(($(refused) - before)) -le 3 ]
	sql b "RENAME USER app_away@'%' TO app@'%'"
	run_ok tell warm
	equal "$output" "ok warmed 3"
}

@test "when the mode file cannot be written nothing changes" {
	mkdir "$dir/there"
	mv "$dir/mode" "$dir/there/mode"
	router_start "$dir" --mode-file="$dir/there/mode" --state="$dir"
	router_wait "$dir"
	mv "$dir/there" "$dir/gone"
	run_exit 74 tell mode replica
	hold_begin 10
	run_exit 74 tell mode primary "$token"
	contains "$output" "the mode stays source"
	hold_end
	equal "$(state_of mode),$(state_of epoch)" source,1
	equal "$(<"$dir/gone/mode")" $'mode source\nepoch 1'
}

@test "a busy session is waited for, and named when it takes too long" {
	router_up "$dir"
	client_open one
	client_send one "SELECT SLEEP(2)"
	wait_until 5 is_state busy 1
	! hold_begin 0.3 2>/dev/null || fail "granted while a statement ran"
	contains "$said" "error 75 still busy when the time was over"
	contains "$said" "app@"
	hold_end
	hold_begin 20 # granted when the statement is over
	is_state busy 0
	hold_end
}

@test "a router killed in a hold comes back in the old mode, and the token is dead" {
	router_up "$dir"
	hold_begin 20
	kill -KILL "$router_pid"
	ends_with 69 "$hold_pid"
	hold_end
	router_up "$dir"
	equal "$(state_of mode),$(state_of held)" source,-
	run_exit 75 tell mode primary "$token"
	app shop -e "INSERT INTO t (v) VALUES ('again')"
	equal "$(rows a again)" 1
}

two_have_waited() {
	[ "$(grep -c "waiting to take over" "$dir/log")" -eq 2 ]
}

@test "a second router waits, and takes over when the first is killed" {
	router_up "$dir"
	tell mode replica
	router_start "$dir"
	standby_pid=$router_pid
	wait_until 10 grep -q "waiting to take over" "$dir/log"
	kill -KILL "$(pgrep -f -- "--mode-file=$dir/mode" | grep -vx "$standby_pid")"
	wait_until 10 grep -q "taking over" "$dir/log"
	router_wait "$dir"
	equal "$(state_of mode),$(state_of epoch)" replica,2
	app shop -e "INSERT INTO t (v) VALUES ('standby')"
	equal "$(rows a standby)" 1
	# one that waits can be stopped
	router_start "$dir"
	wait_until 10 two_have_waited
	kill -TERM "$router_pid"
	ends_with 75 "$router_pid"
	router_pid=$standby_pid
}

@test "SIGHUP reads the users anew; a bad file changes nothing" {
	router_up "$dir"
	run_exit 1 mariadb --no-defaults --socket="$dir/sock" --user=new --password=newpw -e 'SELECT 1'
	printf '[new]\npassword=newpw\nsource-user=app\nsource-password=apppw\n' >>"$dir/users"
	kill -HUP "$router_pid"
	wait_until 5 mariadb --no-defaults --socket="$dir/sock" --user=new --password=newpw -e 'SELECT 1'
	echo 'nonsense' >>"$dir/users"
	kill -HUP "$router_pid"
	wait_until 5 grep -q "the users stay as they were" "$dir/log"
	mariadb --no-defaults --socket="$dir/sock" --user=new --password=newpw -e 'SELECT 1'
}

@test "detach: a side that is used stays; the other's passwords leave the disk, and clients come in" {
	printf '[shop]\npassword=apppw\nsource-user=app\nsource-password=apppw\ntarget-user=other\ntarget-password=otherpw\n' \
	    >>"$dir/users"
	router_up "$dir"
	client_open one
	run_exit 64 tell detach source
	contains "$output" "in mode target only"
	hold_begin 10
	tell mode primary "$token"
	hold_end
	run_exit 64 tell detach source
	run_ok tell mode target
	run_exit 64 tell mode replica
	contains "$output" "final"
	run_ok tell detach source
	run_ok tell detach source
	grep -q '^source-' "$dir/users" && fail "the source's accounts are on disk"
	client_say one "INSERT INTO t (v) VALUES ('finished')"
	equal "$(rows b finished)" 1
	# the source has gone from the option file too
	router_stop
	awk '/^\[client_a/ { skip = 1 } /^\[client_b/ { skip = 0 } !skip' "$MI_CONFIG" >"$dir/my.cnf"
	chmod 600 "$dir/my.cnf"
	router_up "$dir" -c "$dir/my.cnf"
	equal "$(mariadb --no-defaults --socket="$dir/sock" --user=shop --password=apppw -N -e 'SELECT CURRENT_USER()')" 'other@%'
}

@test "KILL of the router's ids: one's own only, running and waiting; Ctrl-C of the stock client" {
	local id
	router_up "$dir"
	client_open one
	client_send one "SELECT SLEEP(30) AS slept"
	wait_until 5 is_state busy 1
	id=$(tell sessions | awk '$4 == "running" { print $1 }')
	[ "$id" -ge 2147483648 ]
	run mariadb --no-defaults --socket="$dir/sock" --user=other --password=otherpw -e "KILL QUERY $id"
	contains "$stderr$output" "1095"
	app -e "KILL QUERY $id"
	client_say one "SELECT 'alive'"
	# one that waits in the router
	hold_begin 20
	client_send one "INSERT INTO t (v) VALUES ('withdrawn')"
	wait_until 5 is_state waiting 1
	app -e "KILL QUERY $id"
	wait_until 5 client_has one "ERROR 1317"
	hold_end
	equal "$(rows a withdrawn)" 0
	app -e "KILL $id"
	wait_until 5 is_state sessions 0
	run app -e "KILL $id"
	contains "$output" "1094"
	mariadb --no-defaults --socket="$dir/sock" --user=app --password=apppw -e "SELECT SLEEP(30)" >"$dir/slept" 2>&1 3>&- &
	local sleeper=$!
	wait_until 5 is_state busy 1
	kill -INT $sleeper
	wait_until 10 is_state busy 0
	wait $sleeper || true
	contains "$(<"$dir/slept")" "query killed"
}

@test "SIGTERM: no new clients, idle ones end, a running statement is finished" {
	router_up "$dir"
	client_open idle
	client_open busy
	client_send busy "SELECT SLEEP(1.5), 'finished'"
	wait_until 5 is_state busy 1
	kill -TERM "$router_pid"
	ends_with 0 "$router_pid"
	router_pid=''
	client_has busy finished
	[ ! -e "$dir/control" ] && [ ! -e "$dir/sock" ]
}

@test "metrics are what Prometheus reads" {
	router_up "$dir"
	app shop -e "INSERT INTO t (v) VALUES ('counted')"
	run_ok tell metrics
	lacks "$output" nan
	printf '%s\n' "$output" | sed '$d' | awk '
		/^# (HELP|TYPE) mi_route_[a-z_]+ / { next }
		/^mi_route_[a-z_]+({[a-z]+="[^"]*"(,[a-z]+="[^"]*")*})? [0-9.e+-]+$/ { next }
		{ print; bad = 1 }
		END { exit bad }'
	contains "$output" 'mi_route_statements_total{side="source"} 1'
	contains "$output" 'mi_route_statement_seconds_count{side="source"} 1'
}

@test "an idle transaction that has written is named, or ended when told" {
	router_up "$dir"
	client_open writes
	client_say writes "BEGIN"
	client_say writes "INSERT INTO t (v) VALUES ('idle')"
	wait_until 5 is_state busy 1
	! hold_begin 20 2>/dev/null || fail "granted while a transaction was open"
	contains "$said" "a transaction has written and is idle"
	contains "$said" "app@"
	hold_end
	hold_begin 20 evict
	hold_end
	client_say writes "SELECT 'next'"
	client_has writes "ERROR 1213"
	client_say writes "COMMIT"
	equal "$(rows a idle)" 0
	client_say writes "INSERT INTO t (v) VALUES ('again')"
	equal "$(rows a again)" 1
}

@test "a transaction that ends in time lets the hold be granted" {
	router_up "$dir" --hold-idle=20000
	client_open one
	client_say one "BEGIN"
	client_say one "INSERT INTO t (v) VALUES ('in time')"
	wait_until 5 is_state busy 1
	(sleep 0.5 && exec 3>&- && printf 'COMMIT;\n' >&"${client_fd[one]}") &
	hold_begin 20
	equal "$(rows a 'in time')" 1
	hold_end
}

@test "a session that holds LOCK TABLES is pinned: no hold, it is listed, and evicted when told" {
	router_up "$dir"
	client_open locks
	client_say locks "LOCK TABLES t WRITE"
	wait_until 5 is_state pinned 1
	run_ok tell pinned
	contains "${lines[0]}" "pinned 2147483648 app@localhost"
	contains "${lines[0]}" "lock-tables"
	equal "${lines[1]}" "ok 1"
	! hold_begin 20 2>/dev/null || fail "granted while a table was locked"
	contains "$said" "1 sessions cannot move, one is pinned"
	hold_end
	client_say locks "UNLOCK TABLES"
	wait_until 5 is_state pinned 0
	hold_begin 20
	hold_end
	client_say locks "LOCK TABLES t WRITE"
	run_ok tell evict
	equal "$output" "ok evicted 1"
	wait_until 5 is_state sessions 0
	run_ok tell pinned
	equal "$output" "ok 0"
}
