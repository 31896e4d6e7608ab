#!/usr/bin/env bats
# mi-follow: the way past each stop that wants a person, from the message to a running follower, with the commands that
# it names; settings that are changed by a command; what status says meanwhile.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

export BATS_TEST_TIMEOUT=180

servers m:mysql t:mysql r:mariadb u:mariadb

teardown() {
	[ -z "${proxy-}" ] || kill "$proxy" 2>/dev/null || true
	[ -z "${other-}" ] || kill "$other" 2>/dev/null || true
	[ ! -e state/follow.conf ] || follow stop -t 5 state 2>/dev/null || true
}

follow() {
	"$ROOT/pipelines/follow" "$@" 3>&- 4>&-
}

# fresh SOURCE TARGET: a table with two rows on both sides, and a follower at work between them
fresh() {
	local server
	source=$1 target=$2
	for server in "$@"; do
		sql "$server" "DROP DATABASE IF EXISTS st; CREATE DATABASE st;
			CREATE TABLE st.t (id INT PRIMARY KEY, v INT, b BLOB); CREATE TABLE st.other (id INT PRIMARY KEY);
			INSERT INTO st.t VALUES (1,1,'x'),(2,2,'y')"
	done
	[ ! -e state ] || follow stop state
	rm -rf state
	mkdir state
	printf '%s\n' "config = $MI_CONFIG" "source = $1" "target = $2" "databases = st" "import = t$BATS_TEST_NUMBER" \
	    "binlog.heartbeat = 1" "apply.state-db = st" "apply.start = $(position "$1")" >state/follow.conf
	run_ok follow start state
	sql "$1" "INSERT INTO st.t VALUES (10,10,'good')"
	follows
}
is_running() {
	follow status state >/dev/null
}
follows() {
	wait_until 20 is_running
	run_ok follow wait --timeout=20 state
}
value() { # NAME: of status --json
	follow status --json state | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}
state_is() {
	[ "$(value state)" = "$1" ]
}
only_transaction() { # SERVER BEFORE: the one that was executed since
	local now
	now=$(position "$1")
	if [[ $now = *:* ]]; then mi-gtid subtract "$now" "$2"; else echo "$now"; fi
}

# stops CODE TEXT STATEMENTS: run at the source, they stop the follower so, at their transaction; another comes after it.
stops() {
	local before
	before=$(position "$source")
	sql "$source" "$3"
	bad=$(only_transaction "$source" "$before")
	sql "$source" "INSERT INTO st.other VALUES (30)"
	is_stopped "$1" "$2"
	equal "$(value stopped_at)" "$bad"
}
is_stopped() { # CODE TEXT
	wait_until 20 state_is failed
	equal "$(value code)" "$1" "$(value reason)"
	contains "$(value reason)" "$2"
	run_exit 1 follow status state
	contains "$output" "WHEN IT STOPS"
	contains "$output" "mi-follow resume"
	run_exit "$1" follow start state
	contains "$stderr" "mi-follow resume"
	run_exit "$1" follow wait state
}

# passes WHAT STATEMENTS: made by hand on the target, they are what the stop was about; the transaction is passed, which
# names WHAT, and everything else goes on.
passes() {
	local at
	at=$(value stopped_at)
	sql "$target" "$2"
	run_ok follow resume --past="$at" state
	contains "$stderr" "$at"
	contains "$stderr" "$1"
	contains "$stderr" "verify"
	sql "$source" "UPDATE st.other SET id=id+1; INSERT INTO st.t (id, v) VALUES (40,40)"
	follows
	tables_equal "$source" "$target" st
	is_recorded "$at" "$1"
}
is_recorded() { # GTID WHAT
	run_ok follow status state
	contains "$output" "$1 "
	contains "$output" "$2"
	equal "$(sql "$target" "SELECT GROUP_CONCAT(gtid) FROM st._mi_past WHERE flow='t$BATS_TEST_NUMBER/forward' ORDER BY n")" "$1"
	contains "$(cat state/follow.log)" "transaction $1 is passed, and not applied"
	run_exit 78 follow resume --past="$1" state
	follow stop state
	run_exit 78 follow resume --past="$1" state
}

pairs() { # FUNCTION
	"$1" m t
	"$1" r u
}

# ---- Each reason ----

images() {
	fresh "$1" "$2"
	stops 65 "binlog_row_image" "SET SESSION binlog_row_image=MINIMAL; UPDATE st.t SET v=v+1 WHERE id=1"
	passes st.t "UPDATE st.t SET v=v+1 WHERE id=1"
}
@test "a row image that is not full" { pairs images; }

