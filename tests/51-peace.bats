#!/usr/bin/env bats
# The source's peace: nobody waits for a snapshot for long, whoever else waits for whom.
# shellcheck disable=SC2016,SC2030,SC2031 # tests are subshells; commands for bash -c

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

export BATS_TEST_TIMEOUT=900 # for what hangs

servers my:mysql ma:mariadb

servers_ready() {
	local s
	for s in my ma; do
		sql $s <<-'SQL'
			CREATE DATABASE bank;
			CREATE TABLE bank.seq (i INT PRIMARY KEY);
			INSERT INTO bank.seq WITH RECURSIVE s AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 999)
				SELECT i FROM s;
			CREATE TABLE bank.journal (n INT AUTO_INCREMENT PRIMARY KEY, who INT);
			CREATE TABLE bank.account (id INT PRIMARY KEY, money INT);
			INSERT INTO bank.account SELECT i, 1000 FROM bank.seq;
			CREATE USER app@'%' IDENTIFIED BY 'App-1-app';
			GRANT SELECT, INSERT, UPDATE ON bank.* TO app@'%';
			CREATE USER blind@'%' IDENTIFIED BY 'Blind-1-blind';
			GRANT SELECT, LOCK TABLES ON bank.* TO blind@'%';
			GRANT RELOAD ON *.* TO blind@'%';
		SQL
		printf '[client_blind_%s]\nhost=127.0.0.1\nport=%s\nuser=blind\npassword=Blind-1-blind\n' \
			$s "$(fact $s port)" >>"$MI_CONFIG"
	done
	sql my "GRANT XA_RECOVER_ADMIN ON *.* TO blind@'%'"
	sql ma "GRANT BINLOG MONITOR ON *.* TO blind@'%'"
}

# Runs a script of tests/lib that uses SERVER while COMMAND runs; a second (LIMIT) is the longest that any of its
# statements may take.
beside() { # SCRIPT SERVER COMMAND...
	/usr/bin/python3 -c 'import pymysql' 2>/dev/null || skip "no pymysql here"
	local script=$1 server=$2
	shift 2
	run_ok timeout 500 /usr/bin/python3 "$ROOT/tests/lib/$script" "$(fact "$server" port)" app App-1-app "${LIMIT:-1}" "$@" 3>&-
	printf '# %s: %s\n' "$server" "${lines[-1]}" >&3
}

@test "a row lock that another waits for: whatever lock is asked for, who holds the row goes on" {
	local how
	for s in my ma; do
		for how in auto tables flush; do
			beside rowwait.py $s bash -c "mi-dump -v -s $s -d bank --lock=$how --lock-tries=2 2>$s.$how >$s.mi"
		done
		# by default none is needed; what is asked for is not even tried
		contains "$(<$s.auto)" "snapshot with --lock=none"
		contains "$(<$s.tables)" "waits for a row lock"
		contains "$(<$s.flush)" "waits for a row lock"
	done
}

@test "without the privilege to see row locks: LOCK TABLES is given up in time, a flush is refused" {
	local how
	for s in my ma; do
		for how in tables flush; do
			beside rowwait.py $s bash -c "mi-dump -s blind_$s -d bank --lock=$how --lock-tries=2 2>$s.$how >$s.mi"
		done
		contains "$(<$s.tables)" "not granted within"
		contains "$(<$s.flush)" "cannot be seen"
	done
}

# 20 dumps with ROUNDS, as in make soak; else 6
@test "16 writers and many dumps: no statement waits for a second, and every dump is of one moment" {
	local times=${ROUNDS:+10}
	times=${times:-3}
	local dumps='for ((i = 0; i < $1; i++)); do
			for how in auto tables; do
				mi-dump -q -s $0 -d bank --lock=$how --lock-tries=1000 --threads=4 >$0.mi || exit
				mi-cat $0.mi | sed -n "1s/.* low \(.*\) high \([^ ]*\).*/\1 \2/p" >>$0.positions
			done
		done'
	for s in my ma; do
		beside waits.py $s bash -c "$dumps" $s "$times"
		equal "$(wc -l <$s.positions)" $((2 * times))
		equal "$(awk '$1 != $2' $s.positions)" ""
	done
}

# A lock that is granted for the tables before `seq`, whose writers wait, and not for that.
hold_seq() { # SERVER
	background sql "$1" "LOCK TABLES bank.seq WRITE; SELECT SLEEP(60) AS owner"
	wait_until 20 owner_of "$1"
}
owner_of() {
	sql "$1" "SELECT id FROM information_schema.processlist WHERE info LIKE '%SLEEP(60) AS own%'
		AND info NOT LIKE '%processlist%'" | grep .
}
end_owner() { # SERVER
	sql "$1" "KILL $(owner_of "$1")"
	wait "$bg_pid" || true
}

