#!/usr/bin/env bats
# The throttle: pauses, resumes, limits that change while a tool runs, and signals that vanish.
# shellcheck disable=SC2016,SC2030,SC2031 # tests are subshells; commands for bash -c

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers my:mysql ma:mariadb near:mysql

servers_ready() {
	local s
	for s in my ma; do
		sql $s <<-'SQL'
			CREATE DATABASE big;
			CREATE TABLE big.seq (i INT PRIMARY KEY);
			INSERT INTO big.seq WITH RECURSIVE s AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 199)
				SELECT i FROM s;
			CREATE TABLE big.t (id INT PRIMARY KEY, v TEXT);
			INSERT INTO big.t SELECT a.i * 1000 + b.i, REPEAT(SHA2(a.i * 1000 + b.i, 512), 4)
				FROM big.seq a JOIN big.seq b WHERE a.i < 100;
			CREATE DATABASE copy;
		SQL
	done
	replicate
}

# Makes near a replica of my.
replicate() {
	sql near "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = $(fact my port), SOURCE_USER = 'repl',
		SOURCE_PASSWORD = 'Repl-1-repl', SOURCE_SSL = 1, SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1"
	sql my "CREATE USER repl@'%' IDENTIFIED BY 'Repl-1-repl'; GRANT REPLICATION SLAVE ON *.* TO repl@'%'"
	sql near "START REPLICA"
	wait_until 30 replicates
}
replicates() { # the last row of all
	[ "$(sql near 'SELECT COUNT(*) FROM big.t')" = 20000 ] && [ -n "$(lag)" ]
}
lag() {
	sql near "SHOW REPLICA STATUS" | awk -F '\t' '{ if ($33 != "NULL") print $33 }' | grep '^[0-9]'
}