statements() {
	fresh "$1" "$2"
	stops 65 "logged as a statement" "SET SESSION binlog_format=STATEMENT; UPDATE st.t SET v=v+1 WHERE id=1"
	passes "UPDATE st.t SET v=v+1 WHERE id=1" "UPDATE st.t SET v=v+1 WHERE id=1"
}
@test "a change that was logged as a statement" { pairs statements; }

definitions() {
	fresh "$1" "$2"
	stops 65 "ALTER TABLE st.t ADD c INT DEFAULT 7" "ALTER TABLE st.t ADD c INT DEFAULT 7"
	passes "ALTER TABLE st.t ADD c INT DEFAULT 7" "ALTER TABLE st.t ADD c INT DEFAULT 7"
}
@test "a change of definitions, made by hand" { pairs definitions; }

missing_row() {
	fresh "$1" "$2"
	sql "$2" "DELETE FROM st.t WHERE id=2"
	stops 65 "st.t" "UPDATE st.t SET v=v+1 WHERE id=2"
	passes st.t "INSERT INTO st.t VALUES (2,3,'y')"
	# or the row is made there, and the transaction applied
	fresh "$1" "$2"
	sql "$2" "DELETE FROM st.t WHERE id=2"
	stops 65 "st.t" "UPDATE st.t SET v=v+1 WHERE id=2"
	sql "$2" "INSERT INTO st.t VALUES (2,2,'y')"
	run_ok follow resume state
	follows
	tables_equal "$1" "$2" st
}
@test "a row that is missing" { pairs missing_row; }

unknown_event() {
	fresh "$1" "$2"
	follow stop state
	rm -f port
	# a login without TLS wants the server to know the account already
	mi-binlog -q -s "$1" -d st --since=now --until=now >/dev/null
	background "$ROOT/tests/lib/mangle.py" port "$(fact "$1" port)" unknown 1 2>proxy.err
	proxy=$bg_pid
	wait_until 20 test -s port
	printf '%s\n' "binlog.port = $(cat port)" "binlog.ssl-mode = DISABLED" >>state/follow.conf
	run_ok follow start state
	stops 65 "type 99" "INSERT INTO st.t VALUES (20,20,'bad')"
	passes st.t "INSERT INTO st.t VALUES (20,20,'bad')"
	kill "$proxy"
	proxy=
}
@test "an event of an unknown type" { pairs unknown_event; }

@test "LOAD DATA that was logged as a statement" {
	printf '5\t5\n' >rows
	fresh m t
	sql m "SET GLOBAL local_infile=1"
	before=$(position m)
	"$ROOT/scripts/sandbox" sql m --local-infile=1 \
	    --execute="SET SESSION binlog_format=STATEMENT; LOAD DATA LOCAL INFILE 'rows' INTO TABLE st.t (id, v)"
	is_stopped 65 "LOAD DATA was logged as a statement"
	equal "$(value stopped_at)" "$(only_transaction m "$before")"
	sql m "INSERT INTO st.other VALUES (30)"
	passes "LOAD DATA" "INSERT INTO st.t (id, v) VALUES (5,5)"
}

@test "an ALTER TABLE that was logged in two phases: each of its transactions" {
	fresh r u
	sql r "SET SESSION binlog_alter_two_phase=ON; ALTER TABLE st.t ADD c INT DEFAULT 7"
	sql u "ALTER TABLE st.t ADD c INT DEFAULT 7"
	is_stopped 65 "two phases"
	first=$(value stopped_at)
	run_ok follow resume --past="$first" state
	is_stopped 65 "two phases"
	run_ok follow resume --past="$(value stopped_at)" state
	sql r "INSERT INTO st.t (id, v) VALUES (50,50)"
	follows
	tables_equal r u st
	equal "$(grep -c 'ALTER TABLE st.t ADD c' state/passed)" 2
	contains "$(head -n 1 state/passed)" " $first "
}

# All its logs but the newest are gone: the older ones may be in use for a moment.
is_purged() { # SERVER
	sql "$1" "FLUSH BINARY LOGS; PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 SECOND"
	[ "$(sql "$1" "SHOW BINARY LOGS" | wc -l)" = 1 ]
}
purge() {
	fresh "$1" "$2"
	follow stop state
	sql "$1" "INSERT INTO st.t VALUES (20,20,'a'); INSERT INTO st.t VALUES (21,21,'b')"
	wait_until 20 is_purged "$1"
	sql "$1" "INSERT INTO st.other VALUES (30)"
	run_ok follow start state
	is_stopped 78 "has purged transactions that are still needed"
	run_exit 65 follow resume --past="$(position "$1")" state
	passes "purged" "INSERT INTO st.t VALUES (20,20,'a'), (21,21,'b')"
}
@test "transactions that the source has purged" { pairs purge; }

