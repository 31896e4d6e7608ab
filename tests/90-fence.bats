#!/usr/bin/env bats
# mi-fence on real servers of both flavours: what it refuses, what its lock waits for and keeps out,
# how it dies, and the books of flows.
# shellcheck disable=SC2030,SC2031,SC2086,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers b:mysql n:mariadb

teardown() {
	local pid
	for pid in ${fence_pid-} ${writer-}; do kill -9 "$pid" 2>/dev/null || true; done
}

both() { # FUNCTION: for each server
	local s
	for s in b n; do
		echo "on server $s"
		"$1" $s
	done
}

fresh() { # SERVER
	sql "$1" "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop;
		CREATE TABLE shop.items (id INT PRIMARY KEY AUTO_INCREMENT, n INT NOT NULL);
		CREATE TABLE shop.other (id TINYINT UNSIGNED PRIMARY KEY AUTO_INCREMENT);
		INSERT INTO shop.items VALUES (1,0),(2,0)"
}

# fence SERVER LINE...: a conversation.
fence() {
	local server=$1
	shift
	mi-fence -s "$server" -d shop --import=x < <(printf '%s\n' "$@")
}

# --- a conversation that goes on: hold_open SERVER, say COMMAND, hear

hold_open() {
	rm -f in out
	mkfifo in out
	background bash -c 'exec mi-fence -s "$1" -d shop --import=x <in >out 2>err 7>&-' - "$1"
	fence_pid=$bg_pid
	exec 5>in 6<out
}

hear() { # the last line of an answer, in $answer
	while IFS= read -r -t 20 -u 6 answer; do
		case $answer in ok* | error*) return ;; esac
		line=$answer
	done
	fail "no answer: $(cat err)"
}

say() {
	printf '%s\n' "$*" >&5
	hear
}

hang_up() {
	exec 5>&- 6<&-
	wait "$fence_pid" || true
}

# A client that runs what is written to descriptor 7; its rows go into a file.
feed_sql() { # SERVER FILE
	rm -f feed
	mkfifo feed
	background bash -c 'exec "$ROOT/scripts/sandbox" sql "$1" -N -B --unbuffered <feed >"$2"' - "$1" "$2"
	exec 7>feed
}

# A transaction that stays open until descriptor 7 says otherwise; returns once it has written.
open_transaction() { # SERVER STATEMENTS
	feed_sql "$1" /dev/null
	writer=$bg_pid
	printf '%s\n' "$2" >&7
	wait_until 10 has_transaction "$1"
}

has_transaction() {
	[ "$(transactions "$1" "trx_rows_modified>0")" -gt 0 ]
}

waiters() { # SERVER: sessions that wait for a lock
	sql "$1" "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE '%metadata lock%'"
}

# ---

@test "commands that are none, or make no sense: an error each, and the others are done" {
	fresh b
	run_exit 64 mi-fence -s b -d shop </dev/null
	run_exit 64 mi-fence -s b -d shop --import=a/b </dev/null
	run_exit 78 mi-fence -s b -d nowhere --import=x </dev/null
	run_exit 64 fence b rubbish 'lock' 'lock x' 'flow sideways' 'seal forward' 'seal forward -1' 'unseal forward 5 5' \
		'wait forward 1 10 nonsense' 'raise a%2 b 1' 'raise a%00 b 1' 'make tea' 'a b c d e f g' unlock server
	equal "$(grep -c '^error 64 ' <<<"$output")" 13
	contains "$output" "ok"
	run_exit 64 mi-fence -s b -d shop --import=x < <(printf 'server') # no line feed
	run_exit 64 mi-fence -s b -d shop --import=x < <(printf 'server\0x\n')
	run_exit 74 fence b 'programs /nowhere'
	printf 'no stream\n' >file
	run_exit 65 fence b "programs $PWD/file"
}

@test "the books of a flow: opened, waited for, sealed, unsealed with a later epoch, forgotten" {
	one() {
		fresh $1
		run_ok fence $1 ready 'flow forward' 'open forward 3 srv 0-1-7' 'flow forward'
		contains "$output" "ok none"
		contains "$output" $'epoch 3\nstate open\nseq 0\nsource srv\nhigh passed\nposition 0-1-7'
		run_exit 75 fence $1 'open forward 2 srv -' 'wait forward 2 10 -' 'seal forward 2' 'wait forward 3 50 0-1-8'
		equal "$(grep -c '^error 75' <<<"$output")" 4
		contains "$output" "not caught up"
		run_ok fence $1 'wait forward 3 10 0-1-7' 'seal forward 3' 'seal forward 3' 'flow forward'
		contains "$output" "state sealed"
		run_exit 75 fence $1 'wait forward 3 10 0-1-7'
		run_ok fence $1 'unseal forward 3 5' 'unseal forward 3 5' 'flow forward'
		contains "$output" $'epoch 5\nstate open'
		run_exit 75 fence $1 'seal forward 3' # one that comes late
		run_exit 75 fence $1 'unseal forward 3 6'
		run_ok fence $1 'forget forward 3' 'flow forward'
		contains "$output" "epoch 5"
		run_ok fence $1 'forget forward 5' 'forget forward 5' 'flow forward' drop-books drop-books
		contains "$output" "ok none"
		equal "$(sql $1 "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_NAME LIKE '\\_mi\\_%'")" 0
	}
	both one
}

