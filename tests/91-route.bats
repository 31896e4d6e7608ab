#!/usr/bin/env bats
# mi-route as a door to one side: stock clients, drivers, logins, TLS.

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"

export my_port my_log strict_sock strict_log tls_port tls_users bye_pid bye_log # by route_up

servers "a:mysql --max-allowed-packet=64M" "m:mariadb --max-allowed-packet=64M"

servers_ready() {
	servers_app a m
	export APP_PASSWORD=$app_password
	tls=(--tls-cert="$MI_SANDBOX/a/tls/server-cert.pem" --tls-key="$MI_SANDBOX/a/tls/server-key.pem")
	route_up my -s a -t m "${tls[@]}"
	route_up ma -s m -t a "${tls[@]}"
	MYSQL=$(fetch-mysql)/bin/mysql
	export MYSQL
}

teardown_file() {
	[ -n "${my_pid-}" ] && route_down my
	[ -n "${ma_pid-}" ] && route_down ma
	servers_down
}

port_of() {
	local name=$1_port
	echo "${!name}"
}

# mysql97 my|ma [OPTION...] and mariadb10 alike: the stock client of each family, by TCP.
mysql97() {
	MYSQL_PWD=$app_password "$MYSQL" --no-defaults -h127.0.0.1 -P"$(port_of "$1")" -uapp -N "${@:2}" app
}
mariadb10() {
	mariadb --no-defaults -h127.0.0.1 -P"$(port_of "$1")" -uapp -p"$app_password" -N "${@:2}" app
}

@test "both stock clients, both servers: a round trip of € and an emoji, by TLS and without" {
	for route in my ma; do
		for client in mysql97 mariadb10; do
			for secure in on off; do
				option=--ssl
				[ $client = mysql97 ] && option=--ssl-mode=REQUIRED
				if [ $secure = off ]; then
					option=--skip-ssl
					[ $client = mysql97 ] && option="--ssl-mode=DISABLED --get-server-public-key"
				fi
				# shellcheck disable=SC2086
				run_ok $client $route $option --default-character-set=utf8mb4 -e "
					CREATE OR REPLACE VIEW one AS SELECT 1;
					CREATE TABLE IF NOT EXISTS t (id INT AUTO_INCREMENT PRIMARY KEY,
						v VARCHAR(20) CHARACTER SET utf8mb4) ENGINE=InnoDB;
					TRUNCATE t; INSERT INTO t (v) VALUES ('€🙂');
					SELECT HEX(v), v FROM t"
				equal "$output" "E282ACF09F9982	€🙂" "$route $client $secure"
			done
		done
	done
}

@test "a client that says nothing of character sets stores what it shows" {
	for route in my ma; do
		run_ok mysql97 $route -e "CREATE TABLE IF NOT EXISTS t (id INT AUTO_INCREMENT PRIMARY KEY,
			v VARCHAR(20) CHARACTER SET utf8mb4) ENGINE=InnoDB;
			TRUNCATE t; INSERT INTO t (v) VALUES ('€🙂'); SELECT HEX(v) FROM t"
		equal "$output" E282ACF09F9982
	done
}

@test "a session begins with the source's settings, whatever the client" {
	local settings="SELECT @@sql_mode, @@time_zone='+00:00' OR @@time_zone=@@global.time_zone,
		@@group_concat_max_len, @@autocommit, @@div_precision_increment"
	for route in my ma; do
		server=a
		[ $route = my ] || server=m
		run_ok mariadb10 $route -e "$settings"
		equal "$output" "$(sql $server "${settings//@@time_zone=@@global/@@global.time_zone=@@global}" |
		    sed 's/\t0\t/\t1\t/')" $route
	done
}

@test "passwords: wrong, unknown user, no account, plain where TLS is required: refused and logged" {
	app_password=wrong run_exit 1 mariadb10 my -e "SELECT 1"
	contains "$stderr" "ERROR 1045"
	contains "$stderr" "'app'@'127.0.0.1'"
	run_exit 1 mariadb --no-defaults -h127.0.0.1 -P"$my_port" -unobody -px -e "SELECT 1"
	contains "$stderr" "ERROR 1045"
	run_exit 1 mariadb --no-defaults -h127.0.0.1 -P"$my_port" -uapp -p"$app_password" nosuch
	contains "$stderr" "ERROR 1044"
	run_ok cat "$my_log"
	contains "$output" "login of 'app' from 127.0.0.1 refused"
	contains "$output" "login of 'nobody' from 127.0.0.1 refused"
	contains "$output" "the source refuses 'app'"
	lacks "$output" "$app_password"

	route_up strict -s a "${tls[@]}" --tls-required \
	    --tls-cert="$MI_SANDBOX/a/tls/server-cert.pem" --tls-key="$MI_SANDBOX/a/tls/server-key.pem"
	run_exit 1 mariadb10 strict --skip-ssl -e "SELECT 1"
	contains "$stderr" "ERROR 3159"
	run_ok mariadb10 strict --ssl -e "SELECT 1"
	run_ok mariadb --no-defaults -S "$strict_sock" -uapp -p"$app_password" --skip-ssl -e "SELECT 1"
	contains "$(cat "$strict_log")" "refused: without TLS"
	route_down strict
}