# ---- What is refused, and what dies meanwhile ----

@test "only the transaction at which it has stopped can be passed" {
	fresh m t
	run_exit 78 follow resume --past="$(position m)" state
	run_exit 64 follow resume --past state
	stops 65 "logged as a statement" "SET SESSION binlog_format=STATEMENT; UPDATE st.t SET v=v+1 WHERE id=1"
	next=$(only_transaction m "$(mi-gtid union "$(cat state/applied.gtid)" "$bad")")
	run_exit 65 follow resume --past="$next" state
	contains "$stderr" "$bad"
	run_exit 64 follow resume --past=nonsense state || [ "$status" = 65 ]
	# the tools themselves look, too
	run_exit 65 eval "mi-binlog -q -s m -d st --import=t$BATS_TEST_NUMBER --since=@state/applied.gtid --past='$bad' --until=now |
		mi-apply -q -s t --past='$next'"
	contains "$stderr" "transaction $bad"
	run_exit 65 eval "mi-binlog -q -s m -d st --import=t$BATS_TEST_NUMBER --since=@state/applied.gtid --past='$bad' --until=now | mi-apply -q -s t"
	contains "$stderr" "--past does not say so"
	equal "$(sql t "SELECT COUNT(*) FROM st.other")" 0
	run_exit 65 mi-apply -q -s t --past="${bad%:*}:1" < <(mi-binlog -q -s m -d st --import="t$BATS_TEST_NUMBER" --since=@state/applied.gtid --past="$bad" --until=now)
	contains "$stderr" "it has been applied"
	passes "UPDATE st.t" "UPDATE st.t SET v=v+1 WHERE id=1"
}

@test "a decoded transaction is passed by mi-apply alone: small, large, prepared" {
	fresh m t
	follow stop state
	for what in "INSERT INTO st.t VALUES (20,20,'bad')" \
	    "INSERT INTO st.t WITH RECURSIVE n AS (SELECT 100 AS i UNION ALL SELECT i+1 FROM n WHERE i<800) SELECT i, 1, REPEAT('x', 60000) FROM n" \
	    "XA START 'x'; INSERT INTO st.t VALUES (22,22,'bad'); XA END 'x'; XA PREPARE 'x'"; do
		before=$(position m)
		sql m "$what" || fail "$what"
		bad=$(only_transaction m "$before")
		mi-binlog -q -s m -d st --import="t$BATS_TEST_NUMBER" --since=@state/applied.gtid --until=now >changes.mi
		run_ok mi-apply -s t --checkpoint=state/applied.gtid --past="$bad" --passed=passed <changes.mi
		contains "$stderr" "st.t"
		contains "$(tail -n 1 passed)" "$bad st.t"
		mi-gtid equal @state/applied.gtid "$(position m)"
		# a run that died before it could say so
		run_ok mi-apply -s t --past="$bad" --passed=passed <changes.mi
		contains "$(tail -n 1 passed)" "$bad st.t"
	done
	equal "$(sql t "SELECT COUNT(*) FROM st.t")" 3
	equal "$(sql t "SELECT COUNT(*) FROM st._mi_past")" 3
	equal "$(sql t "SELECT COUNT(*) FROM st._mi_xa")" 0
	sql m "XA ROLLBACK 'x'"
}

@test "killed while it passes: passed once, and recorded once" {
	fresh m t
	stops 65 "logged as a statement" "SET SESSION binlog_format=STATEMENT; UPDATE st.t SET v=v+1 WHERE id=1"
	sql t "UPDATE st.t SET v=v+1 WHERE id=1"
	# the target holds the checkpoint's row, so that the pair cannot get on
	mkfifo feed
	background bash -c 'exec "$ROOT/scripts/sandbox" sql t --unbuffered --batch <feed >feed.out'
	other=$bg_pid
	exec 7>feed
	printf 'BEGIN; SELECT * FROM st._mi_checkpoint FOR UPDATE; SELECT 1;\n' >&7
	wait_until 10 test -s feed.out
	run_exit 75 follow resume --timeout=1 --past="$bad" state 7>&-
	[ -e state/past ]
	kill -9 "$(cut -d ' ' -f 1 state/follow.pid)" "$(cut -d ' ' -f 1 state/apply.pid)"
	exec 7>&-
	wait "$other" || true
	other=
	run_ok follow start state
	follows
	wait_until 10 test ! -e state/past
	tables_equal m t st
	is_recorded "$bad" "UPDATE st.t"
}

