#!/usr/bin/env bats
# mi-route lists, while the source serves, what the clients' statements use and the target lacks.
# shellcheck disable=SC2030,SC2031,SC2016

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/route.bash"

export am_port am_pid am_control ma_port ma_pid ma_control late_port late_pid late_control alone_port alone_pid alone_control # by route_up

servers "a:mysql --log-bin-trust-function-creators=1" "m:mariadb --log-bin-trust-function-creators=1" late:mariadb

servers_ready() {
	local s
	servers_app a m
	export APP_PASSWORD=$app_password PYTHONPATH=$ROOT/tests/lib
	MYSQL=$(fetch-mysql)/bin/mysql
	export MYSQL
	for s in a m; do
		sql $s "CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(80)) CHARSET utf8mb4;
			CREATE FUNCTION app.own(n INT) RETURNS INT DETERMINISTIC RETURN n"
	done
	sql m "CREATE SEQUENCE app.numbers"
	cd "$BATS_FILE_TMPDIR" || return
	route_up am -s a -t m
	route_up ma -s m -t a
}

teardown_file() {
	local name pid
	for name in am ma late alone; do
		pid=${name}_pid
		[ -z "${!pid-}" ] || route_down $name
	done
	servers_down
}

# client NAME SQL [OPTION...]: the stock client of MySQL.
client() {
	local port=$1_port
	MYSQL_PWD=$app_password "$MYSQL" --no-defaults -h127.0.0.1 -P"${!port}" -uapp -N \
	    --default-character-set=utf8mb4 "${@:3}" -e "$2" app
}

# prepare NAME SQL: by the protocol's own command.
prepare() {
	local port=$1_port
	PORT=${!port} SQL=$2 run_ok python3 - <<-'END'
		import os
		from wire import Client
		c = Client(os.environ['PORT'])
		assert c.login()[0] == 0
		assert isinstance(c.prepare(os.environ['SQL'].encode()), int)
	END
}

list() {
	local control=$1_control
	mi-route --tell="${!control}" lacking
}

has_line() { # NAME LINE
	list "$1" | grep -qxF -- "$2"
}

# What comes behind others has been asked about when this is listed.
settled() { # NAME
	local name=$1 mark=mark$RANDOM$RANDOM call
	case $name in ma) call="NVL(1, 2)" ;; *) call="UUID_TO_BIN(UUID())" ;; esac
	client "$name" "SELECT $call AS $mark" >/dev/null
	wait_until 20 eval "list $name | grep -q $mark"
}

status() { # NAME KEY
	local control=$1_control
	mi-route --tell="${!control}" status | awk -v key="$2" '$1 == key { print $2 }'
}

@test "MySQL to MariaDB: functions, reserved words and forms of text and prepared statements" {
	for n in 1 2 3; do
		client am "SELECT JSON_STORAGE_SIZE('{\"secret\": $n}')"
	done
	client am "SELECT v AS returning FROM t WHERE id=4711"
	client am "SELECT v->'\$.hidden' FROM t"
	client am "SET NAMES utf8mb4 COLLATE utf8mb4_0900_as_ci"
	prepare am "SELECT UUID_TO_BIN(?), json_storage_free(?)"
	settled am
	has_line am '3 1305 JSON_STORAGE_SIZE SELECT JSON_STORAGE_SIZE(?)'
	has_line am '1 1064 returning SELECT v AS returning FROM t WHERE id=?'
	list am | grep -qE '^1 1064 - SELECT v->\? FROM t$'
	list am | grep -qE '^1 1273 - SET NAMES utf8mb4 COLLATE utf8mb4_0900_as_ci$'
	has_line am '1 1305 UUID_TO_BIN SELECT UUID_TO_BIN(?), json_storage_free(?)'
	has_line am '1 1305 json_storage_free SELECT UUID_TO_BIN(?), json_storage_free(?)'
	am_list=$(list am)
	lacks "$am_list" secret
	lacks "$am_list" 4711
	lacks "$am_list" hidden
	equal "$(status am lacking)" "$(($(grep -c . <<<"$am_list") - 1))"
	contains "$(mi-route --tell="$am_control" metrics)" "mi_route_lacking $(status am lacking)"
}

@test "MariaDB to MySQL: functions, reserved words and forms of text and prepared statements" {
	client ma "SELECT NVL(v, 'secret') FROM t"
	client ma "SELECT 1 AS rank"
	client ma "DELETE FROM t WHERE id=-4711 RETURNING id"
	client ma "SET STATEMENT max_statement_time=5 FOR SELECT COUNT(*) FROM t"
	client ma "SELECT NEXTVAL(numbers)"
	prepare ma "INSERT INTO t VALUES (?, ?) RETURNING id, v"
	settled ma
	has_line ma '1 1305 NVL SELECT NVL(v, ?) FROM t'
	has_line ma '1 1064 rank SELECT ? AS rank'
	has_line ma '1 1064 RETURNING DELETE FROM t WHERE id=-? RETURNING id'
	list ma | grep -qE '^1 1064 [A-Za-z_]+ SET STATEMENT max_statement_time=\? FOR SELECT COUNT\(\*\) FROM t$'
	has_line ma '1 1305 NEXTVAL SELECT NEXTVAL(numbers)'
	has_line ma '1 1064 RETURNING INSERT INTO t VALUES (?) RETURNING id, v'
	ma_list=$(list ma)
	lacks "$ma_list" secret
	lacks "$ma_list" 4711
}

