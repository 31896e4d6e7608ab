#!/usr/bin/env bats
# mi-import from init to its end, with applications on the router: switches under load, what stands in
# their way, and each phase's way out. More rounds: make soak.
# shellcheck disable=SC2030,SC2031,SC2086,SC2016,SC2046,SC2164

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/import.bash"

export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-900}
SWITCHES=${ROUNDS:-3}

servers a:mysql b:mysql

teardown() {
	local pid d
	for pid in ${ledger_pid-} ${router_pid-} ${other_pid-}; do kill -CONT $pid && kill -9 $pid; done 2>/dev/null || true
	for d in forward reverse; do
		[ ! -e "$dir/im/$d/follow.conf" ] || "$ROOT/pipelines/follow" stop -t 5 "$dir/im/$d" 2>/dev/null 3>&- || true
	done
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 40 "$dir"/im/log "$dir"/route.log "$dir"/ledger.err "$dir"/im/*/follow.log 2>/dev/null || true
}

# The ledger's tables on the source, empty, and nothing on the target.
fresh() {
	local s
	for s in a b; do sql $s "DROP DATABASE IF EXISTS shop"; done
	sql a "CREATE DATABASE shop"
	{
		echo "USE shop;"
		/usr/bin/python3 "$ROOT/tests/lib/ledger.py" --schema
	} | sql a
	[ -z "${ROUNDS-}" ] || ! command -v sysbench >/dev/null ||
	    sysbench oltp_read_write --mysql-socket="$(fact a socket)" --mysql-user=root --mysql-db=shop --tables=2 \
		--table-size=2000 prepare >/dev/null
}

up_to_replica() {
	import_files shop
	router_up
	run_ok import start "$dir/im"
	equal "$(cat im/phase)" replica
}

ledger_has() { # LINES: more than so many
	[ "$(wc -l <ledger.log)" -gt "$1" ]
}

# A second application, in the long runs: sysbench, which prepares its statements.
sysbench_begin() {
	sysbench_pid=
	[ -n "${ROUNDS-}" ] && command -v sysbench >/dev/null || return 0
	local common=(oltp_read_write --mysql-host=127.0.0.1 --mysql-port="$port" --mysql-user=app --mysql-password=apppw
		--mysql-db=shop --tables=2 --table-size=2000 --mysql-ssl=off)
	sysbench "${common[@]}" --threads=4 --time=0 --events=0 --rate=20 run </dev/null >sysbench.out 2>&1 3>&- 4>&- &
	sysbench_pid=$!
}
sysbench_end() {
	[ -n "$sysbench_pid" ] || return 0
	kill -0 $sysbench_pid || fail "sysbench has failed: $(tail -5 sysbench.out)"
	kill -TERM $sysbench_pid
	wait $sysbench_pid || true
	lacks "$(cat sysbench.out)" FATAL
}

phase_is() {
	equal "$(cat "$dir/im/phase")" "$1"
	equal "$(sed -n 's/^mode //p' "$dir/im/mode")" "${2-$1}"
}

@test "switches back and forth under a ledger: nothing lost, doubled or stale, and short stalls" {
	local round to=primary
	fresh
	up_to_replica
	ledger_begin --rate 250
	sysbench_begin
	for ((round = 1; round <= SWITCHES; round++)); do
		run_ok import switch $to im
		echo "# $(grep -o 'switched to.*' <<<"$stderr")" >&3
		phase_is $to
		[ $to = primary ] && to=replica || to=primary
	done
	ledger_end
	sysbench_end
	equal "$(ledger_value errors)" 0
	equal "$(ledger_value unknown)" 0
	equal "$(ledger_value stale_reads)" 0
	equal "$(ledger_value wrong_insert_ids)" 0
	# beside the other tests there is little left of two processors: make soak has its own bound
	[ "$(ledger_value longest_stall_ms)" -lt ${STALL_MS:-3000} ] || fail "a stall of $(ledger_value longest_stall_ms) ms"
	sides_equal shop
	ledger_holds a
	ledger_holds b
}

# --- what stands in the way of a switch, and what becomes of it

# A transaction that has not come through the router: a switch waits for it once its clients are drained,
# so that a test finds it there, however busy the machine is.
stand_in_the_way() {
	mkfifo feed
	background bash -c 'exec "$ROOT/scripts/sandbox" sql a --unbuffered --batch <feed >feed.out'
	other_pid=$bg_pid
	exec 7>feed
	printf 'BEGIN; INSERT INTO shop.entry (who,n,account,amount) VALUES (999,1,1,0); SELECT 1;\n' >&7
	wait_until 10 test -s feed.out
}
go_away() {
	printf "ROLLBACK; SELECT 'gone';\n" >&7
	wait_until 10 grep -q gone feed.out
	exec 7>&-
	kill $other_pid # others have inherited its standard input's other end
	wait $other_pid || true
}

@test "a script that is stopped past the bound: the old mode, and clients saw a pause" {
	fresh
	up_to_replica
	ledger_begin --rate 100 --kinds=autocommit,transaction,prepared
	stand_in_the_way
	HOLD_LIMIT=1 switch_begin primary
	switch_await "in the hold, after drain"
	kill -STOP $switch_pid
	go_away
	wait_until 20 eval '[ "$(mi-route --tell=im/control status | sed -n "s/^held //p")" = - ]'
	wait_until 20 ledger_has $(($(wc -l <ledger.log) + 20))
	kill -CONT $switch_pid
	if wait $switch_pid; then fail "it has switched"; fi
	settle
	phase_is replica
	run_ok import switch primary im
	ledger_end
	equal "$(ledger_value errors)" 0
	sides_equal shop
	ledger_holds a
	ledger_holds b
}

@test "a router that is killed in a hold comes back in the old mode, and the switch is undone" {
	fresh
	up_to_replica
	stand_in_the_way
	switch_begin primary
	switch_await "in the hold, after drain"
	router_kill
	router_up
	go_away
	wait $switch_pid || equal $? 75
	settle
	phase_is replica
	run_ok import switch primary im
	phase_is primary
}

@test "the target does not catch up: no switch, no error; and two switches at once" {
	fresh
	up_to_replica
	ledger_begin --rate 100 --kinds=autocommit,transaction,prepared
	pid=$(cut -d' ' -f1 im/forward/apply.pid)
	kill -STOP $pid
	run_exit 75 import switch primary im
	phase_is replica
	kill -CONT $pid
	switch_begin primary
	switch_await gates
	kill -STOP $switch_pid # it holds the lock, and must not be through before both have asked
	run_exit 75 import switch primary im
	contains "$stderr" "at work"
	run_exit 75 import finish im
	kill -CONT $switch_pid
	wait $switch_pid
	run_ok import switch primary im
	contains "$stderr" "already"
	phase_is primary
	ledger_end
	equal "$(ledger_value errors)" 0
	sides_equal shop
	ledger_holds a
}

@test "a client that vanishes in an UPDATE that waits for a lock: nothing of it comes late" {
	fresh
	up_to_replica
	mkfifo feed
	background bash -c 'exec "$ROOT/scripts/sandbox" sql a <feed >/dev/null'
	other_pid=$bg_pid
	exec 7>feed
	printf 'BEGIN; UPDATE shop.account SET balance=balance+1 WHERE id=1;\n' >&7
	wait_until 10 eval '[ "$(transactions a "trx_rows_modified>0")" = 1 ]'
	background app shop -e "UPDATE account SET balance=balance+10 WHERE id=1" 7>&-
	wait_until 10 eval '[ "$(transactions a)" = 2 ]'
	kill -9 $bg_pid
	HOLD_LIMIT=2 run_exit 75 import switch primary im
	phase_is replica
	printf 'COMMIT;\n' >&7
	exec 7>&-
	wait $other_pid
	run_ok import switch primary im
	sides_equal shop
	sum=$(sql a "SELECT balance FROM shop.account WHERE id=1")
	[ "$sum" = 1 ] || [ "$sum" = 11 ] || fail "balance $sum"
}

@test "a follower of the old direction that comes late changes nothing" {
	local epoch since
	fresh
	up_to_replica
	epoch=$(sed -n 's/^apply.epoch = //p' im/forward/follow.conf)
	since=$(cat im/forward/applied.gtid)
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,1,1,0),(1,2,1,0); UPDATE entry SET amount=5 WHERE n=1"
	run_ok import switch primary im
	# what it would have applied, had it not been stopped
	mi-binlog -q -c im/my.cnf -s source -d shop --since="$since" --until=now >late
	app shop -e "UPDATE entry SET amount=7; INSERT INTO entry (who,n,account,amount) VALUES (1,3,1,0)"
	# shellcheck disable=SC1091
	. im/import.conf
	run_exit 75 mi-apply -c im/my.cnf -s target --flow="$import/forward" --epoch="$epoch" <late
	contains "$stderr" "sealed"
	run_exit 78 mi-apply -c im/my.cnf -s target --flow="$import/forward" <late
	equal "$(sql b "SELECT GROUP_CONCAT(amount ORDER BY n) FROM shop.entry")" 7,7,0
	sides_equal shop
}

# An import whose router reaches the source through a relay, which loses COUNT answers.
relay_up() { # COUNT [PID-FILE]
	import_files shop
	background python3 "$ROOT/tests/lib/cutproxy.py" "$(fact a port)" proxy 1 lost-answer "$@"
	other_pid=$bg_pid
	wait_until 10 test -s proxy
	# in clear, so that the relay sees the statement
	sed -i "/^\[client_source]/,/^\[client_target]/ { s/^port=.*/port=$(<proxy)/; /^socket=/d; /^ssl-/d }
		s|^\[client_source]|&\nhost=127.0.0.1\nssl-mode=DISABLED\nserver-public-key-path=$(fact a datadir)/public_key.pem|" im/route.cnf
	router_up
}

