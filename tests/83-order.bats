#!/usr/bin/env bats
# What depends on order, from one server's binary log into another server: values that swap through
# UNIQUE keys and primary keys, foreign keys, XA transactions, copies of several snapshots.
# SEED=n repeats a run; ROUNDS=n source transactions in each pass.
# shellcheck disable=SC2030,SC2031,SC2154

load lib/helper
load lib/server
load lib/follow

export BATS_TEST_TIMEOUT=300

setup_file() {
	servers_up m:mysql t:mysql r:mariadb u:mariadb "n:mysql --innodb-native-foreign-keys=ON"
	export SEED=${SEED:-$((RANDOM * 32768 + RANDOM))} ROUNDS=${ROUNDS:-150}
	echo "# SEED=$SEED ROUNDS=$ROUNDS" >&3
}

teardown_file() {
	servers_down
}

setup() {
	need_servers
	cd "$BATS_TEST_TMPDIR" || return
	filter=()
}

# fresh SOURCE TARGET: the same tables with the same rows on both.
fresh() {
	local server
	for server in "$@"; do
		{
			echo "SET foreign_key_checks=0; DROP DATABASE IF EXISTS ord; CREATE DATABASE ord CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; SET foreign_key_checks=1; USE ord;"
			"$ROOT/tests/data/make-order"
		} | sql "$server"
	done
	rm -f cp
	since=$(position "$1")
}

# changed SOURCE SEED [fk]: what fails, fails on the source.
changed() {
	"$ROOT/tests/data/make-order" "$2" "$ROUNDS" "${@:3}" |
	    "$ROOT/scripts/sandbox" sql "$1" --force --default-character-set=utf8mb4 \
		>/dev/null 2>errors || true
	equal "$(grep -E '^ERROR' errors | grep -vE 'ERROR (1062|1451|1452|1048|1761|1264|3008|6575)' | head -3)" ""
}

# in_order SOURCE TARGET [fk]: all together, and one by one.
in_order() {
	fresh "$1" "$2"
	changed "$1" "$SEED" "${@:3}"
	carried "$1" "$2" ord
	tables_equal "$1" "$2" ord
	changed "$1" $((SEED + 1)) "${@:3}"
	carried "$1" "$2" ord --batch=1
	tables_equal "$1" "$2" ord
}

@test "unique values, primary keys, chains: MySQL to MySQL" { in_order m t; }
@test "unique values, primary keys, chains: MySQL to MariaDB" { in_order m u; }
@test "unique values, primary keys, chains: MariaDB to MariaDB" { in_order r u; }
@test "unique values, primary keys, chains: MariaDB to MySQL" { in_order r t; }

@test "foreign keys: MySQL, whose log has the cascades, to MySQL" { in_order m t fk; }
@test "foreign keys: MySQL, whose log has the cascades, to MariaDB" { in_order m u fk; }
@test "foreign keys: MySQL, whose log has no cascades, to MySQL" { in_order n t fk; }
@test "foreign keys: MySQL, whose log has no cascades, to MariaDB" { in_order n u fk; }
@test "foreign keys: MariaDB, whose log has no cascades, to MariaDB" { in_order r u fk; }
@test "foreign keys: MariaDB, whose log has no cascades, to MySQL" { in_order r t fk; }
