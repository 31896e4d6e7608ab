#!/usr/bin/env bats
# Definitions in the log: what they are about is decided by the objects that they name, and those that are applied run
# in the context of their event, as on a replica.
# shellcheck disable=SC2030,SC2031,SC2016,SC2086

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

servers a:mysql b:mysql m:mariadb n:mariadb "l:mariadb --lower-case-table-names=1"

# The log names its columns, so that it can be read after all of its definitions have been made.
servers_ready() {
	local server
	for server in a m l; do sql "$server" "SET GLOBAL binlog_row_metadata=FULL"; done
}

# pairs TEST: TEST SOURCE TARGET for both flavours.
pairs() {
	"$1" a b
	"$1" m n
}

# Databases shop (followed), xa and elsewhere (not), on both servers.
databases() { # SOURCE TARGET
	local server
	for server; do
		sql "$server" "DROP DATABASE IF EXISTS xa; DROP DATABASE IF EXISTS elsewhere; DROP DATABASE IF EXISTS shop;
			CREATE DATABASE shop; CREATE DATABASE xa; CREATE DATABASE elsewhere;
			CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO shop.t VALUES (1, 'a'), (2, 'b');
			CREATE TABLE shop.u LIKE shop.t; INSERT INTO shop.u SELECT * FROM shop.t;
			CREATE TABLE shop.sess LIKE shop.t; INSERT INTO shop.sess SELECT * FROM shop.t;
			CREATE TABLE xa.sess LIKE shop.t; INSERT INTO xa.sess SELECT * FROM shop.t;
			CREATE TABLE xa.t LIKE shop.t; INSERT INTO xa.t SELECT * FROM shop.t;
			CREATE TABLE elsewhere.own LIKE shop.t; INSERT INTO elsewhere.own SELECT * FROM shop.t;
			CREATE TABLE elsewhere.shop LIKE shop.t; CREATE TABLE elsewhere.gone LIKE shop.t"
	done
	filter=(-X '*.sess')
	rm -f cp
	since=$(position "$1")
}

# All that a server has in the three databases, in one text.
all_of() { # SERVER
	local db table
	for db in shop xa elsewhere; do
		definitions_of "$1" $db
		for table in $(sql "$1" "SELECT table_name FROM information_schema.tables WHERE table_schema = '$db'
			AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_mi\\_%' ORDER BY 1"); do
			echo "$db.$table"
			sql "$1" "SELECT * FROM $db.$table"
		done
	done
}

@test "what is not followed is not touched, whatever the default database and --on-ddl" {
	one() {
		local action
		for action in stop skip apply; do
			databases $1 $2
			all_of $2 >before
			sql $1 "USE shop; TRUNCATE xa.sess; TRUNCATE sess; DROP TABLE elsewhere.gone; ALTER TABLE sess ADD shop INT;
				RENAME TABLE elsewhere.own TO elsewhere.shop2, sess TO xa.sess2; CREATE INDEX shop ON elsewhere.shop (v);
				CREATE TABLE xa.n LIKE t; CREATE VIEW elsewhere.v AS SELECT * FROM shop.t; DROP VIEW elsewhere.v;
				CREATE TRIGGER elsewhere.tr BEFORE INSERT ON elsewhere.shop FOR EACH ROW SET @shop = 1;
				CREATE PROCEDURE xa.shop() DELETE FROM shop.t; DROP PROCEDURE xa.shop;
				CREATE TABLE xa.child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES shop.t (id))"
			sql $1 "USE xa; TRUNCATE t; TRUNCATE elsewhere.shop; DROP TABLE t; ALTER TABLE elsewhere.shop2 RENAME t;
				CREATE TABLE shop (a INT) COMMENT 'shop.t'; DROP TABLE shop; DROP DATABASE elsewhere"
			carried $1 $2 shop --on-ddl=$action
			all_of $2 | diff before -
			mi-gtid equal @cp "$(position $1)"
		done
	}
	pairs one
}

