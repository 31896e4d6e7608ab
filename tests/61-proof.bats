#!/usr/bin/env bats
# What has been copied is proven as it is written: whatever changes a value without a word is found at its
# chunk, by name. A proxy (tests/lib/meddle.py) changes rows between their insertion and the reading back.
# shellcheck disable=SC2016,SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers "a:mysql --max-allowed-packet=256M" "b:mysql --max-allowed-packet=256M" \
    "m:mariadb --max-allowed-packet=256M" "n:mariadb --max-allowed-packet=256M"

servers_ready() {
	export PAIRS="a:b m:n"
	# Oracle's library of MySQL 9 has no mysql_native_password any more
	if ldd "$MI_BIN/mi-load" | grep -q libmysqlclient && ! mi-load -s m --flavour >/dev/null 2>&1; then
		PAIRS=a:b
	fi
}

test_begins() {
	local server
	for server in a b m n; do
		sql "$server" "SET foreign_key_checks=0; DROP DATABASE IF EXISTS shop"
	done
}

# whole SERVER [OPTION...]: the stream of a copy of shop.
whole() {
	local server=$1
	shift
	mi-schema -q -s "$server" -d shop --section=pre-data
	mi-dump -q -s "$server" -d shop "$@"
	mi-schema -q -s "$server" -d shop --section=post-data
}

# meddle_with TARGET PATTERN SQL [COUNT]: ${through[@]} are options that lead through the proxy.
meddle_with() {
	rm -f port
	background "$ROOT/tests/lib/meddle.py" port "$(fact "$1" port)" "$2" "$3" "${4-1}" 2>proxy.err
	proxy=$bg_pid
	wait_until 20 test -s port
	without_tls "$1"
	through=(--host=127.0.0.1 --port="$(cat port)" "${plain[@]}")
}

# found TARGET STREAM SQL TEXT...: SQL before the reading back makes mi-load exit 65 and say each TEXT, and no
# row of the chunk is there; the same stream then goes in.
found() {
	local target=$1 stream=$2 change=$3 method text
	shift 3
	for method in load-data insert; do
		sql "$target" "DROP DATABASE IF EXISTS shop"
		meddle_with "$target" 'SELECT .*FROM `shop`.`t` FORCE' "$change"
		run_exit 65 mi-load -s "$target" --method=$method "${through[@]}" <"$stream"
		for text; do contains "$stderr" "$text"; done
		equal "$(cat proxy.err)" ""
		equal "$(sql "$target" "SELECT COUNT(*) FROM shop.t")" 0
		run_ok mi-load -s "$target" --method=$method "${through[@]}" <"$stream"
		contains "$stderr" "verified: the rows of 1 tables"
		kill "$proxy"
	done
}

@test "a value changed after it was written is found, with its key, its column and both values" {
	local pair source target
	for pair in $PAIRS; do
		source=${pair%:*} target=${pair#*:}
		sql "$source" "CREATE DATABASE shop; CREATE TABLE shop.t (id int NOT NULL, b int NOT NULL, name varchar(20), d double,
		  PRIMARY KEY (id, b)) DEFAULT CHARSET=utf8mb4;
		  INSERT INTO shop.t VALUES (1,1,'one',1.5),(2,1,'two',0.1),(3,1,NULL,-0e0),(4,1,'',1e300)"
		whole "$source" >stream
		found "$target" stream "UPDATE shop.t SET name='Two' WHERE id=2" "table shop.t: row id='2', b='1': column name differs" \
		    "'two' at the source and here 'Two'"
		found "$target" stream "UPDATE shop.t SET name='' WHERE id=3" "row id='3'" "NULL at the source and here ''"
		found "$target" stream "UPDATE shop.t SET name=NULL WHERE id=4" "row id='4'" "'' at the source and here NULL"
		found "$target" stream "UPDATE shop.t SET d=0.10000000000000002 WHERE id=2" "column d differs" \
		    "'0.1' at the source and here '0.10000000000000002'"
		found "$target" stream "UPDATE shop.t SET id=id+10 WHERE id=4" "row id='4', b='1' was written and cannot be read back"
		found "$target" stream "DELETE FROM shop.t WHERE id=1" "row id='1', b='1' was written and cannot be read back"
		found "$target" stream "INSERT INTO shop.t VALUES (7,1,'more',0)" "a key range of 4 rows has 5 here" "somebody else"
		found "$target" stream "UPDATE shop.t SET name=IF(id=1,'two',IF(id=2,'one',name))" "row id='1'" "'one' at the source and here 'two'"
	done
}