@test "a prepared XA transaction of the flow keeps it from being sealed; books of another import stay" {
	one() {
		fresh $1
		fence $1 ready 'open forward 1 srv -' >/dev/null
		sql $1 "INSERT INTO shop._mi_xa VALUES ('x/forward','a',1,'g','f')"
		run_exit 75 fence $1 'seal forward 1'
		contains "$output" "XA"
		sql $1 "INSERT INTO shop._mi_checkpoint (flow,sid) VALUES ('other/forward','')"
		run_ok fence $1 drop-books
		equal "$(sql $1 "SELECT flow FROM shop._mi_checkpoint")" other/forward
		equal "$(sql $1 "SELECT COUNT(*) FROM shop._mi_xa")" 0
	}
	both one
}

@test "the lock: nobody writes, its own books are written, and the position is all there is" {
	one() {
		fresh $1
		hold_open $1
		say ready
		say lock 10000
		equal "$answer" ok
		say position
		before=$line
		background sql $1 "INSERT INTO shop.other VALUES (1)"
		wait_until 10 eval "[ \"\$(waiters $1)\" -gt 0 ]"
		say open reverse 2 srv 0-1-1
		equal "$answer" ok
		equal "$(sql $1 "SELECT COUNT(*) FROM shop.other")" 0
		# what waits would be written to the wrong side
		say unlock
		equal "$answer" "ok 1 sessions ended"
		if wait $bg_pid; then fail "it was written"; fi
		equal "$(sql $1 "SELECT COUNT(*) FROM shop.other")" 0
		sql $1 "INSERT INTO shop.other VALUES (1)"
		say position
		[ "$line" != "$before" ]
		hang_up
	}
	both one
}

@test "the lock waits for a transaction that has written, also when its client has vanished" {
	one() {
		fresh $1
		# the client dies in an UPDATE that waits for a row
		open_transaction $1 "BEGIN; UPDATE shop.items SET n=n+1 WHERE id=1;"
		background sql $1 "UPDATE shop.items SET n=n+10 WHERE id IN (1,2)"
		vanished=$bg_pid
		wait_until 10 eval "[ \"\$(transactions $1)\" -eq 2 ]"
		kill -9 $vanished
		wait $vanished || true
		run_exit 75 fence $1 ready 'lock 300' position
		contains "$output" "error 75"
		equal "$(sql $1 "SELECT SUM(n) FROM shop.items")" 0
		hold_open $1
		say ready
		printf 'lock 20000\n' >&5
		wait_until 10 eval "[ \"\$(waiters $1)\" -gt 0 ]"
		printf 'COMMIT;\n' >&7
		exec 7>&-
		wait $writer
		hear
		equal "$answer" ok
		sum=$(sql $1 "SELECT SUM(n) FROM shop.items")
		say position
		position=$line
		say unlock
		hang_up
		# either it has committed before the lock was granted, or the server noticed: never after
		equal "$(sql $1 "SELECT SUM(n) FROM shop.items")" "$sum"
		run_ok fence $1 position
		equal "${lines[0]}" "$position"
	}
	both one
}

@test "readers do not keep the lock away, and it does not keep them away" {
	one() {
		fresh $1
		feed_sql $1 read
		printf 'BEGIN; SELECT COUNT(*) FROM shop.items;\n' >&7
		wait_until 10 test -s read
		hold_open $1
		say ready
		say lock 5000
		equal "$answer" ok
		equal "$(sql $1 "SELECT COUNT(*) FROM shop.items")" 2
		say unlock
		equal "$answer" "ok 0 sessions ended"
		hang_up
		exec 7>&-
		wait $bg_pid
	}
	both one
}

@test "a prepared XA transaction: no lock" {
	one() {
		fresh $1
		sql $1 "XA START 'q'; INSERT INTO shop.items VALUES (3,0); XA END 'q'; XA PREPARE 'q'"
		run_exit 75 fence $1 ready 'lock 1000'
		sql $1 "XA ROLLBACK 'q'"
		run_ok fence $1 ready 'lock 1000' unlock
	}
	both one
}

@test "the lock ends: with its time, with a killed mi-fence, and by the server when mi-fence is stopped" {
	one() {
		fresh $1
		hold_open $1
		say ready
		say lock 300
		equal "$answer" ok
		sql $1 "INSERT INTO shop.other VALUES (1)" # waits until the time is over
		say position
		[[ $answer == error* ]]
		say unlock
		[[ $answer == error* ]]
		hang_up

		hold_open $1
		say lock 60000
		equal "$answer" ok
		kill -9 $fence_pid
		hang_up
		sql $1 "INSERT INTO shop.other VALUES (2)"

		hold_open $1
		say lock 1000
		equal "$answer" ok
		kill -STOP $fence_pid
		SECONDS=0
		sql $1 "INSERT INTO shop.other VALUES (3)"
		[ $SECONDS -le 6 ] || fail "locked for $SECONDS s"
		kill -CONT $fence_pid
		say open reverse 9 srv -
		[[ $answer == error* ]]
		hang_up
		run_ok fence $1 'flow reverse'
		contains "$output" "ok none"
	}
	both one
}

