#!/usr/bin/env bats
# scripts/sandbox itself, and the comparison that other tests rely on.

# shellcheck disable=SC2030,SC2031 # tests are subshells

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

setup_file() {
	servers_up x:mariadb y:mariadb
	! have_mysql || servers_up a:mysql b:mysql
}

gone() {
	[ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

# One row of each kind of column that both flavours have.
make_samples() {
	sql "$1" <<-'END'
		CREATE DATABASE samples;
		USE samples;
		CREATE TABLE `all ``types` (id BIGINT UNSIGNED PRIMARY KEY, tiny TINYINT, deci DECIMAL(65,30),
		  flt FLOAT, dbl DOUBLE, bits BIT(64), en ENUM('', 'a', 'é'), st SET('x','y','z'),
		  latin VARCHAR(50) CHARACTER SET latin1, txt TEXT CHARACTER SET utf8mb4, bin BINARY(4),
		  blb LONGBLOB, d DATE, dt DATETIME(6), ts TIMESTAMP(6) NULL, t TIME(6), y YEAR, g GEOMETRY,
		  j JSON, gen INT AS (tiny + 1) VIRTUAL);
		SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone='+00:00';
		INSERT INTO `all ``types` (id, tiny, deci, flt, dbl, bits, en, st, latin, txt, bin, blb, d, dt,
		  ts, t, y, g, j) VALUES
		  (18446744073709551615, -128, -12345678901234567890123456789012345.5, 16777217, 1e308,
		  0xFFFFFFFFFFFFFFFF, 'é', 'x,z', 'é', '😀\tx\n', 'ab', REPEAT('x', 70000), '0000-00-00',
		  '2024-02-30 01:02:03.000004', '1970-01-01 00:00:01.5', '-838:59:59', 0,
		  ST_GeomFromText('POINT(1 2)'), '{"a": [1, 2.5, null]}'),
		  (0, NULL, NULL, 0.1, 5e-324, b'1', 0, '', '', '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		  'null'),
		  (1, 1, 1, 1, 1, 1, 1, 1, NULL, NULL, NULL, '', '2024-01-01', '2024-01-01', '2024-01-01',
		  '1:1:1', 2024, ST_GeomFromText('LINESTRING(0 0,1 1)'), '"x"');
		CREATE TABLE none_yet (id INT PRIMARY KEY);
	END
}

# differs A B CHANGE UNDO: tables_equal says no after a change, and yes again after it is undone.
differs() {
	sql "$2" "SET sql_mode='ALLOW_INVALID_DATES'; USE samples; $3"
	run tables_equal "$1" "$2" samples
	[ "$status" -ne 0 ] || fail "not noticed: $3"
	sql "$2" "SET sql_mode='ALLOW_INVALID_DATES'; USE samples; $4"
	tables_equal "$1" "$2" samples
}

every_change_is_noticed() {
	# shellcheck disable=SC2016
	local t='`all ``types`'
	differs "$1" "$2" "UPDATE $t SET flt=16777220 WHERE id>1" "UPDATE $t SET flt=16777217 WHERE id>1"
	differs "$1" "$2" "UPDATE $t SET blb=CONCAT(REPEAT('x',69999),'y') WHERE id>1" \
	    "UPDATE $t SET blb=REPEAT('x',70000) WHERE id>1"
	differs "$1" "$2" "UPDATE $t SET latin='' WHERE id=1" "UPDATE $t SET latin=NULL WHERE id=1"
	differs "$1" "$2" "UPDATE $t SET txt=' ' WHERE id=0" "UPDATE $t SET txt='' WHERE id=0"
	differs "$1" "$2" "UPDATE $t SET bits=bits-1 WHERE id>1" "UPDATE $t SET bits=bits+1 WHERE id>1"
	differs "$1" "$2" "UPDATE $t SET en='' WHERE id=0" "UPDATE IGNORE $t SET en=0 WHERE id=0"
	differs "$1" "$2" "UPDATE $t SET g=ST_GeomFromText('POINT(1 2)',4326) WHERE id>1" \
	    "UPDATE $t SET g=ST_GeomFromText('POINT(1 2)') WHERE id>1"
	differs "$1" "$2" "UPDATE $t SET dt='2024-01-01 00:00:00.000001' WHERE id=1" \
	    "UPDATE $t SET dt='2024-01-01' WHERE id=1"
	differs "$1" "$2" "INSERT INTO none_yet VALUES (1)" "DELETE FROM none_yet"
	differs "$1" "$2" "CREATE TABLE more (id INT)" "DROP TABLE more"
}

@test "started together, servers have ports, ids and UUIDs of their own" {
	local names
	names=$(sandbox list | awk '$4 == "running" { print $1 }')
	equal "$(wc -l <<<"$names")" "$(have_mysql && echo 4 || echo 2)"
	for name in $names; do fact "$name" port; done >"$BATS_TEST_TMPDIR/ports"
	equal "$(sort -u "$BATS_TEST_TMPDIR/ports" | wc -l)" "$(wc -l <<<"$names")"
	for name in $names; do sql "$name" 'SELECT @@server_id'; done >"$BATS_TEST_TMPDIR/ids"
	equal "$(sort -u "$BATS_TEST_TMPDIR/ids" | wc -l)" "$(wc -l <<<"$names")"
	! have_mysql || [ "$(sql a 'SELECT @@server_uuid')" != "$(sql b 'SELECT @@server_uuid')" ]
}

@test "the option file is private and serves the stock client, over TLS, checked" {
	local name names='x y'
	! have_mysql || names='a b x y'
	equal "$(stat -c %a "$MI_CONFIG")" 600
	for name in $names; do
		run_ok "$(fact "$name" client)" --defaults-file="$MI_CONFIG" --defaults-group-suffix="_$name" \
		    -Ne "SELECT CURRENT_USER(); SHOW STATUS LIKE 'Ssl_version'; SELECT @@local_infile"
		contains "$output" 'mi@127.0.0.1'
		contains "$output" 'TLSv1.3'
		contains "$output" '1'
		run_ok openssl verify -CAfile "$(fact "$name" tls)/ca.pem" -verify_ip 127.0.0.1 \
		    "$(fact "$name" tls)/server-cert.pem"
	done
	run_exit 2 openssl verify -CAfile "$(fact x tls)/ca.pem" "$(fact y tls)/server-cert.pem"
}

@test "GTIDs and full row images are on, nothing listens beyond loopback" {
	local name
	for name in x y; do
		equal "$(sql "$name" 'SELECT @@gtid_strict_mode, @@log_slave_updates, @@binlog_format,
			@@binlog_row_image, @@bind_address')" $'1\t1\tROW\tFULL\t127.0.0.1'
	done
	have_mysql || return 0
	for name in a b; do
		equal "$(sql "$name" 'SELECT @@gtid_mode, @@enforce_gtid_consistency, @@binlog_format,
			@@binlog_row_image, @@bind_address')" $'ON\tON\tROW\tFULL\t127.0.0.1'
		equal "$(sql "$name" 'SELECT @@gtid_executed')" ''
	done
}

@test "what is killed keeps its data, port and id when started again" {
	local name port before names=x
	! have_mysql || names='a x'
	for name in $names; do
		port=$(fact "$name" port)
		sql "$name" "CREATE DATABASE kept; CREATE TABLE kept.t (id INT PRIMARY KEY);
			INSERT INTO kept.t VALUES (1), (2)"
		before=$(sql "$name" 'SELECT @@server_id')
		run_ok sandbox kill "$name"
		equal "$(fact "$name" pid)" ''
		run_exit 1 sandbox sql "$name" -e 'SELECT 1'
		run_ok sandbox restart "$name" --max-connections=77
		equal "$(sql "$name" 'SELECT COUNT(*) FROM kept.t')" 2
		equal "$(sql "$name" 'SELECT @@port')" "$port"
		equal "$(sql "$name" 'SELECT @@server_id')" "$before"
		equal "$(sql "$name" 'SELECT @@max_connections')" 77
		sql "$name" 'DROP DATABASE kept'
	done
}

@test "a taken port is given up for another one, in the option file too" {
	local port
	export MI_SANDBOX=$BATS_TEST_TMPDIR/other
	sandbox start one mariadb
	port=$(fact one port)
	sandbox stop one
	sandbox start two mariadb --port="$port"
	run_ok sandbox restart one
	[ "$(fact one port)" != "$port" ]
	grep -q "^port=$(fact one port)$" "$MI_SANDBOX/my.cnf"
	sandbox wipe --all
	equal "$(find "$MI_SANDBOX" -mindepth 1 -type d)" ''
}

@test "stop leaves no process, and only our own process is ever ended" {
	local pid stranger
	export MI_SANDBOX=$BATS_TEST_TMPDIR/other
	sandbox start one mariadb
	pid=$(fact one pid)
	run_ok sandbox stop one
	gone "$pid"
	background sleep 100
	stranger=$bg_pid
	sed -i "s/^pid=.*/pid=$stranger/" "$MI_SANDBOX/one/state"
	run_ok sandbox kill one
	kill -0 "$stranger"
	run_ok sandbox wipe one
	kill -0 "$stranger"
	kill "$stranger"
}

@test "a server ends with its owner" {
	local owner pid
	export MI_SANDBOX=$BATS_TEST_TMPDIR/other
	background sleep 100
	owner=$bg_pid
	MI_SANDBOX_OWNER=$owner sandbox start one mariadb
	pid=$(fact one pid)
	kill -9 "$owner"
	wait_until 10 gone "$pid"
	sandbox wipe one
}

@test "a server that cannot start says why and leaves nothing" {
	export MI_SANDBOX=$BATS_TEST_TMPDIR/other
	run_exit 69 sandbox start bad mariadb --no-such-option=1
	contains "$stderr" 'no-such-option'
	equal "$(sandbox list)" ''
	run_exit 64 sandbox start Bad mariadb
	run_exit 64 sandbox start bad postgres
	run_exit 64 sandbox stop bad
	run_exit 64 sandbox
	MI_MYSQL=none run_exit 75 sandbox start bad mysql
	contains "$stderr" 'no MySQL server'
	[ ! -d "$MI_SANDBOX/bad" ]
}

@test "the comparison sees every change (MariaDB)" {
	make_samples x
	make_samples y
	tables_equal x y samples
	definitions_equal x y samples
	every_change_is_noticed x y
}

@test "the comparison sees every change (MySQL)" {
	need_mysql
	make_samples a
	make_samples b
	tables_equal a b samples
	definitions_equal a b samples
	every_change_is_noticed a b
}

@test "the comparison works across the flavours" {
	need_mysql
	tables_equal a x samples
	every_change_is_noticed a x
}

@test "a program builds and runs against Oracle's client library" {
	run mysql-env --libs
	[ "$status" -eq 0 ] || skip "Oracle's libmysqlclient is not here"
	cat >"$BATS_TEST_TMPDIR/t.c" <<-'END'
		#include <mysql.h>
		#include <stdio.h>
		int main(void)
		{
			return puts(mysql_get_client_info()) < 0;
		}
	END
	# shellcheck disable=SC2046
	run_ok gcc -o "$BATS_TEST_TMPDIR/t" $(mysql-env --cflags) "$BATS_TEST_TMPDIR/t.c" \
	    $(mysql-env --libs)
	run_ok "$BATS_TEST_TMPDIR/t"
	equal "$output" "$(cat "$(fetch-mysql)/version")"
}