@test "one flipped bit in a blob of 64 MiB" {
	local pair source target
	for pair in $PAIRS; do
		source=${pair%:*} target=${pair#*:}
		sql "$source" "CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, b longblob);
		  INSERT INTO shop.t VALUES (1, REPEAT(X'00ff5c0a', 16777216)), (2, 'short')"
		whole "$source" >stream
		sql "$target" "DROP DATABASE IF EXISTS shop"
		meddle_with "$target" 'SELECT .*FROM `shop`.`t` FORCE' "UPDATE shop.t SET b=INSERT(b, 50000001, 1, X'01') WHERE id=1"
		run_exit 65 mi-load -s "$target" --threads=1 "${through[@]}" <stream
		contains "$stderr" "table shop.t: row id='1': column b differs, (67108864 bytes there, 67108864 here, from byte 50000000 on)"
		equal "$(cat proxy.err)" ""
		kill "$proxy"
		equal "$(sql "$target" "SELECT COUNT(*) FROM shop.t")" 0
	done
}

@test "generated columns: what the server computes otherwise is found, stored or virtual" {
	local pair source target kind
	for pair in $PAIRS; do
		source=${pair%:*} target=${pair#*:}
		for kind in STORED VIRTUAL; do
			sql "$source" "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop;
			  CREATE TABLE shop.t (id int PRIMARY KEY, x int, g bigint AS (x * 2) $kind, KEY (g));
			  INSERT INTO shop.t (id, x) VALUES (1, 10), (2, 20)"
			whole "$source" >stream
			# the target's definition is another one, which only its values show
			sql "$target" "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop;
			  CREATE TABLE shop.t (id int PRIMARY KEY, x int, g bigint AS (x * 3) $kind, KEY (g))"
			mi-dump -q -s "$source" -d shop >rows
			run_exit 65 mi-load -s "$target" <rows
			contains "$stderr" "row id='1': column g differs, '20' at the source and here '30'"
			equal "$(sql "$target" "SELECT COUNT(*) FROM shop.t")" 0
			run_ok mi-load -s "$target" --no-proof <rows
			contains "$stderr" "not verified: table shop.t and others, by --no-proof"
			sql "$target" "DROP DATABASE shop"
			run_ok mi-load -s "$target" <stream
			equal "$(sql "$target" "SELECT GROUP_CONCAT(g ORDER BY id) FROM shop.t")" 20,40
		done
	done
}

@test "a stored column that depends on the time zone is refused by name" {
	local pair source target
	for pair in $PAIRS; do
		source=${pair%:*} target=${pair#*:}
		sql "$source" "CREATE DATABASE shop; SET time_zone='+05:00';
		  CREATE TABLE shop.t (id int PRIMARY KEY, ts timestamp NULL, at datetime AS (ts) STORED);
		  INSERT INTO shop.t (id, ts) VALUES (1, '1970-01-02 05:00:00')"
		whole "$source" >stream
		sql "$target" "DROP DATABASE IF EXISTS shop"
		run_exit 65 mi-load -s "$target" <stream
		contains "$stderr" "row id='1': column at differs, '1970-01-02 05:00:00' at the source and here '1970-01-02 00:00:00'"
	done
}

@test "tables whose chunks no key leads to are proven whole, before they count as complete" {
	local pair source target define
	for pair in $PAIRS; do
		source=${pair%:*} target=${pair#*:}
		for define in "id int, name varchar(20)" "id int NOT NULL, name varchar(20), UNIQUE KEY u (id)" \
		    "id enum('x','1','2','3') NOT NULL PRIMARY KEY, name varchar(20)" "id float NOT NULL PRIMARY KEY, name varchar(20)" \
		    "id int NOT NULL, name varchar(20) NOT NULL, UNIQUE KEY a (name), UNIQUE KEY u (id) $([ "$source" = a ] && echo INVISIBLE || echo IGNORED)"; do
			sql "$source" "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; CREATE TABLE shop.t ($define);
			  INSERT INTO shop.t VALUES ('1','one'),('2','two'),('3','three')"
			whole "$source" --chunk-size=1k >stream
			sql "$target" "DROP DATABASE IF EXISTS shop"
			run_ok mi-load -s "$target" <stream
			contains "$stderr" "verified: the rows of 1 tables, 3 in this run"
			sql "$target" "DROP DATABASE shop"
			meddle_with "$target" 'SELECT .*`name` FROM `shop`.`t`( FORCE|$)' "UPDATE shop.t SET name='TWO' WHERE name='two'" 9
			run_exit 65 mi-load -s "$target" --threads=1 "${through[@]}" <stream
			[[ $stderr == *"its 3 rows here are not the 3 that were copied"* || $stderr == *"column name differs, 'two' at the source and here 'TWO'"* ]] ||
				fail "$stderr"
			equal "$(cat proxy.err)" ""
			kill "$proxy"
			lacks "$(mi-load -s "$target" --done)" $'\tdone'
		done
	done
}

@test "a resumed copy proves what earlier runs have left" {
	local pair source target
	for pair in $PAIRS; do
		source=${pair%:*} target=${pair#*:}
		sql "$source" "CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, name varchar(100)); INSERT INTO shop.t
		  WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i+1 FROM n WHERE i<500) SELECT i, REPEAT('x',50) FROM n"
		sql "$target" "DROP DATABASE IF EXISTS shop"
		whole "$source" --chunk-size=4k --threads=1 >stream
		head -c "$(($(stat -c %s stream) * 3 / 4))" stream >torn
		run_exit 65 mi-load -s "$target" <torn
		mi-load -s "$target" --done >finished
		contains "$(cat finished)" $'shop\tt\t0\t'
		contains "$(cat finished)" verified
		again() {
			mi-schema -q -s "$source" -d shop --section=pre-data --unique=before
			mi-dump -q -s "$source" -d shop --skip=finished
			mi-schema -q -s "$source" -d shop --section=post-data --unique=before
		}
		again >rest
		sql "$target" "UPDATE shop.t SET name=CONCAT('y', SUBSTR(name, 2)) WHERE id=7"
		run_exit 65 mi-load -s "$target" <rest
		contains "$stderr" "table shop.t: its"
		contains "$stderr" "rows with keys after '' to"
		contains "$stderr" "that were copied"
		sql "$target" "UPDATE shop.t SET name=REPEAT('x',50) WHERE id=7"
		run_ok mi-load -s "$target" <rest
		contains "$stderr" "verified: the rows of 1 tables"
		equal "$(mi-load -s "$target" --done)" "$(printf 'shop\tt\tdone\tverified')"
		tables_equal "$source" "$target" shop
		sql "$target" "DELETE FROM shop.t WHERE id=9"
		run_exit 65 mi-load -s "$target" <rest
		contains "$stderr" "that were copied"
	done
}

@test "a resumed copy to another flavour, and one of a table in parts: what comes now is proven, what was there too where it can be" {
	[[ $PAIRS == *m* ]] || skip "this client library cannot log in to MariaDB"
	sql a "CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; CREATE TABLE shop.t (id varchar(10) PRIMARY KEY, name varchar(100)); INSERT INTO shop.t
	  WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i+1 FROM n WHERE i<500) SELECT i, REPEAT('x',50) FROM n"
	whole a --chunk-size=4k --threads=1 >stream
	sql n "DROP DATABASE IF EXISTS shop"
	head -c "$(($(stat -c %s stream) * 3 / 4))" stream >torn
	run_exit 65 mi-load -s n <torn
	mi-load -s n --done >finished
	sql a "UPDATE shop.t SET name='y' WHERE id='1'" # another snapshot
	{
		mi-schema -q -s a -d shop --section=pre-data --unique=before
		mi-dump -q -s a -d shop --skip=finished
		mi-schema -q -s a -d shop --section=post-data --unique=before
	} >rest
	meddle_with n 'SELECT .*FROM `shop`.`t` FORCE' "UPDATE shop.t SET name='z'"
	run_exit 65 mi-load -s n --threads=1 "${through[@]}" <rest
	contains "$stderr" "column name differs"
	kill "$proxy"
	run_ok mi-load -s n <rest
	contains "$stderr" "not verified: table shop.t"

	sql a "DROP TABLE shop.t; CREATE TABLE shop.t (id double PRIMARY KEY, name varchar(100)); INSERT INTO shop.t
	  WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i+1 FROM n WHERE i<500) SELECT i, REPEAT('x',50) FROM n"
	whole a --chunk-size=4k >stream
	sql b "DROP DATABASE IF EXISTS shop"
	head -c "$(($(stat -c %s stream) * 3 / 4))" stream >torn
	run_exit 65 mi-load -s b <torn
	sql b "UPDATE shop.t SET name='z' WHERE id=1"
	run_exit 65 mi-load -s b <stream
	contains "$stderr" "are not the 500 that were copied"
	sql b "UPDATE shop.t SET name=REPEAT('x',50) WHERE id=1"
	run_ok mi-load -s b <stream
	contains "$stderr" "verified: the rows of 1 tables"
}

@test "among rows of others each chunk is proven, and running it again does not trip over them" {
	sql a "CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, name varchar(20)); INSERT INTO shop.t VALUES (1,'one'),(9,'nine')"
	whole a >stream
	sql b "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, name varchar(20)); INSERT INTO shop.t VALUES (5,'theirs')"
	meddle_with b 'SELECT .*FROM `shop`.`t` FORCE' "UPDATE shop.t SET name='ONE' WHERE id=1"
	run_exit 65 mi-load -s b --into-existing "${through[@]}" <stream
	contains "$stderr" "'one' at the source and here 'ONE'"
	kill "$proxy"
	run_ok mi-load -s b --into-existing <stream
	contains "$stderr" "verified: the rows of 1 tables"
	run_ok mi-load -s b --into-existing <stream
	run_ok mi-load -s b <stream
	equal "$(sql b "SELECT GROUP_CONCAT(name ORDER BY id) FROM shop.t")" one,theirs,nine
}

@test "streams without proofs are proven by their rows; nothing is read back with --no-proof" {
	sql a "CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, name varchar(20)); INSERT INTO shop.t VALUES (1,'one')"
	whole a --no-proof >stream
	lacks "$(mi-cat <stream)" proof
	found b stream "UPDATE shop.t SET name='ONE'" "'one' at the source and here 'ONE'"
	sql b "DROP DATABASE shop"
	meddle_with b 'SELECT .*FROM `shop`.`t` FORCE' "UPDATE shop.t SET name='ONE'"
	run_ok mi-load -s b --no-proof "${through[@]}" <stream
	equal "$(sql b "SELECT name FROM shop.t")" one
	equal "$(mi-load -s b --done)" "$(printf 'shop\tt\tdone')"
	kill "$proxy"
}
