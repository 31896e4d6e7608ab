#!/usr/bin/env bats
# Exactly once, whatever is killed: a copy made under a workload and then followed, while at random
# moments one part of the chain dies. ROUNDS (6) moments for each kind of server; SEED repeats a run's
# choices.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

test_begins() {
	started=()
}

teardown() {
	[ ! -e state/follow.conf ] || follow stop --timeout=5 state || true
	for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
	for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
}

# --- the workload

# Each move takes an amount from one row to another, counts itself, and leaves a numbered line: a
# move that is left out leaves a hole, one that arrives twice meets its line.
make_ledger() { # SERVER
	sql "$1" <<-'EOF_SQL'
		CREATE DATABASE work;
		USE work;
		CREATE TABLE ledger (id INT PRIMARY KEY, amount BIGINT NOT NULL);
		CREATE TABLE counter (id INT PRIMARY KEY, n BIGINT NOT NULL);
		CREATE TABLE moves (n BIGINT PRIMARY KEY, taken INT NOT NULL, given INT NOT NULL, amount INT NOT NULL);
		INSERT INTO counter VALUES (1, 0);
		INSERT INTO ledger VALUES (0,1000),(1,1000),(2,1000),(3,1000),(4,1000),(5,1000),(6,1000),(7,1000),
			(8,1000),(9,1000);
		CREATE DATABASE control;
		CREATE TABLE control.stop (n INT PRIMARY KEY);
		DELIMITER //
		CREATE PROCEDURE control.move_on()
		BEGIN
			DECLARE a, b, x, i INT;
			SET i = 0;
			REPEAT
				SET a = FLOOR(RAND()*10), b = FLOOR(RAND()*10), x = FLOOR(RAND()*100), i = i + 1;
				START TRANSACTION;
				UPDATE work.counter SET n=n+1 WHERE id=1;
				UPDATE work.ledger SET amount=amount-x WHERE id=a;
				UPDATE work.ledger SET amount=amount+x WHERE id=b;
				INSERT INTO work.moves SELECT n, a, b, x FROM work.counter WHERE id=1;
				IF i % 50 = 0 THEN ROLLBACK; ELSE COMMIT; END IF;
				DO SLEEP(0.005);
			UNTIL i > 100000 OR (SELECT COUNT(*) FROM control.stop) END REPEAT;
		END//
		DELIMITER ;
	EOF_SQL
}

start() { # COMMAND...: in the background, ended by teardown; its pid in $bg_pid
	background "$@" </dev/null
	started+=("$bg_pid")
}

sysbench_on() { # SERVER COMMAND [OPTION...]
	exec sysbench oltp_write_only --db-driver=mysql --mysql-socket="$(fact "$1" socket)" --mysql-user=root \
	    --mysql-db=work --tables=2 --table-size=1000 "${@:3}" "$2" >>sysbench.log 2>&1
}

work_on() { # SERVER
	start sql "$1" "CALL control.move_on()"
	mover=$bg_pid
	start sysbench_on "$1" run --threads=2 --rate=100 --time=0 --events=0
	bencher=$bg_pid
}

start_workload() { # SERVER
	sql "$1" "DROP DATABASE IF EXISTS work; DROP DATABASE IF EXISTS control"
	make_ledger "$1"
	(sysbench_on "$1" prepare)
	work_on "$1"
}

stop_workload() { # SERVER
	sql "$1" "INSERT INTO control.stop VALUES (1)"
	wait "$mover"
	kill "$bencher" || true
	wait "$bencher" || true
}

# --- the pair

# Both ends of the chain through proxies, so that their connections can be cut: $proxy are their processes.
declare -gA proxy=()
start_proxies() { # SOURCE TARGET
	local port
	for side in source target; do
		port=$(fact "$1" port)
		start python3 "$ROOT/tests/lib/cutproxy.py" "$port" "$side.port" "$SEED"
		proxy[$side]=$bg_pid
		shift
	done
	wait_until 10 test -s source.port -a -s target.port
}

configure() { # SOURCE TARGET
	cat >state/follow.conf <<-EOF_CONF
		config = $MI_CONFIG
		source = $1
		target = $2
		databases = work
		import = $(cat state/import)
		binlog.port = $(cat source.port)
		binlog.heartbeat = 1
		apply.port = $(cat target.port)
		apply.verbose =
		apply.verbose =
	EOF_CONF
}

follow() {
	"$ROOT/pipelines/follow" "$@" 3>&- 4>&-
}

failed() {
	grep -qx 'state failed' state/follow.state
}

# The process of binlog, apply or follow.
process() { # NAME
	local pid rest
	read -r pid rest <"state/$1.pid" && [ -d "/proc/$pid" ] && echo "$pid"
}

moves() { # SERVER
	sql "$1" "SELECT n FROM work.counter" 2>/dev/null </dev/null
}

