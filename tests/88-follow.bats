#!/usr/bin/env bats
# mi-follow: the pair is kept at work whatever dies, stays down when a person is wanted, and takes
# over from a copy under load.
# shellcheck disable=SC2016,SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

export BATS_TEST_TIMEOUT=120

servers a:mysql b:mysql m:mariadb n:mariadb

test_begins() {
	mkdir state
	workload_pid=
}

# Whatever a test has left at work.
teardown() {
	[ -z "${workload_pid-}" ] || kill "$workload_pid" 2>/dev/null || true
	for dir in "$BATS_TEST_TMPDIR"/state*; do
		[ ! -e "$dir/follow.pid" ] || follow stop "$dir" 2>/dev/null || true
	done
}

follow() {
	"$ROOT/pipelines/follow" "$@" 3>&- 4>&-
}

copy() {
	"$ROOT/pipelines/copy" "$@" 3>&- 4>&-
}

position() {
	case $1 in
	a | b) sql "$1" "SELECT REPLACE(@@gtid_executed,'\n','')" ;;
	*) sql "$1" "SELECT @@gtid_binlog_pos" ;;
	esac
}

drop() { # SERVER...
	local server
	for server; do sql "$server" "SET foreign_key_checks=0; DROP DATABASE IF EXISTS shop"; done
}

# Two servers with the same database shop, and a folder "state" that follows from there.
both() { # SOURCE TARGET
	drop "$1" "$2"
	for server in "$1" "$2"; do
		sql "$server" "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)"
	done
	follow_conf "$1" "$2" >state/follow.conf
	position "$1" >state/applied.gtid
	echo "apply.start = $(cat state/applied.gtid)" >>state/follow.conf
	echo "apply.state-db = shop" >>state/follow.conf
	# the first run makes the row; a file without a row would be refused
	mv state/applied.gtid state/start.gtid
}

follow_conf() { # SOURCE TARGET
	printf '%s\n' "config = $MI_CONFIG" "source = $1" "target=$2" "" "# a comment" "databases = shop" \
		"import = t$BATS_TEST_NUMBER" "binlog.heartbeat = 1"
}

is_running() {
	follow status state >/dev/null
}

state_is() {
	follow status state | grep -q "^state *$1"
}

# The pair is up and has applied what the source has.
follows() {
	wait_until 20 is_running
	run_ok follow wait --timeout=20 state
}

same() { # SOURCE TARGET
	equal "$(sql "$2" "CHECKSUM TABLE shop.t")" "$(sql "$1" "CHECKSUM TABLE shop.t")" "$(tail -5 state/follow.log)"
}

pid_of() { # keeper: follow, binlog, apply
	cut -d ' ' -f 1 "state/$1.pid"
}

is_gone() { # nobody may have waited for it
	! grep -q ' [^Z] ' <(sed 's/.*)\( . \).*/\1/' "/proc/$1/stat" 2>/dev/null)
}

# ---- What it refuses ----

@test "a configuration that is not understood is refused, and never run" {
	run_exit 64 follow start state
	contains "$stderr" "follow.conf"
	try() {
		printf '%s\n' "import = x" "$1" >state/follow.conf
		run_exit 64 follow run state
		contains "$stderr" "$2"
		[ ! -e ran ] || fail "it ran: $1"
	}
	try 'sourc = a' "line 2: 'sourc' is not known"
	try 'nothing' "key = value"
	try 'import = y' "given twice"
	try 'config = my.cnf' "path from /"
	try 'source =' "no value"
	try 'log-size = 10X' "not a size"
	try 'log-keep = -1' "not a number"
	try 'apply.$(touch ran) = x' "not the name of an option"
	try 'apply.= x' "not the name of an option"
	printf '%s\n' 'source = $(touch ran)' 'target = `touch ran`; touch ran' 'databases = *' >state/follow.conf
	run_exit 64 follow start state
	contains "$stderr" "import or flow is missing"
	[ ! -e ran ]
	run_exit 64 follow start
	run_exit 64 follow begin state
	run_exit 64 follow start nowhere
	run_exit 64 follow stop --timeout=soon state
}

@test "a folder where nothing has happened" {
	run_exit 1 follow status state
	contains "$output" "new"
	run_exit 1 follow status --json state
	contains "$output" '"state": "new", "code": 0'
	run_ok follow stop state
}

# ---- Coming and going ----

