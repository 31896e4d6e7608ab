#!/usr/bin/env bats
# Whole imports between flavours and of databases that act by themselves: triggers, events, foreign
# keys with cascades, procedures; both ways. What the stock clients write is the same bytes on both
# sides.
# shellcheck disable=SC2030,SC2031,SC2086,SC2016,SC2164

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/import.bash"

export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-900}

servers m:mysql "r:mariadb --event-scheduler=ON"

test_begins() {
	sakila=${MI_SHARED:-$ROOT/../shared}/data/sakila
}

teardown() {
	local d
	[ -z "${router_pid-}" ] || kill -9 $router_pid 2>/dev/null || true
	for d in forward reverse; do
		[ ! -e "$dir/im/$d/follow.conf" ] || "$ROOT/pipelines/follow" stop -t 5 "$dir/im/$d" 2>/dev/null 3>&- || true
	done
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 40 "$dir"/im/log "$dir"/route.log "$dir"/im/*/follow.log 2>/dev/null || true
}

up_to_replica() { # SOURCE TARGET DATABASE
	SOURCE=$1 TARGET=$2
	sql $TARGET "DROP DATABASE IF EXISTS $3"
	import_files $3
	router_up
	run_ok import start im
}

triggers_of() { # SERVER DATABASE
	sql $1 "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA='$2'"
}
events_of() { # SERVER DATABASE
	sql $1 "SELECT CONCAT(EVENT_NAME,' ',STATUS) FROM information_schema.EVENTS WHERE EVENT_SCHEMA='$2'"
}

# switched TO ACTIVE PASSIVE DATABASE TRIGGERS: the triggers are on the active side alone.
switched() {
	run_ok import switch $1 im
	equal "$(triggers_of $2 $4) $(triggers_of $3 $4)" "$5 0"
}

# --- sakila

rent() { # what its triggers react to, by the stock client through the router
	app sakila -e "INSERT INTO film (title,description,language_id) VALUES ('€ $1','ein Film',1);
		UPDATE film SET description=CONCAT(description,' mehr') WHERE film_id IN (3,4,$1);
		DELETE FROM film WHERE title='€ $(($1 - 1))';
		INSERT INTO customer (store_id,first_name,last_name,address_id) VALUES (1,'A','B$1',1);
		INSERT INTO rental (inventory_id,customer_id,staff_id) VALUES ($1,1,1);
		INSERT INTO payment (customer_id,staff_id,amount) VALUES (1,1,1.$1)"
}

# What the router has found in an application's statement, in the words of status.
tells_what_target_lacks() { # SOURCE
	local call="UUID_TO_BIN('00000000-0000-0000-0000-000000000000')"
	[ $1 = m ] || call="NVL(2, 'x')"
	app sakila -e "DO $call" >/dev/null
	wait_until 20 eval "import status im | grep -qxF 'lacking 1 1305 ${call%%(*} DO ${call%%(*}(?)'"
}

sakila() { # SOURCE TARGET
	[ -r "$sakila/schema.sql" ] || skip "the sakila files are not beside this tree"
	sql $1 <"$sakila/schema.sql"
	{ echo "SET foreign_key_checks=0; USE sakila;" && cat "$sakila/data.sql"; } | sql $1
	up_to_replica $1 $2 sakila
	equal "$(triggers_of $1 sakila) $(triggers_of $2 sakila)" "6 0"
	tells_what_target_lacks $1
	rent 11
	sides_equal sakila
	switched primary $2 $1 sakila 6
	rent 12
	equal "$(app sakila -e "SELECT description FROM film_text WHERE title='€ 12'")" "ein Film"
	app sakila -e "CALL film_in_stock(1,1,@n)" >/dev/null
	sides_equal sakila
	switched replica $1 $2 sakila 6
	rent 13
	sides_equal sakila
	switched primary $2 $1 sakila 6
	rent 14
	sides_equal sakila
	equal "$(app sakila -e "SELECT HEX(title) FROM film WHERE title LIKE '€%'")" \
	    "$(printf '€ 14' | od -An -tx1 | tr -d ' \n' | tr a-f A-F)"
	run_ok import finish im
	equal "$(triggers_of $2 sakila)" 6
	rent 15
	router_kill
	for s in $1 $2; do sql $s "SET foreign_key_checks=0; DROP DATABASE sakila"; done
}

@test "sakila with its triggers, MySQL to MariaDB: replica, primary, back, primary, finish" {
	sakila m r
}

@test "sakila with its triggers, MariaDB to MySQL" {
	sakila r m
}

# --- cascades, an event, characters

family() { # SOURCE TARGET
	sql $1 "DROP DATABASE IF EXISTS kin; CREATE DATABASE kin CHARSET utf8mb4; USE kin;
		CREATE TABLE parent (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40));
		CREATE TABLE child (id INT PRIMARY KEY AUTO_INCREMENT, parent INT, name VARCHAR(40),
			FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE);
		CREATE TABLE toy (id INT PRIMARY KEY AUTO_INCREMENT, child INT,
			FOREIGN KEY (child) REFERENCES child (id) ON DELETE SET NULL);
		CREATE TABLE ticks (id INT PRIMARY KEY AUTO_INCREMENT, host INT);
		INSERT INTO parent VALUES (1,'a'),(2,'b'),(3,'c'); INSERT INTO child VALUES (1,1,'x'),(2,1,'y'),(3,2,'z'),(4,3,'w');
		INSERT INTO toy VALUES (1,1),(2,2),(3,3),(4,4);
		SET time_zone='+00:00';
		CREATE EVENT tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO kin.ticks (host) VALUES (@@server_id)"
	up_to_replica $1 $2 kin
	app kin -e "DELETE FROM parent WHERE id=1; INSERT INTO parent (name) VALUES ('€🙂')"
	sides_equal kin ticks # which goes on between a look at one side and one at the other
	run_ok import switch primary im
	equal "$(events_of $1 kin)/$(events_of $2 kin)" "/tick ENABLED"
	app kin -e "DELETE FROM parent WHERE id=2; UPDATE parent SET id=30 WHERE id=3; INSERT INTO parent (name) VALUES ('ß🙂')"
	# the event goes on, on one side, and its rows flow back
	wait_until 20 eval '[ "$(sql '$1' "SELECT COUNT(*) FROM kin.ticks WHERE host=$(sql '$2' "SELECT @@server_id")")" -gt 0 ]'
	run_ok import switch replica im
	equal "$(events_of $1 kin)/$(events_of $2 kin)" "tick ENABLED/"
	app kin -e "DELETE FROM parent WHERE id=30"
	sql $1 "DROP EVENT kin.tick"
	sides_equal kin
	equal "$(sql $2 "SELECT COUNT(*) FROM kin.child")" 0
	equal "$(sql $2 "SELECT GROUP_CONCAT(id) FROM kin.toy WHERE child IS NULL")" 1,2,3,4
	equal "$(sql $1 "SELECT GROUP_CONCAT(HEX(name) ORDER BY id) FROM kin.parent")" \
	    "$(sql $2 "SELECT GROUP_CONCAT(HEX(name) ORDER BY id) FROM kin.parent")"
	equal "$(sql $1 "SELECT GROUP_CONCAT(HEX(name) ORDER BY id) FROM kin.parent")" E282ACF09F9982,C39FF09F9982
	run_ok import cancel im
	router_kill
	for s in $1 $2; do sql $s "DROP DATABASE kin"; done
}

@test "cascades and an event, MySQL to MariaDB and back" {
	family m r
}

@test "cascades and an event, MariaDB to MySQL and back" {
	family r m
}
