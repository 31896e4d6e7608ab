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

# ---- Copies of several snapshots ----

# chunk SOURCE TARGET PART: the rows of one half of each table, as they are now, loaded as mi-load loads
# a torn copy: what is in the way gives way.
chunk() {
	local table columns lower
	while read -r table columns lower; do
		echo "SELECT CONCAT('REPLACE INTO ord.$table ($columns) VALUES (', CONCAT_WS(',', QUOTE(${columns//,/),QUOTE(})), ');')
			FROM ord.$table WHERE ($lower)=$3;"
	done <<-'EOF' | sql "$1" >chunk.sql
		un id,u,v id<15
		ci id,u,v id<'d'
		two a,b,c,d b<5
		pk id,v id<15
		pre id,t id<15
		gen id,a id<15
		nopk a,b,v b<15
		parent id,code,v id<15
		child id,p,v id<20
		child_null id,c,v id<20
		child_plain id,p id<20
		grand id,c,v id<30
		self id,up,v id<8
		self_null id,up,v id<15
	EOF
	{
		echo "SET foreign_key_checks=0;"
		cat chunk.sql
	} | sql "$2"
}

# torn SOURCE TARGET FIRST-HALF [fk]: two snapshots, changes before, between and after them.
torn() {
	local high
	fresh "$1" "$2"
	changed "$1" "$SEED" "${@:4}"
	since=$(position "$1")
	sql "$2" "SET foreign_key_checks=0; DROP DATABASE ord; CREATE DATABASE ord CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
		USE ord; $("$ROOT/tests/data/make-order" | grep -v INSERT)"
	chunk "$1" "$2" "$3"
	changed "$1" $((SEED + 1)) "${@:4}"
	high=$(position "$1")
	chunk "$1" "$2" $((1 - $3))
	changed "$1" $((SEED + 2)) "${@:4}"
	mi-binlog -q -s "$1" -d ord --import=ord --since="$since" --until="$since" |
	    mi-apply -q -s "$2" --state-db=ord --start="$since"
	sql "$2" "UPDATE ord._mi_checkpoint SET high='$high' WHERE sid=''"
	carried "$1" "$2" ord
	tables_equal "$1" "$2" ord
}

@test "torn copies: MySQL to MySQL" { torn m t 1; }
@test "torn copies: MySQL to MySQL, the other half first" { torn m t 0; }
@test "torn copies: MariaDB to MariaDB" { torn r u 1; }
@test "torn copies: MariaDB to MySQL" { torn r t 0; }
@test "torn copies: MySQL to MariaDB" { torn m u 1; }
@test "torn copies with foreign keys: MySQL, whose log has the cascades" { torn m t 0 fk; }
