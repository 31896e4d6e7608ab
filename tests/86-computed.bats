#!/usr/bin/env bats
# What the target computes of rows that are applied is what the source has stored, or the follower stops.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

PAIRS="a:b m:n a:n m:b"

fresh() { # SQL of tables in the database calc, made on $source and $target
	local server
	for server in "$source" "$target"; do
		sql "$server" "DROP DATABASE IF EXISTS calc; CREATE DATABASE calc CHARACTER SET utf8mb4; USE calc; $1"
	done
	rm -f cp
	since=$(position "$source")
}

stops() { # TEXT...: mi-apply names what differs, and goes on when it is told to
	local text
	for text in carry "$@"; do
		if [ "$text" = carry ]; then
			run_exit 65 carried "$source" "$target" calc
		else
			contains "$stderr" "$text"
		fi
	done
}

@test "a value that is computed otherwise here is named, and nothing of its transaction is there" {
	local pair source target
	for pair in $PAIRS; do
		source=${pair%:*} target=${pair#*:}
		fresh "CREATE TABLE t (a INT, id VARCHAR(9), ts TIMESTAMP NULL, d DATETIME AS (ts) STORED, PRIMARY KEY (id, a))"
		sql "$source" "INSERT INTO calc.t (a, id, ts) VALUES (1,'one','2020-01-01'),(2,'two',NULL); UPDATE calc.t SET a=7 WHERE a=2"
		carried "$source" "$target" calc
		tables_equal "$source" "$target" calc
		sql "$source" "SET time_zone='+05:00'; BEGIN; INSERT INTO calc.t (a, id, ts) VALUES (3,'x',NULL),(4,'y','2020-01-01 05:00:00'),
			(5,'z',NULL); DELETE FROM calc.t WHERE a=1; COMMIT"
		stops "table calc.t: row (id='y', a=4)" "generated column d is '2020-01-01 05:00:00' at the source, and here '2020-01-01 00:00:00'"
		equal "$(sql "$target" "SELECT COUNT(*) FROM calc.t")" 2
		carried "$source" "$target" calc --no-proof
		equal "$(sql "$target" "SELECT GROUP_CONCAT(a ORDER BY a) FROM calc.t")" 3,4,5,7
		sql "$source" "SET time_zone='+05:00'; UPDATE calc.t SET ts='2020-01-02 05:00:00' WHERE a IN (3,5)"
		stops "table calc.t: row (id='" "generated column d is '2020-01-02 05:00:00' at the source"
		carried "$source" "$target" calc --no-proof
		sql "$source" "DELETE FROM calc.t"
		carried "$source" "$target" calc
		equal "$(sql "$target" "SELECT COUNT(*) FROM calc.t")" 0
	done
}

@test "settings that no log tells: the digits of a division" {
	local source=a target=b
	fresh "CREATE TABLE t (id INT PRIMARY KEY, n INT, q DECIMAL(20,10) AS (n/3) STORED)"
	sql a "SET div_precision_increment=2; INSERT INTO calc.t (id, n) VALUES (1, 3), (2, 1)"
	stops "row (id=2)" "generated column q is '0.3300000000' at the source, and here '0.3333000000'"
}

@test "stored columns of every type, by batches, one by one, in XA transactions and large ones" {
	local pair source target i
	for pair in $PAIRS; do
		source=${pair%:*} target=${pair#*:}
		fresh "CREATE TABLE t (id INT PRIMARY KEY, n INT, s VARCHAR(50), x DOUBLE, b BLOB, dt DATETIME(6),
			g1 BIGINT UNSIGNED AS (n*2) STORED, g2 VARCHAR(90) CHARACTER SET latin1 AS (CONCAT(s,'-',n)) STORED, g3 DOUBLE AS (x/7e0) STORED,
			g4 DECIMAL(30,5) AS (n*1.5) STORED, g5 DATE AS (DATE(dt)) STORED, g6 DATETIME(6) AS (dt) STORED, g7 LONGTEXT AS (REPEAT(s,3)) STORED,
			g8 BLOB AS (UNHEX(HEX(b))) STORED, g9 VARCHAR(9) AS (NULLIF(s,'')) VIRTUAL, g10 FLOAT AS (x) STORED, g11 BINARY(4) AS (LEFT(b,2)) STORED,
			u INT AS (id+1) STORED, UNIQUE KEY (u));
			CREATE TABLE k (id INT PRIMARY KEY, g INT AS (id*2) STORED)"
		for i in 1 2 3 4 5; do
			sql "$source" "USE calc; BEGIN; INSERT INTO t (id, n, s, x, b, dt) VALUES (${i}1, $i, 'wört', 1e$i/3, X'00ff5c0a27', '2024-01-01 10:00:00.123456'),
				(${i}2, NULL, NULL, NULL, NULL, NULL), (${i}3, 0, '', 0, '', '1970-01-01'), (${i}4, 1000000, 'x''y\\\\\\\\', 1e30, REPEAT('b',5000), '9999-12-31 23:59:59');
				UPDATE t SET n=n+1, s=CONCAT(s,'z') WHERE id=${i}1; UPDATE t SET id=id+1000 WHERE id=${i}4; DELETE FROM t WHERE id=${i}3;
				INSERT INTO k (id) VALUES ($i); UPDATE k SET id=id+100 WHERE id=$i; COMMIT"
		done
		sql "$source" "USE calc; XA START 'g$i'; INSERT INTO t (id, n, x) VALUES (9000, 5, 0.1); XA END 'g$i'; XA PREPARE 'g$i'; XA COMMIT 'g$i'"
		carried "$source" "$target" calc
		tables_equal "$source" "$target" calc
		sql "$source" "USE calc; INSERT INTO k (id) WITH RECURSIVE r AS (SELECT 1000 AS n UNION ALL SELECT n+1 FROM r WHERE n<1999) SELECT n FROM r;
			UPDATE t SET x=x+1; UPDATE k SET id=id+5000"
		carried "$source" "$target" calc --batch=1
		tables_equal "$source" "$target" calc
	done
}

@test "a column that is not computed here at all, or whose expression is another" {
	local source=a target=b
	fresh "CREATE TABLE t (id INT PRIMARY KEY, n INT, g INT AS (n*2) STORED)"
	sql b "DROP TABLE calc.t; CREATE TABLE calc.t (id INT PRIMARY KEY, n INT, g INT AS (n*3) STORED)"
	sql a "INSERT INTO calc.t (id, n) VALUES (1, 0)"
	carried a b calc
	sql a "UPDATE calc.t SET n=5"
	stops "row (id=1)" "generated column g is '10' at the source, and here '15'"
}

@test "the stream holds them behind the carried ones, and what prints it shows the carried ones" {
	local source=a target=b
	fresh "CREATE TABLE t (id INT PRIMARY KEY, g INT AS (id*2) STORED, n INT)"
	sql a "INSERT INTO calc.t (id, n) VALUES (1, 7); UPDATE calc.t SET n=8; DELETE FROM calc.t"
	mi-binlog -q -s a -d calc --since="$since" --until=now >changes
	contains "$(zcat changes)" $',1,7,2\n'
	contains "$(zcat changes)" $',1,7,2,1,8,2\n'
	contains "$(zcat changes)" $',1,8,2\n'
	contains "$(mi-cat changes)" "(1, 7)"
	lacks "$(mi-cat changes)" "(1, 7, 2)"
}