@test "what is followed is, whatever the default database: applied, or an honest stop" {
	one() {
		local action
		for action in stop skip; do
			databases $1 $2
			sql $1 "USE xa; DROP TABLE shop.u"
			run carried $1 $2 shop --on-ddl=$action
			equal "$status" 65
			contains "$output" "DROP TABLE"
			mi-gtid equal @cp "$since"
		done
		databases $1 $2
		# a database that the target has not at all
		sql $1 "CREATE DATABASE IF NOT EXISTS alone"
		sql $1 "USE alone; ALTER TABLE shop.t ADD c INT DEFAULT 7; TRUNCATE TABLE shop.u; INSERT INTO shop.u VALUES (9, 'z');
			CREATE TABLE shop.w LIKE shop.t; CREATE INDEX i ON shop.t (v); CREATE VIEW shop.v AS SELECT v FROM shop.t;
			RENAME TABLE shop.w TO shop.x; ALTER TABLE shop.x RENAME shop.y; ALTER TABLE shop.y DROP c"
		sql $1 "USE alone; CREATE TABLE gone (a INT); DROP DATABASE alone"
		carried $1 $2 shop --on-ddl=apply
		definitions_equal $1 $2 shop
		tables_equal $1 $2 shop
		mi-gtid equal @cp "$(position $1)"
	}
	pairs one
}

@test "a statement about both: the followed part where there is one, else a stop that names the other" {
	one() {
		local text other
		databases $1 $2
		all_of $2 >before
		sql $1 "USE shop; DROP TABLE IF EXISTS xa.t, u, /* a comment */ elsewhere.own, sess;
			RENAME TABLE elsewhere.gone TO elsewhere.gone2, t TO shop.t2, xa.sess TO xa.t; ALTER TABLE t2 ADD c INT"
		sql $1 "CREATE VIEW shop.v AS SELECT 1 AS a; CREATE VIEW xa.v AS SELECT 1 AS a; DROP VIEW xa.v, shop.v"
		carried $1 $2 shop --on-ddl=apply
		equal "$(sql $2 "SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop' AND table_name NOT LIKE '\\_mi%' ORDER BY 1" | xargs)" "sess t2"
		diff <(sed -n '/^xa/,$p' before) <(all_of $2 | sed -n '/^xa/,$p')
		while IFS=/ read -r text other; do
			databases $1 $2
			sql $1 "USE shop; $text"
			run carried $1 $2 shop --on-ddl=apply
			equal "$status" 65 "$output"
			contains "$output" "$other, which is not followed"
			mi-gtid equal @cp "$since"
		done <<-'END'
			RENAME TABLE t TO xa.t9/xa.t9
			RENAME TABLE elsewhere.own TO own/elsewhere.own
			ALTER TABLE t RENAME sess9, RENAME xa.q/xa.q
			CREATE TABLE n LIKE xa.sess/xa.sess
			CREATE TABLE n (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES sess (id))/shop.sess
			DROP DATABASE shop; CREATE DATABASE shop/a part of shop
		END
	}
	pairs one
}

@test "names that differ in case alone, where the source takes them for one" {
	local action
	for action in skip apply; do
		databases l n
		filter=(-X 'Shop.SESS')
		all_of n >before
		sql l "USE XA; TRUNCATE Sess; TRUNCATE Elsewhere.OWN; DROP TABLE SHOP.SESS"
		carried l n shop --on-ddl=$action
		all_of n | diff before -
		sql l "USE XA; TRUNCATE SHOP.T"
		carried l n shop --on-ddl=$action
		equal "$(sql n "SELECT COUNT(*) FROM shop.t")" 0
	done
}