@test "start, stop and restart, each twice; changes pass; what status says" {
	both a b
	run_ok follow start state
	keeper=$(pid_of follow)
	run_ok follow start state
	equal "$(pid_of follow)" "$keeper"
	sql a "INSERT INTO shop.t VALUES (1,1),(2,2)"
	follows
	same a b
	run_ok follow status state
	contains "$output" "position"
	follow status --json state | python3 -c 'import json, sys
s = json.load(sys.stdin)
assert s["state"] == "running" and s["pid"] == int(sys.argv[1]) and s["warning"] == "", s' "$keeper"
	run_ok follow stop state
	is_gone "$keeper"
	run_ok follow stop state
	run_exit 1 follow status state
	contains "$output" "stopped by mi-follow stop"
	run_ok follow start --unless-stopped state
	run_exit 1 follow status state
	run_ok follow restart state
	sql a "UPDATE shop.t SET v=v+1"
	follows
	same a b
	keeper=$(pid_of follow)
	run_ok follow restart state
	[ "$(pid_of follow)" != "$keeper" ]
	follows
}

@test "run in the foreground: the first signal ends it with 75, everything saved" {
	both a b
	background follow run state
	run_pid=$bg_pid
	sql a "INSERT INTO shop.t VALUES (1,1)"
	follows
	run_exit 75 follow run state
	contains "$stderr" "another one is at work"
	kill -TERM "$(pid_of follow)"
	code=0
	wait "$run_pid" || code=$?
	equal "$code" 75
	is_gone "$(pid_of apply)"
	is_gone "$(pid_of binlog)"
	equal "$(cat state/applied.gtid)" "$(position a)"
	run_exit 1 follow status state
	# a reboot, and not somebody's stop: cron starts it again
	run_ok follow start --unless-stopped state
	follows
}

@test "five starts at once: one keeper, one pair" {
	both a b
	pids=()
	for _ in 1 2 3 4 5; do
		background follow start state
		pids+=("$bg_pid")
	done
	for pid in "${pids[@]}"; do wait "$pid" || fail "a start ended with $?"; done
	follows
	equal "$(grep -c "begins" state/follow.log)" 1
	equal "$(pgrep -fc "^mi-apply .*--import=t$BATS_TEST_NUMBER ")" 1
	run_ok follow stop state
	equal "$(pgrep -fc "^mi-(apply|binlog) .*--import=t$BATS_TEST_NUMBER " || true)" 0
}

# ---- What dies ----

@test "kill -9 of either half: the other one ends too, and a new pair goes on" {
	both a b
	run_ok follow start state
	sql a "INSERT INTO shop.t VALUES (1,1)"
	follows
	for half in apply binlog; do
		other=$([ $half = apply ] && echo binlog || echo apply)
		pid=$(pid_of $half) other=$(pid_of "$other")
		kill -9 "$pid"
		wait_until 10 is_gone "$other"
		sql a "UPDATE shop.t SET v=v+1"
		follows
		same a b
		grep -q "killed by signal 9" state/follow.log
	done
}

@test "kill -9 of the keeper: the next start ends its halves and goes on" {
	both a b
	run_ok follow start state
	sql a "INSERT INTO shop.t VALUES (1,1)"
	follows
	halves="$(pid_of apply) $(pid_of binlog)"
	kill -9 "$(pid_of follow)"
	wait_until 5 state_is dead
	run_exit 1 follow status state
	sql a "UPDATE shop.t SET v=v+1"
	run_ok follow start --unless-stopped state
	follows
	for pid in $halves; do is_gone "$pid" || fail "$pid is still there"; done
	same a b
	halves="$(pid_of apply) $(pid_of binlog)"
	kill -9 "$(pid_of follow)"
	run_ok follow stop state
	for pid in $halves; do is_gone "$pid" || fail "$pid is still there"; done
}

@test "pid files of before a reboot: whoever has the numbers now is left alone" {
	both a b
	sleep 100 3>&- &
	victim=$!
	boot=$(cat /proc/sys/kernel/random/boot_id)
	read -ra stat <<<"$(sed 's/.*) //' "/proc/$victim/stat")"
	echo "$victim 1 $boot" >state/follow.pid
	echo "$victim ${stat[19]} 11111111-2222-3333-4444-555555555555" >state/apply.pid
	echo "$victim" >state/binlog.pid
	printf '%s\n' 'state running' 'code 0' 'time 1' 'reason ' >state/follow.state
	run_exit 1 follow status state
	contains "$output" "restarted"
	run_ok follow stop state
	kill -0 $victim
	echo "$victim 1 $boot" >state/follow.pid
	echo garbage >state/apply.pid
	run_ok follow start state
	follows
	kill -0 $victim
	kill $victim
}