@test "the source commits and its answer is lost: the client hears of it, and nothing is written twice" {
	local s
	fresh
	relay_up 6
	run_ok import start im
	run_ok /usr/bin/python3 "$ROOT/tests/lib/lost_answers.py" "$port" 1
	run_ok import switch primary im
	run_ok import switch replica im
	run_ok /usr/bin/python3 "$ROOT/tests/lib/lost_answers.py" "$port" 2
	run_ok import switch primary im
	sides_equal shop
	for s in a b; do
		equal "$(sql $s "SELECT GROUP_CONCAT(who,':',n ORDER BY who,n) FROM shop.entry")" 1:1,1:2,1:3,1:4,2:1,2:2,2:3,2:4
	done
}

@test "the source is killed between its COMMIT and its OK: written once or not at all, and the import goes on" {
	local round=0 how s found
	fresh
	fact a pid >server.pid
	relay_up 4 server.pid
	run_ok import start im
	for how in text commit prepared text; do # at its answer, and in turn a moment after it was asked
		round=$((round + 1))
		app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (9,$round,1,0)"
		run_ok timeout 60 /usr/bin/python3 "$ROOT/tests/lib/lost_answers.py" "$port" $round $how
		"$ROOT/scripts/sandbox" restart a 3>&-
		fact a pid >server.pid
		wait_until 20 app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (8,$round,1,0)"
		found=$(sql a "SELECT COUNT(*) FROM shop.entry WHERE who=$round")
		echo "# $how, round $round: $found" >&3
		[ $((round % 2)) = 0 ] || equal "$found" 1
	done
	run_ok import step im
	sides_equal shop
	run_ok import switch primary im
	sides_equal shop
	for s in a b; do
		equal "$(sql $s "SELECT GROUP_CONCAT(who,':',n ORDER BY who,n) FROM shop.entry WHERE who>7")" \
		    8:1,8:2,8:3,8:4,9:1,9:2,9:3,9:4
		equal "$(sql $s "SELECT COUNT(*) FROM (SELECT who FROM shop.entry WHERE who<7 GROUP BY who HAVING COUNT(*)>1) x")" 0
	done
}

