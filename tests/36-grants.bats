#!/usr/bin/env bats
# The accounts that mi-check --grants makes may run a whole import, both ways, and nothing beyond.
# shellcheck disable=SC2016,SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/import.bash"

servers a:mysql m:mariadb

servers_ready() {
	for server in a m; do
		sql $server "CREATE DATABASE neighbour; CREATE TABLE neighbour.t (id INT PRIMARY KEY);
			CREATE DATABASE my1shop; CREATE TABLE my1shop.t (id INT PRIMARY KEY)"
	done
}

teardown() {
	local way
	[ -z "${router_pid-}" ] || kill -9 "$router_pid" 2>/dev/null || true
	for way in forward reverse; do
		[ ! -e "im/$way/follow.conf" ] || "$ROOT/pipelines/follow" stop -t 5 "im/$way" 2>/dev/null 3>&- || true
	done
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 20 im/log route.log im/*/follow.log 2>/dev/null || true
}

flavour() {
	if [ "$1" = a ]; then echo mysql; else echo mariadb; fi
}

# account SIDE SERVER: made by the script alone; adds group [client_SIDE] to only.cnf.
account() {
	local side=$1 server=$2 word
	word=secret-$side-$RANDOM
	sql "$server" "DROP USER IF EXISTS imp@'%'"
	run_ok mi-check --grants="$side" --for="$(flavour "$server")" --user=imp -d my_shop
	sql "$server" <<<"${output//<password>/$word}"
	(umask 077 && printf '%s\n' "[client_$side]" host=127.0.0.1 "port=$(fact "$server" port)" \
	    user=imp "password=$word" "ssl-ca=$(fact "$server" tls)/ca.pem" >>only.cnf)
}

# whole ONE TWO: mi-import from its beginning to its end, by accounts of the scripts.
whole() {
	local one=$1 two=$2 server id
	dir=$BATS_TEST_TMPDIR
	rm -f only.cnf
	account source "$one"
	account target "$two"
	for server in "$one" "$two"; do
		sql "$server" "DROP DATABASE IF EXISTS my_shop; SET GLOBAL log_bin_trust_function_creators = 1;
			CREATE USER IF NOT EXISTS app@'%' IDENTIFIED BY 'apppw'; GRANT ALL ON *.* TO app@'%'"
	done
	sql "$one" "CREATE DATABASE my_shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE my_shop;
		CREATE TABLE parents (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(30) COLLATE utf8mb4_general_ci, UNIQUE KEY (name));
		CREATE TABLE children (id INT PRIMARY KEY, parent INT, KEY (parent),
			FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE);
		INSERT INTO parents (name) VALUES ('a'), ('b'); INSERT INTO children VALUES (1, 1), (2, 2)"
	(umask 077 && printf '[app]\npassword=apppw\n' >users)
	run_ok import init im -c only.cnf -s source -t target -d my_shop --users=users
	port=$(free_port)
	mi-route -c im/route.cnf -s source -t target --users=im/users --mode-file=im/mode --control=im/control \
	    --listen=127.0.0.1:"$port" --listen="$dir/sock" \
	    --tls-cert="$(fact "$one" tls)/server-cert.pem" --tls-key="$(fact "$one" tls)/server-key.pem" \
	    </dev/null >route.log 2>&1 3>&- 4>&- &
	router_pid=$!
	wait_until 20 mi-route --tell=im/control status
	run_ok import check im
	contains "$output" "the router can log in as each of 1 account," # of the folder's users file
	for id in stream read snapshot write create lock xa logins router-settings trial; do
		lacks "$output" "! $id "
		lacks "$output" "✗ $id "
	done
	run_ok import start im
	app --execute="INSERT INTO my_shop.parents (name) VALUES ('c')"
	run_ok import switch primary im
	app --execute="INSERT INTO my_shop.parents (name) VALUES ('d')"
	run_ok import switch replica im
	app --execute="INSERT INTO my_shop.parents (name) VALUES ('e')"
	run_ok import switch primary im
	run_ok import finish im
	router_kill TERM
	tables_equal "$one" "$two" my_shop
	equal "$(sql "$two" "SELECT GROUP_CONCAT(name ORDER BY name SEPARATOR '') FROM my_shop.parents")" abcde
}

@test "a whole import from MySQL to MariaDB: copy, switch, back, and for good" {
	whole a m
}

@test "a whole import from MariaDB to MySQL: copy, switch, back, and for good" {
	whole m a
}

@test "the same accounts fence a switch, and move triggers and events" {
	local server side
	for side in source target; do
		rm -f only.cnf
		for server in a m; do
			account $side $server
			sql $server "DROP DATABASE IF EXISTS my_shop; CREATE DATABASE my_shop;
				CREATE TABLE my_shop.t (id INT PRIMARY KEY AUTO_INCREMENT); CREATE TABLE my_shop._mi_checkpoint (id INT);
				SET GLOBAL log_bin_trust_function_creators = 1"
			mariadb --defaults-file=only.cnf --defaults-group-suffix=_$side <<-END
				LOCK TABLES my_shop.t WRITE, my_shop._mi_checkpoint WRITE;
				CREATE TRIGGER my_shop.g BEFORE INSERT ON my_shop.t FOR EACH ROW SET @g = 1;
				DROP TRIGGER my_shop.g;
				INSERT INTO my_shop._mi_checkpoint VALUES (1);
				UNLOCK TABLES;
				CREATE EVENT my_shop.e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;
				ALTER EVENT my_shop.e ENABLE; ALTER EVENT my_shop.e DISABLE; DROP EVENT my_shop.e;
				ALTER TABLE my_shop.t AUTO_INCREMENT = 100;
				DROP TABLE my_shop._mi_checkpoint;
			END
			sql $server "SET GLOBAL log_bin_trust_function_creators = 0"
			rm only.cnf
		done
	done
}

@test "and nothing beyond: a name that the underscore would match, other databases, accounts" {
	local server side statement
	for side in source target; do
		for server in a m; do
			rm -f only.cnf
			account $side $server
			for statement in "SELECT * FROM my1shop.t" "INSERT INTO my1shop.t VALUES (1)" \
			    "SELECT * FROM neighbour.t" "DROP TABLE neighbour.t" "SELECT * FROM mysql.user" \
			    "CREATE USER more@'%'" "SET GLOBAL max_connections = 200" "CREATE DATABASE other" \
			    "SHUTDOWN"; do
				run mariadb --defaults-file=only.cnf --defaults-group-suffix=_$side \
				    --database=information_schema --execute="$statement"
				[ "$status" -ne 0 ] || fail "$side on $server may: $statement"
				[[ $output == *denied* ]] || fail "$side on $server: $statement: $output"
			done
		done
	done
}

@test "names are escaped as patterns and as names; versions have their own privileges" {
	run_ok mi-check --grants=source --user="o'brien" --account-host=10.0.0.% -d 'a_b%c`d\e'
	contains "$output" "\`a\\_b\\%c\`\`d\\\\e\`.* TO 'o\\'brien'@'10.0.0.%'"
	contains "$output" "GRANT XA_RECOVER_ADMIN ON"
	lacks "$output" "FLUSH_TABLES"
	run_ok mi-check --grants=source --for=mysql-5.7 -d x
	lacks "$output" "RELOAD"
	lacks "$output" "XA_RECOVER_ADMIN"
	run_ok mi-check --grants=target --for=mariadb-10.6 -d x
	contains "$output" "BINLOG MONITOR"
	run_exit 64 mi-check --grants=middle -d x
	run_exit 64 mi-check --grants=source --for=oracle -d x
	run_exit 64 mi-check --grants=source
}