@test "counters: with headroom, told again only when passed; raised, never lowered" {
	one() {
		fresh $1
		hold_open $1
		printf 'counters\n' >&5
		told=
		while read -r -t 10 -u 6 answer && [ "$answer" != ok ]; do told+="$answer;"; done
		case $told in
		'counter shop items 10003;' | 'counter shop items 10003;counter shop other 3;' | 'counter shop other 3;counter shop items 10003;') ;;
		*) fail "told: $told" ;;
		esac
		sql $1 "INSERT INTO shop.items VALUES (9000,0)"
		say counters
		line=none
		say counters
		equal "$line" none
		sql $1 "INSERT INTO shop.items VALUES (20000,0)"
		say counters
		equal "$line" "counter shop items 30001"
		say raise shop items 50000
		equal "$answer" ok
		say raise shop items 40000
		equal "$answer" ok
		say raise shop nothing 5
		[[ $answer == "error 78"* ]]
		hang_up
		sql $1 "INSERT INTO shop.items (n) VALUES (1)"
		equal "$(sql $1 "SELECT MAX(id) FROM shop.items")" 50000
	}
	both one
}

@test "triggers and events: kept as text, dropped and made as they were" {
	one() {
		fresh $1
		sql $1 "CREATE TABLE shop.log (t VARCHAR(20));
			CREATE TRIGGER shop.a BEFORE INSERT ON shop.items FOR EACH ROW SET NEW.n = NEW.n + 1;
			CREATE TRIGGER shop.b BEFORE INSERT ON shop.items FOR EACH ROW SET NEW.n = NEW.n * 10;
			CREATE EVENT shop.e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM shop.log"
		mi-schema -q -s $1 -d shop --section=programs --triggers --events --schema-only >programs
		run_ok mi-cat programs
		equal "$(grep -c '^ddl' <<<"$output")" 3
		fence $1 digest >before
		run_ok fence $1 "programs $PWD/programs" 'drop triggers' 'drop triggers' 'drop events' digest
		contains "$output" "ok 3"
		[ "$(tail -2 <<<"$output")" != "$(cat before)" ]
		sql $1 "INSERT INTO shop.items VALUES (5,1)"
		run_ok fence $1 "programs $PWD/programs" 'make triggers' 'make triggers' 'make events' digest
		equal "$(tail -2 <<<"$output")" "$(cat before)"
		sql $1 "INSERT INTO shop.items VALUES (6,1)"
		equal "$(sql $1 "SELECT n FROM shop.items WHERE id IN (5,6) ORDER BY id" | tr '\n' ' ')" "1 20 "
		mi-schema -q -s $1 -d shop --section=pre-data --schema-only >tables
		run_exit 65 fence $1 "programs $PWD/tables"
	}
	both one
}

@test "mi-binlog --foreign: changes around the import are found, its own are not" {
	one() {
		fresh $1
		fence $1 ready >/dev/null
		run_ok mi-binlog -s $1 -d shop --foreign --since=now
		since=${output#position }
		sql $1 "BEGIN; UPDATE shop._mi_checkpoint SET seq=1 WHERE flow='x/none';
			DELETE FROM shop._mi_checkpoint; INSERT INTO shop._mi_checkpoint (flow,sid) VALUES ('x/none','');
			UPDATE shop.items SET n=7; COMMIT;
			CREATE DATABASE IF NOT EXISTS elsewhere; CREATE TABLE IF NOT EXISTS elsewhere.t (i INT);
			INSERT INTO elsewhere.t VALUES (1); ALTER TABLE shop.items AUTO_INCREMENT=99; DELETE FROM shop.other"
		run_ok mi-binlog -s $1 -d shop --foreign --since="$since"
		equal "$(wc -l <<<"$output")" 1
		since=${output#position }
		sql $1 "INSERT INTO elsewhere.t VALUES (2); UPDATE shop.items SET n=8 WHERE id=1"
		run_exit 1 mi-binlog -s $1 -d shop --foreign --since="$since"
		[[ ${lines[0]} == "foreign "*" shop.items" ]] || fail "$output"
		run_ok mi-binlog -s $1 -d shop -X shop.items --foreign --since="$since"
		run_ok mi-binlog -s $1 -d shop --foreign --since="${lines[0]#position }"
		run_exit 64 mi-binlog -s $1 -d shop --foreign --since=now --until=now
		run_exit 65 mi-binlog -s $1 -d shop --foreign --since=99-99-99999
	}
	both one
}