@test "reads that only the source can answer: no switch to primary, unless told" {
	fresh
	up_to_replica
	sql a "SET sql_log_bin=0; CREATE TABLE shop.here (a INT)" # the target has not got it
	wait_until 20 eval 'app shop -e "SELECT COUNT(*) FROM here" && [ "$(mi-route --tell=im/control status | sed -n "s/^incompatible //p")" -gt 0 ]'
	run_exit 75 import switch primary im
	contains "$stderr" "1146 SELECT COUNT(*) FROM here"
	contains "$stderr" "--despite-incompatible"
	phase_is replica
	sql b "CREATE TABLE shop.here (a INT)"
	run_ok import switch primary --despite-incompatible im
	phase_is primary
	run_ok import switch replica im # nothing is asked on the way back
}

# --- the ways out

no_secrets() { # PASSWORD...: none of these is anywhere in the folder
	local secret
	for secret; do ! grep -rlF -- "$secret" im || fail "a password is left in $(grep -rlF -- "$secret" im)"; done
}
target_is_forgotten() {
	[ ! -e im/my.cnf ]
	lacks "$(cat im/route.cnf)" client_target
	grep -q 'detached.*target' im/users
}
password_of() { # SERVER
	awk -v group="[client_$1]" '/^\[/ { on = $0 == group } on && sub(/^password=/, "")' "$MI_CONFIG"
}
no_books() {
	local s
	for s in a b; do
		equal "$(sql $s "SELECT COUNT(*) FROM information_schema.TABLES WHERE LEFT(TABLE_NAME,4)='_mi_'")" 0
	done
}