@test "names in another character set, and in double quotes" {
	one() {
		databases $1 $2
		for server; do sql $server "CREATE TABLE shop.\`tä\` LIKE shop.t; INSERT INTO shop.\`tä\` SELECT * FROM shop.t;
			CREATE TABLE shop.\`xä\` LIKE shop.t; INSERT INTO shop.\`xä\` SELECT * FROM shop.t"; done
		since=$(position $1)
		filter=(-X 'shop.xä')
		printf 'SET NAMES latin1; USE shop; TRUNCATE x\344; TRUNCATE TABLE `t\344`; ALTER TABLE t\344 ADD `\374` INT; ALTER TABLE x\344 ADD `\374` INT' | sql $1
		sql $1 "SET sql_mode='ANSI_QUOTES'; USE shop; TRUNCATE \"u\"; ALTER TABLE \"t\" ADD \"a b\" INT; DROP TABLE \"xa\".\"t\""
		carried $1 $2 shop --on-ddl=apply
		equal "$(sql $2 "SELECT COUNT(*) FROM shop.\`tä\` UNION ALL SELECT COUNT(*) FROM shop.\`xä\` UNION ALL SELECT COUNT(*) FROM xa.t UNION ALL SELECT COUNT(*) FROM shop.u" | xargs)" "0 2 2 0"
		sql $1 "DROP TABLE shop.\`xä\`"
		sql $2 "DROP TABLE shop.\`xä\`"
		definitions_equal $1 $2 shop
	}
	pairs one
}

@test "CREATE TABLE ... SELECT: the definition and its rows, whenever mi-apply dies in between" {
	one() {
		databases $1 $2
		sql $1 "USE shop; CREATE TABLE c1 SELECT * FROM t; CREATE TABLE c2 (k INT AUTO_INCREMENT PRIMARY KEY) AS SELECT v FROM t;
			CREATE TABLE c3 AS SELECT id FROM t WHERE FALSE; CREATE TABLE xa.c4 AS SELECT * FROM t"
		mi-binlog -q -s $1 -d shop --import=shop --since="$since" --until=now >events
		# the position cannot move: it dies with the table made, and without its rows
		run_exit 65 mi-apply -q -s $2 --state-db=shop --start="$since" --checkpoint=cp <events
		sql $2 "CREATE TRIGGER shop.stop BEFORE UPDATE ON shop._mi_checkpoint FOR EACH ROW
			SET NEW.state=IF(NEW.intent IS NULL AND OLD.intent IS NOT NULL, REPEAT('x',99), NEW.state)"
		run_exit 65 mi-apply -q -s $2 --state-db=shop --checkpoint=cp --on-ddl=apply <events
		equal "$(sql $2 "SELECT COUNT(*) FROM shop.c1")" 0
		mi-gtid equal @cp "$since"
		sql $2 "DROP TRIGGER shop.stop"
		run_ok mi-apply -q -s $2 --state-db=shop --checkpoint=cp --on-ddl=apply <events
		equal "$(sql $2 "SELECT COALESCE(intent, 'none') FROM shop._mi_checkpoint WHERE sid=''")" none
		definitions_equal $1 $2 shop
		tables_equal $1 $2 shop
		mi-gtid equal @cp "$(position $1)"
		# a table without a key takes no more rows than those
		sql $1 "INSERT INTO shop.c1 VALUES (3, 'c')"
		run carried $1 $2 shop --on-ddl=apply
		equal "$status" 65
		contains "$output" "cannot be told apart"
	}
	pairs one
}

@test "CREATE TABLE ... SELECT of more than memory keeps" {
	one() {
		databases $1 $2
		local depth=cte_max_recursion_depth
		[ "$1" = a ] || depth=max_recursive_iterations
		sql $1 "SET $depth=100000; USE shop; CREATE TABLE big AS WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
			SELECT i, REPEAT('x', 2500) AS x FROM n"
		carried $1 $2 shop --on-ddl=apply
		tables_equal $1 $2 shop
		equal "$(sql $2 "SELECT COUNT(*) FROM shop.big")" "$(sql $1 "SELECT COUNT(*) FROM shop.big")"
		equal "$(sql $2 "SELECT COALESCE(intent, 'none') FROM shop._mi_checkpoint WHERE sid=''")" none
	}
	pairs one
}

@test "CREATE TABLE ... SELECT stops by default; with the table made by hand, skip takes its rows" {
	one() {
		databases $1 $2
		sql $1 "CREATE TABLE shop.c (PRIMARY KEY (id)) AS SELECT id, v FROM shop.t"
		run carried $1 $2 shop
		equal "$status" 65
		contains "$output" 'CREATE TABLE `shop`.`c`'
		lacks "$output" "START TRANSACTION"
		sql $2 "CREATE TABLE shop.c LIKE shop.t; ALTER TABLE shop.c MODIFY id INT NOT NULL"
		carried $1 $2 shop --on-ddl=skip
		tables_equal $1 $2 shop
	}
	pairs one
}

@test "triggers of what is followed are left out, whatever is said; what they do is in the log" {
	one() {
		local action
		for action in stop skip apply; do
			databases $1 $2
			sql $1 "CREATE TRIGGER shop.copy AFTER INSERT ON shop.t FOR EACH ROW REPLACE INTO shop.u VALUES (NEW.id, NEW.v);
				INSERT INTO shop.t VALUES (7, 'seven'); USE xa; DROP TRIGGER shop.copy; INSERT INTO shop.t VALUES (8, 'eight')"
			run_ok carried $1 $2 shop --on-ddl=$action
			contains "$stderr" "left out"
			tables_equal $1 $2 shop
			mi-gtid equal @cp "$(position $1)"
		done
	}
	pairs one
}
