#!/usr/bin/env bats
# What depends on order, from one server's binary log into another server: values that swap through
# UNIQUE keys and primary keys, foreign keys, XA transactions, copies of several snapshots.
# SEED=n repeats a run; ROUNDS=n source transactions in each pass.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

export BATS_TEST_TIMEOUT=300

servers m:mysql t:mysql r:mariadb u:mariadb "n:mysql --innodb-native-foreign-keys=ON"

servers_ready() {
	export SEED=${SEED:-$((RANDOM * 32768 + RANDOM))} ROUNDS=${ROUNDS:-60}
	echo "# SEED=$SEED ROUNDS=$ROUNDS" >&3
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
	    stock_client "$1" --force --default-character-set=utf8mb4 \
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
# A deletion that comes round in a circle is in the log once for each way, see lib/change/deleted_twice.h.
circles() { # TARGET
	local server
	for server in m "$1"; do
		sql "$server" "SET foreign_key_checks=0; DROP DATABASE IF EXISTS ord; CREATE DATABASE ord; USE ord;
			CREATE TABLE ring (id INT PRIMARY KEY, next INT, note VARCHAR(9),
				CONSTRAINT ring_fk FOREIGN KEY (next) REFERENCES ring (id) ON DELETE CASCADE);
			CREATE TABLE yin (id INT PRIMARY KEY, yang INT, KEY (yang),
				CONSTRAINT yin_fk FOREIGN KEY (yang) REFERENCES yang (id) ON DELETE CASCADE);
			CREATE TABLE yang (id INT PRIMARY KEY, yin INT, KEY (yin),
				CONSTRAINT yang_fk FOREIGN KEY (yin) REFERENCES yin (id) ON DELETE CASCADE);
			INSERT INTO ring VALUES (1,3,'a'),(2,1,'b'),(3,2,'c'),(4,4,'self'),(5,6,'d'),(6,5,'e'),(7,NULL,'f'),(8,9,'x'),(9,8,'y');
			INSERT INTO yin VALUES (1,1),(2,3),(3,2),(4,NULL); INSERT INTO yang VALUES (1,1),(2,2),(3,3),(4,4)"
	done
	rm -f cp
	since=$(position m)
	sql m "USE ord; DELETE FROM ring WHERE id=1; DELETE FROM yin WHERE id=2; DELETE FROM ring WHERE id=4;
		BEGIN; DELETE FROM ring WHERE id=5; INSERT INTO ring VALUES (5,NULL,'new'),(6,5,'new'); UPDATE ring SET next=6 WHERE id=5;
		DELETE FROM ring WHERE id=6; INSERT INTO ring VALUES (6,NULL,'last'); COMMIT;
		DELETE FROM ring WHERE id IN (8,9); DELETE FROM yin WHERE id=1; DELETE FROM yin WHERE id=4"
	mi-binlog -q -s m -d ord --since="$since" --until=now | mi-cat | grep -c "delete 'ord'.'ring'" >deletes
	equal "$(<deletes)" 10
	carried m "$1" ord
	tables_equal m "$1" ord
	equal "$(sql "$1" "SELECT GROUP_CONCAT(id,note ORDER BY id) FROM ord.ring")" 6last,7f
}
@test "rows that refer to each other in circles: MySQL, whose log has deletions twice, to MySQL" { circles t; }
@test "rows that refer to each other in circles: MySQL, whose log has deletions twice, to MariaDB" { circles u; }

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

# ---- XA ----

# prepared SERVER XID STATEMENTS: the session ends after XA PREPARE.
prepared() {
	sql "$1" "XA START $2; $3; XA END $2; XA PREPARE $2"
}

waiting() {
	sql "$1" "SELECT COUNT(DISTINCT xid) FROM xa._mi_xa"
}

forget_prepared() {
	local format gtrid bqual data
	if [ "$1" = r ]; then
		sql r "XA RECOVER FORMAT='SQL'" | sed -E 's/^.*\t/XA ROLLBACK /; s/$/;/' | sql r
		return
	fi
	sql "$1" "XA RECOVER CONVERT XID" | while read -r format gtrid bqual data; do
		sql "$1" "XA ROLLBACK X'${data:2:2*gtrid}',X'${data:2+2*gtrid:2*bqual}',$format" </dev/null
	done
}

# Prepared before, during and after the copy; committed and rolled back after it, by another session
# and another life of the server.
xa() {
	local source=$1 target=$2 server
	export MI_IMPORT=xa
	forget_prepared "$source"
	for server in "$source" "$target"; do
		sql "$server" "DROP DATABASE IF EXISTS xa; DROP DATABASE IF EXISTS other"
	done
	sql "$source" "CREATE DATABASE xa; CREATE DATABASE other; CREATE TABLE other.t (id INT PRIMARY KEY);
		CREATE TABLE xa.t (id INT PRIMARY KEY, v INT, b LONGBLOB);
		INSERT INTO xa.t VALUES (1,1,'a'),(2,2,'b'),(3,3,'c'),(4,4,'d'),(5,5,'e'),(6,6,'f')"
	prepared "$source" "'before'" "INSERT INTO xa.t VALUES (10,10,'before'); DELETE FROM xa.t WHERE id=1"
	run_exit 75 mi-dump -s "$source" -d xa --xa-wait=0
	sql "$source" "XA COMMIT 'before'"
	mi-schema -q -s "$source" -d xa --for-server="$target" --section=pre-data >copy
	mi-dump -q -s "$source" -d xa >>copy
	prepared "$source" "'during','x',7" "UPDATE xa.t SET v=-v WHERE id IN (2,3); DELETE FROM xa.t WHERE id=10"
	prepared "$source" "X'00ff27','',3" "INSERT INTO xa.t VALUES (20,20,'undone'); DELETE FROM xa.t WHERE id=4"
	prepared "$source" "'elsewhere'" "INSERT INTO other.t VALUES (1)"
	mi-schema -q -s "$source" -d xa --for-server="$target" --section=post-data >>copy
	mi-load -q -s "$target" --checkpoint=cp <copy
	prepared "$source" "'big'" "INSERT INTO xa.t SELECT 30, 1, REPEAT(X'00275c', 2000000)"
	carried "$source" "$target" xa
	equal "$(sql "$target" "SELECT GROUP_CONCAT(id ORDER BY id) FROM xa.t")" 2,3,4,5,6,10
	equal "$(waiting "$target")" 4
	sandbox kill "$source"
	sandbox restart "$source"
	prepared "$source" "'after'" "INSERT INTO xa.t VALUES (40,40,'after')"
	sql "$source" "UPDATE xa.t SET b='plain' WHERE id=6; XA COMMIT 'during','x',7; XA COMMIT 'elsewhere'; XA COMMIT 'after'"
	prepared "$source" "'after'" "UPDATE xa.t SET id=41 WHERE id=40"
	carried "$source" "$target" xa
	equal "$(waiting "$target")" 3
	sql "$source" "XA COMMIT 'big'; XA COMMIT 'after'; XA ROLLBACK X'00ff27','',3"
	sql "$source" "XA START 'once'; INSERT INTO xa.t VALUES (50,50,'once'); XA END 'once'; XA COMMIT 'once' ONE PHASE"
	carried "$source" "$target" xa
	equal "$(waiting "$target")" 0
	tables_equal "$source" "$target" xa
	equal "$(sql "$target" "SELECT GROUP_CONCAT(id,':',v ORDER BY id) FROM xa.t")" "2:-2,3:-3,4:4,5:5,6:6,30:1,41:40,50:50"
}

@test "XA before, during and after the copy: MySQL to MySQL" { xa m t; }
@test "XA before, during and after the copy: MySQL to MariaDB" { xa m u; }
@test "XA before, during and after the copy: MariaDB to MariaDB" { xa r u; }
@test "XA before, during and after the copy: MariaDB to MySQL" { xa r t; }