teardown() {
	[ -z "${bg_pid-}" ] || kill "$bg_pid" 2>/dev/null || true
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 5 ./*.err 2>/dev/null || true
}

# A tool in the background, its input from the file $input, its messages in FILE.err and its metrics in FILE.prom.
begin() { # FILE TOOL OPTION...
	local file=$1
	shift
	rm -f "$file.err" "$file.prom" # of a run before, which a question might still find
	input=${input-} background bash -c 'f=$1; shift; exec "$@" --throttle=limits --progress=$f.prom <${input:-/dev/null} >$f.out 2>$f.err' - "$file" "$@"
}
says() { # FILE TEXT
	grep -qF "$2" "$1.err"
}
says_why() { # FILE TEXT: in the metrics
	grep -F mi_throttle_reason "$1.prom" | grep -qF "$2"
}

@test "a pause by the file, before and within a dump: it stands still, says why, and goes on" {
	for s in my ma; do
		echo 'pause yes' >limits
		begin d mi-dump -s $s -d big -Z 0 --chunk-size=64K
		wait_until 20 says d "paused: the throttle file says so"
		wait_until 20 says_why d "paused: the throttle file says so"
		[ "$(stat -c %s d.out)" -lt 100000 ]
		echo 'max-rate 1M' >limits
		wait_until 20 says_why d "at most 1048576 bytes/s"
		echo 'pause yes' >limits
		sleep 1
		size=$(stat -c %s d.out)
		[ "$size" -gt 100000 ] && [ "$size" -lt 9000000 ] || fail "$size bytes"
		sleep 1
		equal "$(stat -c %s d.out)" "$size"
		rm limits
		wait "$bg_pid"
		contains "$(<d.err)" "it has gone, and its limits with it"
		run_ok mi-cat --stats d.out
		contains "$output" 20000
	done
}

@test "a rate, and one that is changed while it runs" {
	local begun=$SECONDS
	mi-dump -q -s my -d big -Z 0 --max-rate=2M >rows # 10 MiB
	[ $((SECONDS - begun)) -ge 4 ] && [ $((SECONDS - begun)) -le 20 ] || fail "$((SECONDS - begun)) s"
	{
		mi-schema -q -s my -d big --section=pre-data --for-server=ma
		mi-dump -q -s my -d big -Z 0
		mi-schema -q -s my -d big --section=post-data --for-server=ma
	} >stream
	echo 'target.max-rate 1K' >limits
	input=stream begin l mi-load -s ma --map-db=big=copy
	wait_until 20 says_why l "at most 1024 bytes/s"
	echo 'source.max-rate 1K' >limits # the other side's
	wait "$bg_pid"
	equal "$(sql ma 'SELECT COUNT(*) FROM copy.t')" 20000
}

@test "a bad line: named; the limits from before stay; a tool that begins with it waits" {
	echo 'max-rate 1M' >limits
	begin d mi-dump -s my -d big -Z 0
	wait_until 20 test -s d.out
	echo 'max-rate fast' >limits
	wait_until 20 says d "line 1: max-rate cannot be 'fast': the limits before it stay"
	wait_until 20 says_why d "at most 1048576 bytes/s"
	kill "$bg_pid"
	wait "$bg_pid" || true
	begin d mi-dump -s my -d big -Z 0
	wait_until 20 says d "paused: limits: line 1: max-rate cannot be 'fast'"
	: >limits
	wait "$bg_pid"
}

@test "statements of others above the limit: a pause that says so, until they have ended" {
	for s in my ma; do
		echo 'threads-running 4' >limits
		pids=()
		for _ in {1..12}; do
			background sql $s "SELECT SLEEP(5)"
			pids+=("$bg_pid")
		done
		begin d mi-dump -s $s -d big -Z 0 --max-rate=4M
		wait_until 20 says d "paused: source runs"
		contains "$(<d.err)" "statements of others (limit 4)"
		wait "$bg_pid"
		[ -z "$(jobs -rp)" ] || wait "${pids[@]}" # it was done after them
		contains "$(<d.err)" "goes on"
	done
}

@test "the target's commits: a load is slowed by what they take, and comes to its end" {
	{
		mi-schema -q -s my -d big --section=pre-data
		mi-dump -q -s my -d big --chunk-size=64K
		mi-schema -q -s my -d big --section=post-data
	} >stream
	sql near "STOP REPLICA; CREATE DATABASE loaded"
	echo 'commit-latency 0.001' >limits
	input=stream begin l mi-load -s near --map-db=big=loaded
	wait_until 20 says l "paused: target's commits take"
	sleep 2
	echo 'commit-latency 100000' >limits
	wait "$bg_pid"
	equal "$(sql near 'SELECT COUNT(*) FROM loaded.t')" 20000
	sql near "DROP DATABASE loaded; START REPLICA"
	wait_until 30 replicates
}

@test "a replica that lags, and one that vanishes: the pace is held, then nothing is done until it is seen again" {
	printf 'replica near\nreplica-lag 5\nblind-after 12\nmax-rate 256K\n' >limits
	begin d mi-dump -s my -d big -Z 0
	wait_until 20 test -s d.out
	sandbox kill near
	wait_until 20 says_why d "at the same pace for now: blind, replica near"
	wait_until 20 says d "paused: blind, replica near"
	size=$(stat -c %s d.out)
	sleep 1
	equal "$(stat -c %s d.out)" "$size"
	sandbox restart near
	printf 'replica near\nreplica-lag 5\nblind-after 3\n' >limits
	wait "$bg_pid"
	contains "$(<d.err)" "goes on"

	# it is behind for as long as it is made to wait
	sql near "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 3600; START REPLICA"
	sql my "CREATE TABLE big.late (id INT PRIMARY KEY)"
	begin d mi-dump -s my -d big -Z 0 --max-rate=256K
	wait_until 30 says d "paused: replica near is"
	sql near "STOP REPLICA; CHANGE REPLICATION SOURCE TO SOURCE_DELAY = 0; START REPLICA"
	echo 'max-rate 100M' >limits
	wait "$bg_pid"
	sql my "DROP TABLE big.late"
}

@test "changes are applied between pauses, and a paused follower can be stopped" {
	sql ma "CREATE DATABASE flow; CREATE TABLE flow.t (id INT PRIMARY KEY)"
	sql near "CREATE DATABASE IF NOT EXISTS flow; CREATE TABLE flow.t (id INT PRIMARY KEY)"
	start=$(sql ma 'SELECT @@gtid_binlog_pos')
	sql ma "INSERT INTO flow.t VALUES (1)"
	echo 'target.pause yes' >limits
	mi-binlog -q -s ma -d flow --since="$start" --until=now >changes
	input=changes begin a mi-apply -s near --import=throttled --state-db=flow --start="$start"
	wait_until 20 says a "paused: the throttle file says so"
	sleep 0.5
	equal "$(sql near 'SELECT COUNT(*) FROM flow.t')" 0
	kill "$bg_pid"
	code=0
	wait "$bg_pid" || code=$?
	equal "$code" 75
	input=changes begin a mi-apply -s near --import=throttled --state-db=flow
	wait_until 20 says a "paused: the throttle file says so"
	rm limits
	wait "$bg_pid"
	equal "$(sql near 'SELECT COUNT(*) FROM flow.t')" 1
}

@test "mi-import: the folder's throttle.conf, and status says what holds the copy up" {
	run_ok "$ROOT/pipelines/import" init im -c "$MI_CONFIG" -s my -t ma -d big --map-db=big=moved
	echo 'target.pause yes' >im/throttle.conf
	sql ma "CREATE DATABASE moved"
	flock -s im/lock sleep 0.5 3>&- 4>&- & # as a status does that looks at the lock at this moment
	background "$ROOT/pipelines/import" start im
	wait_until 60 status_says "paused: the throttle file says so"
	contains "$(status_of)" "0 rows, paused: the throttle file says so"
	echo '' >im/throttle.conf
	wait_until 60 test -e im/forward/follow.conf
	kill "$bg_pid"
	wait "$bg_pid" || true
	"$ROOT/pipelines/follow" stop -t 5 im/forward || true
	grep -q "^apply.throttle = $PWD/im/throttle.conf" im/forward/follow.conf
}
status_of() {
	"$ROOT/pipelines/import" status im 2>&1
}
status_says() {
	status_of | grep -qF "$1"
}
