#!/usr/bin/env bats
# Imports that are not between two servers with the same names: a source that is a replica of the writer,
# and a database that has another name at the target.
# shellcheck disable=SC2030,SC2031,SC2086,SC2016,SC2164

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/import.bash"

export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-900}

# Two writers with a replica each; the target of one is the other one's writer.
servers mw:mysql ms:mysql rw:mariadb rs:mariadb

servers_ready() {
	replicate mw ms
	replicate rw rs
}

teardown() {
	local pid d
	for pid in ${ledger_pid-} ${router_pid-}; do kill -CONT $pid && kill -9 $pid; done 2>/dev/null || true
	for d in forward reverse; do
		[ ! -e "$dir/im/$d/follow.conf" ] || "$ROOT/pipelines/follow" stop -t 5 "$dir/im/$d" 2>/dev/null 3>&- || true
	done
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 40 "$dir"/im/log "$dir"/route.log "$dir"/ledger.err "$dir"/im/*/follow.log 2>/dev/null || true
}

is_mysql() { [ "$(fact $1 flavour)" = mysql ]; }

replicate() { # WRITER REPLICA
	sql $1 "CREATE USER repl@'127.0.0.1' IDENTIFIED BY 'repl'; GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'"
	if is_mysql $1; then
		sql $2 "RESET BINARY LOGS AND GTIDS; CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT=$(fact $1 port),
			SOURCE_USER='repl', SOURCE_PASSWORD='repl', SOURCE_AUTO_POSITION=1, SOURCE_SSL=1, SOURCE_CONNECT_RETRY=1;
			START REPLICA; SET GLOBAL super_read_only=1"
	else
		sql $2 "RESET MASTER; SET GLOBAL gtid_slave_pos=''; CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=$(fact $1 port),
			MASTER_USER='repl', MASTER_PASSWORD='repl', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1;
			START SLAVE; SET GLOBAL read_only=1"
	fi
}
replica_delay() { # REPLICA SECONDS|stop
	local word=REPLICA delay="CHANGE REPLICATION SOURCE TO SOURCE_DELAY="
	is_mysql $1 || word=SLAVE delay="CHANGE MASTER TO MASTER_DELAY="
	sql $1 "STOP $word"
	[ $2 = stop ] || sql $1 "$delay$2; START $word"
}

# The ledger's tables on $WRITER or $SOURCE, with a trigger whose rows tell who made them.
fresh() {
	local on=${WRITER:-$SOURCE}
	sql $TARGET "DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS mall"
	sql $on "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARSET utf8mb4"
	{
		echo "USE shop;"
		/usr/bin/python3 "$ROOT/tests/lib/ledger.py" --schema
		echo "CREATE TABLE audit (entry BIGINT PRIMARY KEY, host INT);
			CREATE TRIGGER audited AFTER INSERT ON entry FOR EACH ROW INSERT INTO audit VALUES (NEW.id, @@server_id);"
	} | sql $on
}

up_to_replica() {
	import_files shop
	router_up --threads=${THREADS:-1}
	run_ok import start "$dir/im" --ignore=durability
	phase_is replica
}

phase_is() {
	equal "$(cat "$dir/im/phase")" "$1"
	equal "$(sed -n 's/^mode //p' "$dir/im/mode")" "${2-$1}"
}

switched() { # TO
	run_ok import switch $1 im
	echo "# $(grep -o 'switched to.*' <<<"$stderr")" >&3
	phase_is $1
}

# The imported database's name on a server.
db_on() { # SERVER
	if [ -n "$MAP" ] && [ $1 = $TARGET ]; then echo ${MAP#*=}; else echo shop; fi
}
triggers_on() { # SERVER
	sql $1 "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA='$(db_on $1)'"
}

ledger_is_good() { # SERVER...: nothing failed, stale, lost or doubled
	local s db
	equal "$(ledger_value errors)" 0
	equal "$(ledger_value unknown)" 0
	equal "$(ledger_value stale_reads)" 0
	equal "$(ledger_value wrong_insert_ids)" 0
	for s; do
		db=$(db_on $s)
		ledger_holds $s $db
		equal "$(sql $s "SELECT COUNT(*) FROM $db.entry LEFT JOIN $db.audit ON entry=id WHERE host IS NULL")" 0
	done
}

# --- the source is a replica

story() {
	fresh
	up_to_replica
	equal "$(sed -n 's/^\[client_//p' im/route.cnf | tr '\n' ' ')" "writer] target] " # what the router needs
	run_ok import check im --ignore=durability
	contains "$output" "and come to the source"
	ledger_begin --rate 150
	switched primary
	wait_until 20 eval '[ "$(triggers_on $SOURCE)" = 0 ]'
	equal "$(triggers_on $WRITER) $(triggers_on $TARGET)" "0 1"
	switched replica
	wait_until 20 eval '[ "$(triggers_on $SOURCE)" = 1 ]'
	equal "$(triggers_on $WRITER) $(triggers_on $TARGET)" "1 0"
	# what came back by way of the source is not applied once more, and what came after it is
	wait_until 20 eval 'flow_is_done'
	switched primary
	run_ok import step im
	lacks "$stderr" "around the import"
	ledger_end
	sides_equal shop
	ledger_is_good $WRITER $SOURCE $TARGET
}

no_books() { # SERVER...
	local s
	for s; do
		wait_until 10 eval '[ "$(sql '$s' "SELECT COUNT(*) FROM information_schema.TABLES WHERE LEFT(TABLE_NAME,4)=\"_mi_\"")" = 0 ]'
	done
}

@test "a replica of MySQL is the source: to primary, back, primary, and finish" {
	WRITER=mw SOURCE=ms TARGET=rw THREADS=2
	story
	run_ok import finish im
	phase_is finished target
	no_books mw ms rw
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,1,1,0)"
	lacks "$(cat im/route.cnf)" writer
}

@test "a replica of MariaDB is the source, another name at the target: to primary, back, primary, and cancel under load" {
	WRITER=rw SOURCE=rs TARGET=mw THREADS=4 MAP=shop=mall
	story
	mv ledger.log ledger.first
	ledger_begin --rate 100 --seed 2
	run_ok import cancel im
	phase_is cancelled source
	ledger_end
	equal "$(ledger_value errors)" 0
	cat ledger.first >>ledger.log
	ledger_holds rw
	no_books rw rs mw
	equal "$(sed -n 's/^\[client_//p' im/route.cnf)" "writer]"
	router_kill
	router_up
	equal "$(app shop -e "SELECT COUNT(*)>0 FROM entry")" 1
}

sessions_on() { # SERVER: how many sessions our tools have there
	sql $1 "SELECT COUNT(*) FROM information_schema.processlist WHERE user='mi'"
}
has_more_sessions() { # SERVER COUNT
	[ "$(sessions_on $1)" -gt $2 ]
}

# With the source's replication stopped: who follows it from where the writer is.
waits_for_replica() {
	local since pid common sessions
	since=$(fence_says writer position | sed -n 's/^position //p')
	common=(mi-binlog -q -c im/my.cnf -s source -d shop --since="$since" --until=now)
	run_exit 65 "${common[@]}"
	contains "$stderr" "never executed"
	run_exit 1 import check im --ignore=durability
	contains "$output" "has not come to the source within 5 s"
	sessions=$(sessions_on $SOURCE)
	background "${common[@]}" --source-is-replica >stream
	pid=$bg_pid
	wait_until 20 has_more_sessions $SOURCE $sessions
	kill -0 $pid
	[ ! -s stream ]
	replica_delay $SOURCE 0
	wait $pid
	contains "$(mi-cat <stream)" "end tables"
}

# Standing, slow and killed replication.
trouble() {
	fresh
	up_to_replica
	ledger_begin --rate 60 --kinds=autocommit,transaction,prepared
	replica_delay $SOURCE stop
	sleep 1 # reads go to the writer meanwhile
	run_exit 75 import switch primary im
	contains "$stderr" "the source is behind the writer"
	phase_is replica
	run_ok import status im
	contains "$output" "behind the writer"
	waits_for_replica
	# slow, and fast enough for the gates: it shows in the hold
	replica_delay $SOURCE 1
	for _ in 1 2 3; do
		HOLD_LIMIT=1 run_exit 75 import switch primary im
		settle
		phase_is replica
		! grep -q "undoing the switch to primary" im/log || break
	done
	contains "$(cat im/log)" "undoing the switch to primary"
	replica_delay $SOURCE 0
	switched primary
	# the new forward flow begins where the source has not come to
	replica_delay $SOURCE 1
	switched replica
	run_ok import step im
	equal "$stderr" ""
	wait_until 20 flow_is_done
	replica_delay $SOURCE 0
	HOLD_LIMIT=2 switch_begin primary
	switch_await "after drain" || true # it may be over: what follows holds in either phase
	"$ROOT/scripts/sandbox" kill $SOURCE
	wait $switch_pid || true
	[ "$(cat im/phase)" = replica ] || grep -q '^mode primary' im/mode
	run_exit 75 import switch "$([ "$(cat im/phase)" = replica ] && echo primary || echo replica)" im
	"$ROOT/scripts/sandbox" restart $SOURCE 3>&-
	settle
	[ "$(cat im/phase)" = primary ] || switched primary
	replica_delay $SOURCE stop
	run_exit 75 import switch replica im
	contains "$stderr" "the source is behind the writer"
	phase_is primary
	run_ok import cancel im # nothing is going to be followed any more
	phase_is cancelled source
	ledger_end
	replica_delay $SOURCE 0
	ledger_is_good $WRITER
	wait_until 20 eval '[ "$(sql $SOURCE "SELECT COUNT(*) FROM shop.entry")" = "$(sql $WRITER "SELECT COUNT(*) FROM shop.entry")" ]'
	tables_equal $WRITER $SOURCE shop
}

@test "the replica's own replication stands, is slow, or is killed in a switch: refused or undone, by name" {
	WRITER=mw SOURCE=ms TARGET=rw
	trouble
}

# --- another name at the target

@test "another name: replica, primary, back, primary, finish, with a trigger and a procedure" {
	SOURCE=mw TARGET=rw WRITER='' MAP=shop=mall
	fresh
	sql mw "CREATE PROCEDURE shop.sum_up(OUT n INT) SELECT SUM(balance) INTO n FROM shop.account;
		CREATE TRIGGER shop.odd BEFORE UPDATE ON shop.entry FOR EACH ROW
		SET NEW.note=(SELECT shop.note FROM entry shop WHERE shop.id=0)"
	# what cannot be told apart is named beforehand, as the switch will refuse it
	import_files shop
	router_up
	run_exit 1 import start "$dir/im" --ignore=durability
	contains "$output" "trigger shop.odd"
	run_ok import start "$dir/im" --ignore=durability --ignore=trial
	phase_is replica
	equal "$(sql rw "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME='shop'")" 0
	contains "$(import status im)" "shop is mall at the target"
	# what cannot be told apart is refused by name, before anybody waits
	run_exit 65 import switch primary im
	contains "$stderr" "trigger shop.odd"
	contains "$stderr" "cannot tell whether \`shop\`"
	phase_is replica
	lacks "$(cat im/log)" "in the hold"
	sql mw "DROP TRIGGER shop.odd"
	sides_equal shop
	ledger_begin --rate 60
	switched primary
	equal "$(triggers_on mw) $(triggers_on rw)" "0 1"
	app shop -e "CALL sum_up(@n)" >/dev/null
	run_ok import step im
	equal "$stderr" ""
	switched replica
	equal "$(triggers_on mw) $(triggers_on rw)" "1 0"
	# writes around the import are found under either name
	sql rw "UPDATE mall.account SET balance=balance+1 WHERE id=1; UPDATE mall.account SET balance=balance-1 WHERE id=1"
	run_ok import step im
	contains "$(cat im/foreign)" "mall.account"
	switched primary
	ledger_end
	sides_equal shop
	ledger_is_good mw rw
	run_ok import finish im
	phase_is finished target
	no_books mw rw
	app shop -e "INSERT INTO entry (who,n,account,amount) VALUES (1,1,1,0)"
	equal "$(sql rw "SELECT COUNT(*) FROM mall.entry WHERE who=1")" 1
}

@test "another name: options that could mean something else" {
	local common=(import init im -c "$MI_CONFIG" -s mw -t rw -d shop)
	run_exit 64 "${common[@]}" --map-db=shop
	run_exit 64 "${common[@]}" --map-db=store=mall
	contains "$stderr" "store is not among"
	run_exit 64 "${common[@]}" -d mall --map-db=shop=mall
	contains "$stderr" "imported under its own name"
	run_exit 64 "${common[@]}" -X 's*.entry' --map-db=shop=mall
	contains "$stderr" "s*.entry may mean shop or not"
	run_exit 64 "${common[@]}" -d x --map-db=shop=mall --map-db=x=y
	run_ok "${common[@]}" -X 'shop.old*' --map-db=shop=mall
	contains "$stderr" "--map=shop=mall"
	[ ! -e im/forward ]
}

@test "another name in mi-copy: copied, and followed by mi-follow" {
	SOURCE=mw TARGET=rw WRITER='' MAP=shop=mall
	fresh
	sql mw "DROP TRIGGER shop.audited"
	run_ok "$ROOT/pipelines/copy" -c "$MI_CONFIG" -s mw -t rw -d shop --map-db=shop=mall --ignore=durability im/forward
	sql mw "INSERT INTO shop.entry (who,n,account,amount) VALUES (1,1,1,0)"
	run_ok "$ROOT/pipelines/follow" start im/forward 3>&-
	wait_until 20 eval '[ "$(sql rw "SELECT COUNT(*) FROM mall.entry")" = 1 ]'
	tables_equal mw rw shop "" mall
	equal "$(sql rw "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME='shop'")" 0
}