@test "TLS towards the servers in every ssl-mode, with a client certificate" {
	local ca=$MI_SANDBOX/a/tls/ca.pem mode
	sql a "CREATE USER IF NOT EXISTS cert@'%' IDENTIFIED BY 'c' REQUIRE X509;
		GRANT ALL ON app.* TO cert@'%'"
	for mode in DISABLED PREFERRED REQUIRED VERIFY_CA VERIFY_IDENTITY; do
		(umask 077 && cat >"$mode.cnf" <<-CNF
			[client_a]
			host=127.0.0.1
			port=$(fact a port)
			user=mi
			password=$(sed -n '/^\[client_a\]/,/^$/s/^password=//p' "$MI_CONFIG")
			ssl-mode=$mode
			ssl-ca=$ca
			ssl-cert=$MI_SANDBOX/a/tls/client-cert.pem
			ssl-key=$MI_SANDBOX/a/tls/client-key.pem
			server-public-key-path=$(fact a datadir)/public_key.pem
		CNF
		)
		mkdir -p "$BATS_FILE_TMPDIR/tls"
		(umask 077 && printf '[app]\npassword="%s"\n[cert]\npassword=c\n' "$app_password" \
		    >"$BATS_FILE_TMPDIR/tls/users")
		route_up tls -c "$mode.cnf" -s a
		run_ok mariadb10 tls -e "SHOW STATUS LIKE 'Ssl_version'"
		case $mode in
		DISABLED) equal "$output" "Ssl_version	" ;;
		*)
			contains "$output" TLSv1.
			run_ok mariadb --no-defaults -h127.0.0.1 -P"$tls_port" -ucert -pc -N -e "SELECT CURRENT_USER()"
			equal "$output" "cert@%"
			;;
		esac
		route_down tls
	done
	# a certificate that another authority signed
	sed "s|^ssl-ca=.*|ssl-ca=$MI_SANDBOX/m/tls/ca.pem|" PREFERRED.cnf >other.cnf
	sed -i 's/ssl-mode=.*/ssl-mode=VERIFY_CA/' other.cnf
	chmod 600 other.cnf
	run_exit 78 mi-route -c other.cnf -s a --users="$tls_users" --mode-file="$BATS_FILE_TMPDIR/tls/mode" \
	    --state="$PWD/state" --listen="$PWD/sock"
	contains "$stderr" "certificate"
}

@test "drivers: Python" {
	for route in my ma; do
		PORT=$(port_of $route) pymysql "$ROOT/tests/lib/route_pymysql.py"
	done
}

@test "drivers: PHP" {
	php -r 'exit(extension_loaded("mysqli") && extension_loaded("pdo_mysql") ? 0 : 1);' 2>/dev/null ||
	    skip "no PHP with mysqli here"
	for route in my ma; do
		PORT=$(port_of $route) run_ok php "$ROOT/tests/lib/route_driver.php"
		equal "$output" "ok"
	done
}

@test "drivers: Node" {
	NODE_PATH=$("$ROOT/scripts/fetch-node-driver" 2>/dev/null) || skip "no Node with mysql2 to be had here"
	export NODE_PATH
	for route in my ma; do
		PORT=$(port_of $route) run_ok node "$ROOT/tests/lib/route_driver.js"
		equal "$output" "ok"
	done
}

@test "sysbench, prepared and text" {
	for route in my ma; do
		for ps in auto disable; do
			run_ok sysbench oltp_read_write --db-driver=mysql --mysql-host=127.0.0.1 \
			    --mysql-port="$(port_of $route)" --mysql-user=app --mysql-password="$app_password" \
			    --mysql-db=app --tables=2 --table-size=500 prepare
			run_ok sysbench oltp_read_write --db-driver=mysql --mysql-host=127.0.0.1 \
			    --mysql-port="$(port_of $route)" --mysql-user=app --mysql-password="$app_password" \
			    --mysql-db=app --tables=2 --table-size=500 --threads=4 --events=200 --time=30 \
			    --db-ps-mode=$ps --mysql-ignore-errors=1213 run
			contains "$output" "transactions:                        200"
			run_ok sysbench oltp_read_write --db-driver=mysql --mysql-host=127.0.0.1 \
			    --mysql-port="$(port_of $route)" --mysql-user=app --mysql-password="$app_password" \
			    --mysql-db=app --tables=2 cleanup
		done
	done
}

@test "a dump through the router equals one of the server" {
	sql a "CREATE TABLE IF NOT EXISTS app.d (id INT PRIMARY KEY, b LONGBLOB);
		REPLACE INTO app.d VALUES (1, REPEAT(UNHEX('00FF'), 9000000)), (2, NULL), (3, '')"
	MYSQL_PWD=$app_password "$(dirname "$MYSQL")/mysqldump" --no-defaults -h127.0.0.1 -P"$my_port" -uapp \
	    --no-tablespaces --skip-dump-date --single-transaction --hex-blob --set-gtid-purged=OFF \
	    --max-allowed-packet=64M app d >through.sql
	MYSQL_PWD=$app_password "$(dirname "$MYSQL")/mysqldump" --no-defaults -h127.0.0.1 -P"$(fact a port)" -uapp \
	    --no-tablespaces --skip-dump-date --single-transaction --hex-blob --set-gtid-purged=OFF \
	    --max-allowed-packet=64M app d >direct.sql
	cmp through.sql direct.sql
	[ "$(wc -c <through.sql)" -gt 36000000 ]
}

@test "a router that is stopped lets a transaction end" {
	route_up bye -s a
	mkfifo in
	mariadb10 bye --unbuffered <in >out 2>err 3>&- 4>&- &
	local client=$!
	exec 7>in
	echo "CREATE TABLE IF NOT EXISTS bye (id INT PRIMARY KEY); BEGIN; REPLACE INTO bye VALUES (1); SELECT 'in';" >&7
	wait_until 10 grep -q in out
	kill "$bye_pid"
	wait_until 10 grep -q "stopping: 1 session" "$bye_log"
	echo "COMMIT;" >&7
	exec 7>&-
	wait $client || true
	wait_until 10 gone "$bye_pid"
	equal "$(sql a "SELECT COUNT(*) FROM app.bye")" 1
}