# ---- Settings ----

@test "set: on-ddl changes by a command; once is once, and outlives a kill" {
	fresh m t
	stops 65 "ALTER TABLE" "ALTER TABLE st.t COMMENT 'one'"
	run_exit 64 follow set state apply.on-dll=skip
	run_exit 64 follow set state apply.on-ddl=maybe
	run_exit 64 follow set state source=x
	run_exit 64 follow set state
	run_ok follow set state apply.on-ddl=skip --once
	contains "$stderr" "$bad"
	contains "$(follow status state || true)" "skip@$bad"
	run_ok follow resume state
	wait_until 20 is_running
	kill -9 "$(cut -d ' ' -f 1 state/follow.pid)"
	run_ok follow start state
	follows
	wait_until 10 test ! -e state/once
	run_exit 78 follow set state apply.on-ddl=skip --once
	sql m "DELETE FROM st.other"
	stops 65 "COMMENT 'two'" "ALTER TABLE st.t COMMENT 'two'"
	run_ok follow set state apply.on-ddl=apply --once
	run_ok follow resume state
	follows
	equal "$(sql t "SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA='st' AND TABLE_NAME='t'")" two
	# for good, whatever follow.conf says, and back again
	echo "apply.on-ddl = stop" >>state/follow.conf
	run_ok follow set state apply.on-ddl=apply
	contains "$stderr" "mi-follow restart"
	run_ok follow restart state
	sql m "ALTER TABLE st.t COMMENT 'three'; ALTER TABLE st.t COMMENT 'four'"
	follows
	contains "$(follow status state)" "apply.on-ddl = apply"
	run_ok follow set state apply.on-ddl
	run_ok follow restart state
	follows
	sql m "DELETE FROM st.other"
	stops 65 "COMMENT 'five'" "ALTER TABLE st.t COMMENT 'five'"
}

# ---- What is told ----

lag_is() { # CONDITION
	/usr/bin/python3 -c "import sys; lag = float(sys.argv[1]); sys.exit(not ($1))" "$(value lag_seconds)"
}
true_lag() {
	fresh "$1" "$2"
	wait_until 10 lag_is "lag < 5"
	[[ $(follow status state) =~ (^|$'\n')lag\ +[0-9]+\.[0-9]\ s($'\n'|$) ]] || fail "$(follow status state)"
	# a row is locked at the target: what comes is read, and waits
	mkfifo "feed.$1"
	background bash -c 'exec "$ROOT/scripts/sandbox" sql "$1" --unbuffered --batch <feed."$2" >feed.out."$2"' - "$2" "$1"
	other=$bg_pid
	exec 7>"feed.$1"
	printf 'BEGIN; UPDATE st.t SET b=NULL WHERE id=2; SELECT 1;\n' >&7
	wait_until 10 test -s "feed.out.$1"
	sql "$1" "UPDATE st.t SET v=v+1 WHERE id=2"
	wait_until 20 lag_is "lag > 2" 7>&-
	exec 7>&- # with its input the client ends, by itself or by this
	kill "$other" 2>/dev/null || true
	wait "$other" || true
	other=
	sql "$2" "KILL $(sql "$2" "SELECT MAX(trx_mysql_thread_id) FROM information_schema.INNODB_TRX")" || true
	follows
	wait_until 10 lag_is "lag < 1"
	follow stop state
	wait_until 10 lag_is "lag > 1"
	[[ $(value lag_seconds) = *.?????* ]] || fail "not exact: $(value lag_seconds)"
}
@test "the lag is that of what waits, not that of the last transaction" { pairs true_lag; }

wait_fails() { # for good: by what it sees, or by what the pair has seen
	run follow wait --timeout=20 state
	case $status in 0 | 75) fail "status $status" ;; esac
}
reset_log() {
	fresh "$1" "$2"
	sql "$1" "RESET MASTER" || sql "$1" "RESET BINARY LOGS AND GTIDS"
	wait_fails
	sql "$1" "INSERT INTO st.other VALUES (1)"
	wait_fails
	follow stop state
	run_exit 65 follow wait state
}
@test "wait is not content with a source whose log was reset" { pairs reset_log; }