@test "the servers restart: it goes on" {
	both a b
	run_ok follow start state
	sql a "INSERT INTO shop.t VALUES (1,1)"
	follows
	sandbox kill a b
	sandbox restart a
	sandbox restart b
	sql a "UPDATE shop.t SET v=v+1"
	follows
	same a b
}

# ---- What wants a person ----

@test "a divergence: it stays down, says why once, and goes on when a person says so" {
	both a b
	run_ok follow start state
	sql a "INSERT INTO shop.t VALUES (1,1)"
	follows
	sql b "DELETE FROM shop.t"
	sql a "UPDATE shop.t SET v=2"
	wait_until 20 state_is failed
	run_exit 1 follow status state
	contains "$output" "65"
	contains "$output" "mi-apply: "
	contains "$output" "shop"
	run_exit 65 follow start state
	contains "$stderr" "shop"
	contains "$stderr" "mi-follow resume"
	run_exit 65 follow start --unless-stopped state
	equal "$stderr" ""
	run_exit 65 follow wait state
	is_gone "$(pid_of apply)"
	run_ok follow stop state
	run_exit 65 follow start state
	sql b "INSERT INTO shop.t VALUES (1,1)"
	run_ok follow resume state
	follows
	same a b
}

@test "a login that is refused is for a person; a server that is away is not" {
	both a b
	sed 's/^target.*/target = nobody/' -i state/follow.conf
	run_exit 78 follow run state
	sed "s/^target.*/target = b/; s/^source.*/source = away/; s|^config.*|config = $PWD/away.cnf|" -i state/follow.conf
	(umask 077 && { cat "$MI_CONFIG" && printf '[client_away]\nhost=127.0.0.1\nport=1\n'; } >away.cnf)
	run_ok follow resume state
	wait_until 20 grep -q "again in 2 s (69)" state/follow.log
	run_exit 1 follow status state
	contains "$output" "mi-binlog: "
	contains "$output" "exit status 69"
	run_ok follow stop state
}

@test "a checkpoint file that leads, or is gone, is made anew" {
	both a b
	run_ok follow start state
	sql a "INSERT INTO shop.t VALUES (1,1)"
	follows
	run_ok follow stop state
	sql a "UPDATE shop.t SET v=2"
	position a >state/applied.gtid
	run_ok follow start state
	wait_until 20 same a b
	run_ok follow stop state
	sql a "UPDATE shop.t SET v=3"
	rm state/applied.gtid
	run_ok follow start state
	follows
	same a b
}

# ---- The log ----

@test "the log is put aside when it is large; old ones go" {
	both a b
	printf '%s\n' 'log-size = 4K' 'log-keep = 2' >>state/follow.conf
	run_ok follow start state
	for n in 1 2 3; do
		yes "line $n" 2>/dev/null | head -c 5000 >>state/follow.log
		wait_until 20 log_is_small
	done
	[ -e state/follow.log.2 ]
	[ ! -e state/follow.log.3 ]
	grep -q "line 3" state/follow.log.1
	grep -q "line 2" state/follow.log.2
	follows
	follow restart state
	wait_until 10 grep '^20[0-9-]*T[0-9:]*Z mi-follow: begins' state/follow.log
}

log_is_small() {
	[ "$(stat -c %s state/follow.log)" -lt 4096 ]
}

# ---- Taking over from a copy ----

# Rows that come, change and go, from one session, until the file "enough" is there.
workload() { # SERVER
	local i=0
	until [ -e enough ]; do
		i=$((i + 1))
		echo "INSERT INTO shop.big (a, b) VALUES ($((1000000 + i)), 'new'), ($((2000000 + i)), REPEAT('x', $((RANDOM % 200))));"
		echo "UPDATE shop.big SET a=-a, b=CONCAT(b, '.') WHERE id=$((RANDOM % 20000 + 1));"
		echo "DELETE FROM shop.big WHERE id=$((RANDOM % 20000 + 1));"
		echo "BEGIN; UPDATE shop.sums SET n=n+1 WHERE id=1; INSERT INTO other.t VALUES (NULL); UPDATE shop.sums SET n=n-1 WHERE id=2; COMMIT;"
		sleep 0.02
	done | sql "$1" >/dev/null
}