@test "a lock that is granted in part is given up, and a suspended dump does not keep it for ever" {
	for s in my ma; do
		hold_seq $s
		beside waits.py $s bash -c '! mi-dump -v -s $0 -d bank --lock=tables --lock-tries=3 2>$0.err >$0.mi' $s
		contains "$(<$s.err)" "not granted within"
		LIMIT=2.5 beside waits.py $s bash -c '
			mi-dump -q -s $0 -d bank --lock=tables --lock-tries=1 >$0.mi 2>$0.err &
			until sandbox sql $0 -e "SHOW PROCESSLIST" | grep -q "LOCK TABLES"; do :; done
			kill -STOP $!
			sleep 4
			kill -CONT $!
			! wait $!' $s
		end_owner $s
	done
}

@test "where no moment is quiet, LOCK TABLES makes one" {
	# a transaction's GTID that stays owned: no try can prove itself exact
	background sql my "SET gtid_next = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:1'; SELECT SLEEP(60) AS owner"
	wait_until 20 owner_of my
	run_ok mi-dump -v -s my -d bank --lock-tries=3
	contains "$stderr" "no exact snapshot with --lock=none"
	contains "$stderr" "snapshot with --lock=tables"
	run_ok mi-dump -v -s blind_my -d bank --lock=none --lock-tries=1
	contains "$stderr" "snapshot with --lock=none"
	end_owner my
}

# Two tables, of which the first is larger, and is read first.
make_wide() { # SERVER
	sql "$1" "DROP DATABASE IF EXISTS wide; CREATE DATABASE wide; CREATE TABLE wide.first (id INT PRIMARY KEY, v CHAR(200));
		INSERT INTO wide.first SELECT a.i * 10 + b.i, REPEAT('f', 200) FROM bank.seq a JOIN bank.seq b WHERE b.i < 10;
		CREATE TABLE wide.second (id INT PRIMARY KEY, v CHAR(200)); INSERT INTO wide.second SELECT i, REPEAT('s', 200) FROM bank.seq;
		ANALYZE TABLE wide.first, wide.second" >/dev/null
}
quickly() { # SERVER STATEMENT: not granted in a minute is never
	sql "$1" "SET lock_wait_timeout = 60; $2"
}
all_rows() { # STREAM
	equal "$(mi-cat "$1" | grep -c '^row ')" 11000
}

@test "a dump that pauses: nobody waits for it, and it goes on where it was" {
	local s
	for s in my ma; do
		make_wide $s
		echo 'max-rate 400K' >limits
		background bash -c "exec mi-dump -s $s -d wide -j 2 -Z 0 --chunk-size=64K --throttle=limits >$s.mi 2>$s.err"
		wait_until 60 grep -qa 'CHUNK,' $s.mi
		echo 'pause yes' >limits
		wait_until 20 grep -q "paused: the throttle file says so" $s.err
		quickly $s "FLUSH TABLES WITH READ LOCK; UNLOCK TABLES"
		quickly $s "LOCK TABLES wide.first WRITE, wide.second WRITE; UNLOCK TABLES"
		rm limits
		wait "$bg_pid"
		all_rows $s.mi
	done
}

@test "a table that has been read may be altered while the others are read; the dump says so at its end" {
	local s
	for s in my ma; do
		make_wide $s
		echo 'max-rate 400K' >limits
		background bash -c "exec mi-dump -s $s -d wide -j 1 -Z 0 --throttle=limits >$s.mi 2>$s.err"
		wait_until 60 grep -qa 'TABLEEND,' $s.mi # wide.first is the larger one
		echo 'pause yes' >limits
		wait_until 20 grep -q "paused: the throttle file says so" $s.err
		quickly $s "ALTER TABLE wide.first ADD more INT"
		rm limits
		status=0
		wait "$bg_pid" || status=$?
		equal "$status" 65 "$(<$s.err)"
		contains "$(<$s.err)" "wide.first has been altered"
	done
}

# The tools, of which mi-dump writes down how it was called, and goes no further.
listening_tools() {
	mkdir tools
	ln -s "$MI_BIN"/* tools/
	rm tools/mi-dump
	printf '#!/bin/bash\necho "$*" >>%q\nexit 75\n' "$PWD/called" >tools/mi-dump
	chmod +x tools/mi-dump
}

@test "mi-copy and mi-import hand --lock on" {
	listening_tools
	run_exit 64 "$ROOT/pipelines/copy" --lock=maybe state
	contains "$stderr" "--lock is auto, flush, tables or none"
	MI_BIN=$PWD/tools run "$ROOT/pipelines/copy" -s my -t ma -d bank --map-db=bank=vault --lock=tables state
	contains "$(<called)" "--lock tables"
	rm called
	run_ok "$ROOT/pipelines/import" init im -c "$MI_CONFIG" -s my -t ma -d bank --map-db=bank=vault
	MI_BIN=$PWD/tools run "$ROOT/pipelines/import" start im --lock=none
	contains "$(<called)" "--lock none"
}