@test "what both have or both lack, what the source refuses, and the application's own are not listed" {
	local before
	settled am
	before=$(status am lacking)
	client am "SELECT COUNT(*), own(3), app.own(4), LEFT(v, 2) FROM t GROUP BY v"
	client am "INSERT INTO t VALUES (1, 'é'), (2, 'x') ON DUPLICATE KEY UPDATE v=VALUES(v)"
	client am "SELECT NVL(1, 2)" || true
	client am "SELEC v FROM t" || true
	client am "SELECT v FROM nowhere" || true
	client am "SELECT 1 INTO @x; SHOW TABLES; BEGIN; COMMIT"
	client am "CREATE TABLE IF NOT EXISTS made (id INT); DROP TABLE made"
	client am "SELECT /*!99999 NVL(1, 2), */ 1; SELECT 'JSON_STORAGE_SIZE(1)' -- JSON_STORAGE_SIZE(2)"
	# as the session reads it, and no other way
	client am 'SET sql_mode="ANSI_QUOTES"; SELECT "v" FROM t WHERE "v"=3'
	client am 'SET sql_mode="NO_BACKSLASH_ESCAPES"; SELECT "\"'
	client am "SET NAMES latin1; SELECT '$(printf '\xe9\xff')'" --default-character-set=latin1
	client am "SET NAMES sjis; SELECT '$(printf '\x95\x5c')'"
	# what the application needs was made on the target
	sql m "CREATE FUNCTION app.is_uuid(u TEXT) RETURNS INT DETERMINISTIC RETURN u LIKE '%-%-%-%-%'"
	client am "SELECT IS_UUID('x')"
	settled am
	equal "$(status am lacking)" $((before + 1))
}

@test "a session's sql_mode and character set are read as the session does" {
	client am 'SET sql_mode="ANSI_QUOTES"; SELECT JSON_STORAGE_SIZE("v") FROM t AS "named so" WHERE 1=0'
	client am "SET NAMES latin1; SELECT JSON_STORAGE_SIZE(v) FROM t WHERE 1=0 AND v='$(printf '\xe9')'" --default-character-set=latin1
	settled am
	has_line am '1 1305 JSON_STORAGE_SIZE SELECT JSON_STORAGE_SIZE("v") FROM t AS "named so" WHERE ?=?'
	has_line am '1 1305 JSON_STORAGE_SIZE SELECT JSON_STORAGE_SIZE(v) FROM t WHERE ?=? AND v=?'
}

@test "passwords are not sent to the target" {
	sql m "SET GLOBAL general_log=1, GLOBAL log_output='TABLE'"
	sql a "GRANT CREATE USER ON *.* TO app@'%'"
	client am "CREATE USER gone IDENTIFIED BY 'hush-hush'; DROP USER gone"
	client am "CREATE USER gone2 IDENTIFIED BY 'hush-hush'"
	client am "DROP USER gone2"
	settled am
	sql m "SET GLOBAL general_log=0"
	equal "$(sql m "SELECT COUNT(*) > 0, SUM(argument LIKE '%hush%') FROM mysql.general_log")" $'1\t0'
}

@test "a target that is down, then up; one that hangs when the router stops" {
	local begin pid
	scripts=$ROOT/scripts
	pid=$(fact late pid)
	"$scripts/sandbox" stop late
	route_up late -s a -t late
	client late "SELECT JSON_STORAGE_SIZE('[1]')" >/dev/null
	client late "SELECT JSON_STORAGE_SIZE('[2]')" >/dev/null
	equal "$(status late lacking)" 0
	"$scripts/sandbox" restart late
	wait_until 20 has_line late '2 1305 JSON_STORAGE_SIZE SELECT JSON_STORAGE_SIZE(?)'
	pid=$(fact late pid)
	kill -STOP "$pid"
	client late "SELECT JSON_STORAGE_SIZE(v) FROM t WHERE 1=0" >/dev/null
	begin=$SECONDS
	route_down late
	kill -CONT "$pid"
	[ $((SECONDS - begin)) -le 5 ] || fail "it has waited for the target: $((SECONDS - begin)) s"
	unset late_pid
}

@test "no target: nothing to lack" {
	route_up alone -s a
	client alone "SELECT JSON_STORAGE_SIZE('[1]')" >/dev/null
	equal "$(status alone lacking)" 0
	equal "$(list alone)" ok
}