# What must hold on the target at any moment, seen in one snapshot: the counter counts the moves,
# which have no holes, and nothing gets lost on the way.
target_is_sound() { # SERVER
	local seen
	seen=$(sql "$1" "SELECT (SELECT n FROM work.counter)-(SELECT COUNT(*) FROM work.moves),
		(SELECT n FROM work.counter)-(SELECT COALESCE(MAX(n),0) FROM work.moves),
		(SELECT SUM(amount) FROM work.ledger)") || return
	equal "$seen" $'0\t0\t10000'
}

moved_past() { # SERVER NUMBER
	! failed || return 0
	local n
	n=$(moves "$1") && [ "${n:-0}" -gt "$2" ]
}

wait_for_move() { # SERVER NUMBER SECONDS
	wait_until "$3" moved_past "$1" "$2" || fail "$(tail state/follow.log)"
	! failed || fail "$(cat state/follow.state)" "$(tail state/follow.log)"
}

# --- what goes wrong

kill_process() { # NAME...
	local pids=() name pid
	for name; do
		pid=$(process "$name") || return
		pids+=("$pid")
	done
	kill -9 "${pids[@]}"
}

# The moment while a new checkpoint file is written beside the old one.
kill_saving() {
	local end=$((SECONDS + 5)) pid
	pid=$(process apply) || return
	until [ $SECONDS -ge $end ]; do
		if compgen -G 'state/applied.gtid.new.*' >/dev/null; then
			kill -9 "$pid"
			return
		fi
	done
	return 1
}

strike() { # VICTIM SOURCE TARGET
	case $1 in
	apply | binlog) kill_process "$1" ;;
	both) kill_process apply binlog ;;
	keeper)
		kill_process follow
		follow start state
		;;
	saving) kill_saving ;;
	target)
		sandbox kill "$3"
		sandbox restart "$3" 3>&- 4>&-
		;;
	source)
		sandbox kill "$2"
		sandbox restart "$2" 3>&- 4>&-
		kill "$bencher" "$mover" || true
		work_on "$2"
		;;
	cut-source) kill -USR1 "${proxy[source]}" ;;
	cut-target) kill -USR1 "${proxy[target]}" ;;
	session) sql "$3" "KILL $(sql "$3" "SELECT conn_id FROM work._mi_checkpoint WHERE sid=''")" ;;
	dump)
		sql "$2" "SELECT CONCAT('KILL ',id) FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'" |
		    sql "$2"
		;;
	esac
}

victims=(apply binlog target source session cut-target cut-source saving dump both keeper)

# ROUNDS moments: the victims in a random order, each after a random number of moves and a random
# fraction of the time that a few moves take.
kill_rounds() { # SOURCE TARGET
	local rounds=${ROUNDS:-4} round order=() victim after delay at
	for ((round = 1; round <= rounds; round++)); do
		if [ ${#order[@]} -eq 0 ]; then
			mapfile -t order < <(printf '%s\n' "${victims[@]}" | while read -r victim; do
				echo "$RANDOM $victim"
			done | sort -n | cut -d ' ' -f 2)
		fi
		victim=${order[0]} order=("${order[@]:1}")
		after=$((RANDOM % 30)) delay=$((RANDOM % 60))
		at=$(moves "$2")
		wait_for_move "$2" $((at + after)) 60
		sleep "$(printf '0.%03d' $delay)" # the moment is random by intent
		echo "round $round: $victim after $after moves and $delay ms"
		if strike "$victim" "$1" "$2" 2>>strike.log; then
			echo "$victim" >>struck
		else
			echo "$victim had gone by itself" >>struck
		fi
		target_is_sound "$2" || wait_until 30 target_is_sound "$2" || fail "unsound after round $round"
		at=$(moves "$2")
		wait_for_move "$2" "$at" 90
	done
}

counts() { # FILE
	sort "$1" | uniq -c | awk '{ n = $1; $1 = ""; printf "%s%s:%d", sep, $0, n; sep = ", " }'
}

one_kind() { # SOURCE TARGET
	local watcher code
	: "${SEED:=$RANDOM}"
	RANDOM=$SEED
	echo "SEED=$SEED ROUNDS=${ROUNDS:-4}"
	start_workload "$1"
	"$ROOT/pipelines/copy" -s "$1" -t "$2" -d work state 2>copy.log || fail "$(cat copy.log)"
	start_proxies "$1" "$2"
	configure "$1" "$2"
	follow start state
	start python3 "$ROOT/tests/lib/watch_checkpoint.py" state/applied.gtid "$(cat state/import)/forward" work \
	    sandbox sql "$2" >watched
	watcher=$bg_pid
	kill_rounds "$1" "$2"
	stop_workload "$1"
	follow wait --timeout=120 state || fail "not caught up" "$(tail state/follow.log)"
	follow stop state
	code=0
	kill "$watcher" || true # it ends by itself when it sees something wrong
	wait "$watcher" || code=$?
	cat watched
	equal "$code" 0
	target_is_sound "$2"
	equal "$(moves "$2")" "$(moves "$1")"
	tables_equal "$1" "$2" work
	{
		echo "SEED=$SEED: $(moves "$2") moves"
		cat watched
		echo "struck: $(counts struck)"
		grep -o 'again in .*' state/follow.log | sed 's/ in [0-9]* s//; s/ tr.*//' >again || true
		echo "started again: $(counts again)"
		echo "went on by itself: $(grep -cE 'trying again|connecting again' state/follow.log) times"
	} | sed 's/^/# /' >&3
}

@test "MySQL: killed at random moments, every transaction is there once, and the file never leads" {
	one_kind a b
}

@test "MariaDB: killed at random moments, every transaction is there once, and the file never leads" {
	one_kind m n
}