fill() { # SERVER
	drop "$1"
	sql "$1" "DROP DATABASE IF EXISTS other; CREATE DATABASE other; CREATE TABLE other.t (id INT PRIMARY KEY AUTO_INCREMENT);
		CREATE DATABASE shop; USE shop;
		CREATE TABLE n (n INT PRIMARY KEY);
		INSERT INTO n VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
		CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, a INT, b VARCHAR(1000), UNIQUE KEY (a));
		INSERT INTO big (a, b) SELECT w.n*10000+x.n*1000+y.n*100+z.n*10+v.n+1, REPEAT('row', z.n)
			FROM n v JOIN n w JOIN n x JOIN n y JOIN n z WHERE w.n < 2;
		CREATE TABLE sums (id INT PRIMARY KEY, n INT); INSERT INTO sums VALUES (1,0),(2,0)"
}

# A folder of tools in which mi-load waits for the file "go".
slow_tools() {
	mkdir tools
	ln -s "$MI_BIN"/mi-* tools/
	rm tools/mi-load
	printf '#!/bin/bash\ncase " $* " in *" --done "*) ;; *) until [ -e "%s/go" ]; do sleep 0.1; done ;; esac\nexec "%s/mi-load" "$@"\n' \
		"$PWD" "$MI_BIN" >tools/mi-load
	chmod +x tools/mi-load
}