@test "finish: the target stays, the source and its credentials are gone, the application still connects" {
	fresh
	up_to_replica
	run_exit 78 import finish im
	run_ok import switch primary im
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,1,1,0)"
	run_ok import finish im
	run_ok import finish im
	run_exit 78 import cancel im
	run_exit 78 import switch replica im
	run_ok import step im
	phase_is finished target
	no_books
	no_secrets "$(password_of a)" "$(password_of b)"
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,2,1,0)"
	equal "$(sql b "SELECT COUNT(*) FROM shop.entry")" 2
	router_kill
	router_up
	equal "$(app shop -e "SELECT COUNT(*) FROM entry")" 2
	run_ok import status im
	contains "$output" finished
}

@test "cancel: from replica, and from primary under load, where it switches back first" {
	local start
	fresh
	import_files shop
	run_exit 69 import cancel im # the router has the target's passwords, too
	router_up
	run_ok import cancel im # before anything began
	run_ok import cancel im
	phase_is cancelled source
	target_is_forgotten
	router_kill
	for start in replica primary; do
		fresh
		up_to_replica
		ledger_begin --rate 100 --kinds=autocommit,transaction,prepared
		[ $start = replica ] || run_ok import switch primary im
		run_ok import cancel im
		run_ok import cancel im
		run_exit 78 import finish im
		phase_is cancelled source
		ledger_end
		equal "$(ledger_value errors)" 0
		ledger_holds a
		no_books
		target_is_forgotten
		router_kill
		router_up
		equal "$(app shop -e "SELECT COUNT(*)>0 FROM entry")" 1
		router_kill
	done
}

@test "cancel while the copy is being made: it is stopped, and nothing goes on" {
	local round starter
	fresh
	import_files shop
	router_up
	sql a "CREATE TABLE shop.big (id INT PRIMARY KEY AUTO_INCREMENT, pad CHAR(250)); INSERT INTO shop.big (pad) VALUES ('x')"
	for round in {1..17}; do sql a "USE shop; INSERT INTO big (pad) SELECT RPAD(id, 250, 'x') FROM big"; done
	background "$IMPORT" start --threads=1 im </dev/null >start.out 2>&1
	starter=$bg_pid
	wait_until 30 test -e im/forward/begun
	run_ok import cancel im
	phase_is cancelled source
	if wait $starter; then fail "the copy has ended well"; fi
	equal "$(pgrep -f "[m]i-(dump|load) .*$dir/im/my.cnf" || true)" ""
	no_books
}

@test "cancel in primary without the target: refused, or told what is given up" {
	fresh
	up_to_replica
	run_ok import switch primary im
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,1,1,0)"
	sides_equal shop
	"$ROOT/pipelines/follow" stop im/reverse
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,2,1,0)"
	run_exit 75 import cancel im
	phase_is primary
	run_ok import cancel --abandon-target-writes im
	contains "$stderr" "abandoning at most"
	phase_is cancelled source
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,3,1,0)"
	equal "$(sql a "SELECT GROUP_CONCAT(n ORDER BY n) FROM shop.entry")" 1,3
}

# --- step

@test "step: follows again, finds writes around the import, and stops what nobody uses" {
	fresh
	up_to_replica
	kill -9 $(cut -d' ' -f1 im/forward/follow.pid) $(cut -d' ' -f1 im/forward/apply.pid) $(cut -d' ' -f1 im/forward/binlog.pid)
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,1,1,0)"
	run_ok import step im
	equal "$stderr" ""
	sides_equal shop
	sql b "UPDATE shop.account SET balance=1 WHERE id=5"
	run_ok import step im
	contains "$stderr" "around the import"
	contains "$(cat im/foreign)" "shop.account"
	run_ok import step im
	equal "$stderr" ""
	run_ok import status im
	contains "$output" "foreign"
	sql b "UPDATE shop.account SET balance=0 WHERE id=5"

	run_ok import step im
	touch -d '2 hours ago' im/activity
	IDLE_LIMIT=7200000 run_ok import step im
	phase_is replica
	touch -d '2 hours ago' im/activity
	IDLE_LIMIT=3600 run_ok import step im
	phase_is stopped source
	no_books
}

# --- anything may be killed or stopped at any moment

# victim NAME: its process.
victim() {
	case $1 in
	router) echo $router_pid ;;
	script) echo $switch_pid ;;
	apply | binlog) cut -d' ' -f1 im/$direction/$1.pid ;;
	source) fact a pid ;;
	target) fact b pid ;;
	esac
}
# Brings back what is dead.
revive() {
	case $1 in
	router)
		wait $router_pid 2>/dev/null || true
		router_up
		;;
	source) "$ROOT/scripts/sandbox" restart a 3>&- ;;
	target) "$ROOT/scripts/sandbox" restart b 3>&- ;;
	esac
}

@test "kill -9 and SIGSTOP of each participant at random moments of a switch: nothing lost or doubled" {
	local round who signal pid pause to direction moments moment victims
	RANDOM=${SEED:=$$}
	echo "# SEED=$SEED" >&3
	victims=(router script apply source script target binlog)
	moments=("gates" "in the hold" "after drain" "after lock" "after journal" "after seal" "after reverse" "after mode" "after the switch")
	fresh
	up_to_replica
	ledger_begin --rate 60 --kinds=autocommit,transaction,prepared
	for ((round = 1; round <= ${ROUNDS:-2}; round++)); do
		to=primary direction=forward
		[ "$(cat im/phase)" = replica ] || to=replica direction=reverse
		who=${victims[RANDOM % ${#victims[@]}]} moment=${moments[RANDOM % ${#moments[@]}]}
		signal=$((RANDOM % 2 ? 9 : 19))
		HOLD_LIMIT=2 switch_begin $to
		pid=$(victim $who) pause=$((RANDOM % 5))
		switch_await "$moment" || true
		[ $pause = 0 ] || sleep 0.0$pause # at once, or a few statements later
		kill -$signal $pid 2>/dev/null || true
		if [ $signal = 19 ]; then
			sleep $((RANDOM % 5))
			kill -CONT $pid 2>/dev/null || true
		else
			revive $who
		fi
		wait $switch_pid || true
		settle
		echo "# $round: to $to, $who by $signal at '$moment': now $(cat im/phase)" >&3
		case $(cat im/phase) in
		replica | primary) phase_is "$(cat im/phase)" ;;
		*) fail "phase $(cat im/phase)" ;;
		esac
	done
	ledger_end
	equal "$(ledger_value stale_reads)" 0
	sides_equal shop
	ledger_holds a
	ledger_holds b
}