kept() { # COUNT
	local files=(state/changes/*.mi)
	[ ${#files[@]} -ge "$1" ] && [ -e "${files[0]}" ]
}

take_over() { # SOURCE TARGET
	local moment
	RANDOM=${SEED:=$$}
	moment=0.$((RANDOM % 10))
	echo "# SEED=$SEED: killed after $moment s" >&3
	fill "$1"
	drop "$2"
	slow_tools
	background workload "$1"
	workload_pid=$bg_pid
	export MI_BINLOG_SPOOL_SECONDS=1
	MI_BIN=$PWD/tools background copy -s "$1" -t "$2" -d shop --threads=2 state 2>log
	first=$bg_pid
	wait_until 30 kept 2
	# killed with rows in the target, or without: both must do
	touch go
	sleep "$moment"
	kill -9 "$first" 2>/dev/null || true # or it was quicker
	for pid in $(pgrep -x 'mi-(load|dump|schema)'); do
		if grep -qzx "MI_CONFIG=$MI_CONFIG" "/proc/$pid/environ" 2>/dev/null; then
			kill -9 "$pid" 2>/dev/null || true
		fi
	done
	wait "$first" || true
	wait_until 20 copied "$1" "$2"
	rows_before=$(sql "$1" "SELECT COUNT(*) FROM shop.big")
	wait_until 20 is_running
	run_ok follow wait --timeout=60 state
	touch enough
	wait "$workload_pid"
	run_ok follow wait --timeout=60 state
	tables_equal "$1" "$2" shop
	definitions_equal "$1" "$2" shop
	grep -q "the kept changes are applied" state/follow.log
	[ ! -e state/changes ]
	run_ok follow status state
	run_ok follow stop state
	[ "$rows_before" -gt 0 ]
}

copied() {
	copy -s "$1" -t "$2" -d shop --threads=2 --follow state 2>>log
}

@test "a copy that was killed goes on and is followed, under load: MySQL" {
	take_over a b
}

@test "a copy that was killed goes on and is followed, under load: MariaDB" {
	take_over m n
}

@test "foreign keys: the dump is kept, and so are the changes" {
	fill a
	drop b
	sql a "CREATE TABLE shop.child (id INT PRIMARY KEY AUTO_INCREMENT, up INT, FOREIGN KEY (up) REFERENCES shop.sums (id) ON DELETE CASCADE)"
	slow_tools
	export MI_BINLOG_SPOOL_SECONDS=1
	MI_BIN=$PWD/tools background copy -s a -t b -d shop --follow state 2>log
	first=$bg_pid
	wait_until 30 [ -e state/spool.whole ]
	sql a "INSERT INTO shop.child (up) VALUES (1), (2)"
	wait_until 20 kept 1
	sql a "DELETE FROM shop.sums WHERE id=1"
	touch go
	wait "$first"
	follows
	tables_equal a b shop
	definitions_equal a b shop
	run_ok copy -s a -t b -d shop --follow state
	contains "$stderr" "already done"
	equal "$(sql b "SELECT COUNT(*) FROM shop.child")" 1
}

@test "more changes than there is room for: said, and the source's log does" {
	fill a
	drop b
	slow_tools
	export MI_BINLOG_SPOOL_SECONDS=1
	MI_BIN=$PWD/tools background copy -s a -t b -d shop --binlog-spool=64K state 2>log
	first=$bg_pid
	wait_until 20 [ -e state/changes/keeper.pid ]
	sql a "INSERT INTO shop.big (a, b) VALUES (-1, 'first')"
	wait_until 20 kept 1
	sql a "INSERT INTO shop.big (a, b) SELECT -id - 1, RAND() FROM shop.big; UPDATE shop.big SET b=RAND()"
	wait_until 20 grep -q "changes are kept no longer" log
	sql a "INSERT INTO shop.big (a, b) VALUES (-1000000, 'last')"
	touch go
	wait "$first"
	[ "$(du -sk state/changes | cut -f 1)" -le 72 ]
	run_ok follow start state
	follows
	tables_equal a b shop
	lacks "$(cat log)" "Traceback"
}

@test "--binlog-spool=no keeps nothing; kept changes that begin too late are set aside" {
	fill a
	drop b
	run_ok copy -s a -t b -d shop --binlog-spool=no state
	[ ! -e state/changes ]
	sql a "INSERT INTO shop.sums VALUES (3,3)"
	mkdir state/changes
	mi-binlog -q -s a -d shop --import="$(cat state/import)" --since=now --until=now >state/changes/000001.mi
	run_ok follow start state
	follows
	tables_equal a b shop
	[ -d state/changes.unused ]
	grep -q "begin after the checkpoint" state/follow.log
	run_exit 64 copy --binlog-spool=much state
}

# Each piece ends with a transaction that is none of ours, and the next one begins after it.
@test "kept changes that end with another database's" {
	fill a
	drop b
	run_ok copy -s a -t b -d shop --binlog-spool=no state
	mkdir state/changes
	cp state/applied.gtid since
	for n in 1 2 3; do
		sql a "UPDATE shop.sums SET n=n+1; INSERT INTO other.t VALUES (NULL)"
		position a >until
		mi-binlog -q -s a -d shop --import="$(cat state/import)" --since=@since --until=@until >state/changes/00000$n.mi
		mv until since
		sql a "INSERT INTO other.t VALUES (NULL)"
	done
	run_ok follow start state
	follows
	tables_equal a b shop
	[ ! -e state/changes ]
	grep -q "the kept changes are applied" state/follow.log
}

# ---- How long the source keeps its logs ----

keeps() { # SERVER SECONDS
	sql "$1" "SET GLOBAL binlog_expire_logs_seconds=$2"
}

retention() { # SOURCE TARGET
	local since
	both "$1" "$2"
	since=$(cat state/start.gtid)
	sql "$1" "INSERT INTO shop.t VALUES (1,1)"
	run_ok mi-binlog -s "$1" -d shop --since="$since" --until=now --progress=x.prom
	lacks "$stderr" "purge"
	sleep 3 # the transaction grows older: time itself is what is tested
	keeps "$1" 3
	run_ok mi-binlog -s "$1" -d shop --since="$since" --until=now --progress=x.prom
	contains "$stderr" "the source keeps its binary logs for 0:00:03, and what is read now is older"
	contains "$(cat x.prom)" 'mi_purge_warning{tool="mi-binlog"} 1'
	keeps "$1" 3600
	run_ok mi-binlog -s "$1" -d shop --since="$since" --until=now --progress=x.prom
	lacks "$stderr" "purge"
	contains "$(cat x.prom)" 'mi_retention_seconds{tool="mi-binlog"} 3600'
	keeps "$1" 8
	run_ok follow start state
	follows
	wait_until 20 grep -q mi_purge_left state/binlog.prom
	run_ok follow status state
	contains "$output" "of 0:00:08 for which the source keeps its binary logs"
	run_ok follow stop state
	wait_until 30 warned
	run_exit 1 follow status --json state
	keeps "$1" 0
}

warned() {
	follow status state | grep -q "^warning .*purge"
}

@test "the source will purge what is needed: a warning, here and in status: MySQL" {
	retention a b
}

@test "the source will purge what is needed: a warning, here and in status: MariaDB" {
	retention m n
}
