#!/usr/bin/env bats
# Definitions that need one another, that cannot be made, or that want a setting: views and what they call and read,
# events whose time has passed, foreign keys to keys that are not UNIQUE, columns whose expression only warns. Between
# all pairs of flavours.
# shellcheck disable=SC2016,SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

pairs=("a b" "m n" "a n" "m b")

test_begins() {
	local server db
	for server in a b m n; do
		for db in shop far; do sql "$server" "DROP DATABASE IF EXISTS $db"; done
	done
}

copy() {
	"$ROOT/pipelines/copy" "$@"
}

# mi-schema and mi-load alone, in one pipe: FROM TO OPTION...
pipe() {
	local from=$1 to=$2 codes
	shift 2
	{
		mi-schema -q -s "$from" --for-server="$to" --section=pre-data "$@" &&
			mi-dump -q -s "$from" "$@" &&
			mi-schema -q -s "$from" --for-server="$to" --section=post-data "$@"
	} | mi-load -s "$to"
	codes=("${PIPESTATUS[@]}")
	return "${codes[1]}"
}

names() { # SERVER KIND: the names of shop's objects in one line
	case $2 in
	view) sql "$1" "SELECT GROUP_CONCAT(table_name ORDER BY table_name) FROM information_schema.views WHERE table_schema='shop'" ;;
	routine) sql "$1" "SELECT GROUP_CONCAT(routine_name ORDER BY routine_name) FROM information_schema.routines WHERE routine_schema='shop'" ;;
	trigger) sql "$1" "SELECT GROUP_CONCAT(trigger_name ORDER BY trigger_name) FROM information_schema.triggers WHERE trigger_schema='shop'" ;;
	event) sql "$1" "SELECT GROUP_CONCAT(event_name ORDER BY event_name) FROM information_schema.events WHERE event_schema='shop'" ;;
	key) sql "$1" "SELECT GROUP_CONCAT(constraint_name ORDER BY constraint_name) FROM information_schema.table_constraints WHERE constraint_schema='shop' AND constraint_type='FOREIGN KEY'" ;;
	esac
}

# ---- What needs what ----

# Names are against the order in which things are needed.
entangled() { # SERVER
	sql "$1" "CREATE DATABASE shop; USE shop;
		CREATE TABLE t (id int PRIMARY KEY, j varchar(30), d date); INSERT INTO t VALUES (1, 'xax', '2026-01-02'), (2, 'b', NULL);
		CREATE FUNCTION zz(x int) RETURNS int DETERMINISTIC RETURN x + 1;
		CREATE FUNCTION inner_one() RETURNS int DETERMINISTIC RETURN ZZ(40);
		CREATE FUNCTION calls_it() RETURNS int DETERMINISTIC RETURN inner_one() + 1;
		CREATE PROCEDURE unused() SELECT 1;
		CREATE VIEW zv AS SELECT id FROM t;
		CREATE FUNCTION reads_view(x int) RETURNS int READS SQL DATA RETURN (SELECT COUNT(*) FROM zv WHERE id = x);
		CREATE VIEW yv AS SELECT id, reads_view(id) AS n FROM zv;
		CREATE VIEW av AS SELECT yv.id, calls_it() AS c, EXTRACT(YEAR FROM t.d) AS y, TRIM(BOTH 'x' FROM t.j) AS s FROM yv JOIN t USING (id);
		CREATE VIEW cte AS WITH w(q) AS (SELECT id FROM av), w2 AS (SELECT * FROM w) SELECT w2.q FROM (w JOIN w2 ON w.q = w2.q) LEFT JOIN yv ON yv.id = w.q
			WHERE w.q IN (SELECT id FROM zv UNION SELECT n FROM yv);
		CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW SET NEW.j = CONCAT(NEW.j, calls_it());
		CREATE EVENT ev ON SCHEDULE AT '2035-01-01 00:00:00' DISABLE DO SELECT calls_it()"
}
entangled_rows() { # SERVER
	sql "$1" "SELECT * FROM shop.av ORDER BY id; SELECT * FROM shop.cte ORDER BY q; SELECT * FROM shop.yv ORDER BY id"
}

@test "views that call functions: a copy carries what they call, and what that calls" {
	local pair from to
	for pair in "${pairs[@]}"; do
		read -r from to <<<"$pair"
		test_begins
		entangled "$from"
		rm -rf state
		mi-check -s "$from" -t "$to" -d shop --copy-only >check || true
		contains "$(<check)" "✓ views"
		run_ok copy -s "$from" -t "$to" -d shop state
		equal "$(names "$to" view)" av,cte,yv,zv
		equal "$(names "$to" routine)" calls_it,inner_one,reads_view,zz
		equal "$(entangled_rows "$to")" "$(entangled_rows "$from")"
	done
}

@test "the script of --sql loads into an empty server, in the order in which it stands" {
	local pair from to
	for pair in "${pairs[@]}"; do
		read -r from to <<<"$pair"
		test_begins
		entangled "$from"
		run_ok mi-schema -q -s "$from" --for-server="$to" -d shop --sql
		printf '%s\n' "$output" | sql "$to"
		equal "$(names "$to" view)" av,cte,yv,zv
		sql "$to" "DROP DATABASE shop"
		run_ok mi-schema -q -s "$from" --for-server="$to" -d shop --routines --triggers --events --sql
		printf '%s\n' "$output" | sql "$to"
		equal "$(names "$to" routine)" calls_it,inner_one,reads_view,unused,zz
		equal "$(names "$to" trigger),$(names "$to" event)" tr,ev
	done
}

@test "objects are made whatever their order in the stream" {
	local server mk=${MI_BIN%/bin}/unit/mk_lines object
	{
		printf 'stream\tschema\nddl\tpre\tdatabase\t\tshop\t\tCREATE DATABASE `shop`\n'
		printf 'ddl\tpre\ttable\tshop\tt\t\tCREATE TABLE `t` (`id` int NOT NULL PRIMARY KEY)\n'
		printf 'ddl\tpost\ttrigger\tshop\tr\t\tCREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET @x = (SELECT COUNT(*) FROM `a`)\n'
		printf 'ddl\tpost\tview\tshop\ta\t\tCREATE VIEW `a` AS SELECT * FROM `b`\n'
		printf 'ddl\tpost\tview\tshop\tb\t\tCREATE VIEW `b` AS SELECT `f`(`id`) AS n FROM `c`\n'
		printf 'ddl\tpost\tview\tshop\tc\t\tCREATE VIEW `c` AS SELECT `id` FROM `t`\n'
		printf 'ddl\tpost\troutine\tshop\tf\t\tCREATE FUNCTION `f`(x int) RETURNS int DETERMINISTIC RETURN x\n'
		printf 'end\n'
	} >lines
	# two views of a circle, one that needs what nobody makes, and between them what can be made
	{
		head -n -1 lines
		printf 'ddl\tpost\tview\tshop\to1\t\tCREATE VIEW `o1` AS SELECT * FROM `o2`\n'
		printf 'ddl\tpost\tview\tshop\to2\t\tCREATE VIEW `o2` AS SELECT * FROM `o1`\n'
		printf 'ddl\tpost\tview\tshop\tlone\t\tCREATE VIEW `lone` AS SELECT `nobody`() AS n\n'
		printf 'ddl\tpost\tevent\tshop\te\t\tCREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1\nend\n'
	} >circle
	"$mk" <lines >good
	"$mk" <circle >bad
	for server in a m; do
		run_ok mi-load -s "$server" --schema-only <good
		equal "$(names "$server" view)" a,b,c
		sql "$server" "DROP DATABASE shop"
		run_exit 65 mi-load -s "$server" --schema-only <bad
		equal "$(names "$server" view),$(names "$server" routine),$(names "$server" trigger),$(names "$server" event)" a,b,c,f,r,e
		for object in "view shop.o1: " "view shop.o2: " "view shop.lone: "; do contains "$stderr" "$object"; done
		contains "$stderr" "shop.o1' doesn't exist (1146)"
		contains "$stderr" "shop.nobody does not exist (1305)"
		contains "$stderr" "3 definitions could not be made"
	done
}

# ---- What cannot be made ----

broken() { # SERVER
	sql "$1" "CREATE DATABASE far; CREATE TABLE far.away (id int PRIMARY KEY); CREATE FUNCTION far.f() RETURNS int DETERMINISTIC RETURN 1;
		CREATE DATABASE shop; USE shop; CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2);
		CREATE TABLE gone (id int PRIMARY KEY); CREATE TABLE left_out (id int PRIMARY KEY);
		CREATE FUNCTION gone_f() RETURNS int DETERMINISTIC RETURN 1;
		CREATE VIEW bad_table AS SELECT id FROM gone; CREATE VIEW bad_view AS SELECT * FROM bad_table;
		CREATE VIEW bad_call AS SELECT gone_f() AS n; CREATE VIEW good AS SELECT id FROM t;
		CREATE VIEW zgood AS SELECT id FROM good;
		DROP TABLE gone; DROP FUNCTION gone_f"
}
elsewhere() { # SERVER
	sql "$1" "USE shop; CREATE VIEW far_table AS SELECT id FROM far.away; CREATE VIEW far_call AS SELECT far.f() AS n;
		CREATE VIEW over_left_out AS SELECT id FROM left_out"
}

@test "a view that the source itself cannot read: named beforehand, and left out on demand" {
	local pair from to
	for pair in "${pairs[@]}"; do
		read -r from to <<<"$pair"
		test_begins
		broken "$from"
		run_exit 1 mi-check -s "$from" -t "$to" -d shop --copy-only
		contains "$output" "✗ views              invalid on the source itself: shop.bad_call, shop.bad_table, shop.bad_view"
		rm -rf state
		run_exit 1 copy -s "$from" -t "$to" -d shop state
		equal "$(sql "$to" "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name='shop'")" 0
		# past the check: everything else is made, and the exit names what is not
		run_exit 65 pipe "$from" "$to" -d shop
		equal "$(names "$to" view)" good,zgood
		contains "$stderr" "view shop.bad_table: "
		contains "$stderr" "view shop.bad_call: "
		contains "$stderr" "view shop.bad_view: "
		sql "$to" "DROP DATABASE shop"
		run_ok copy -s "$from" -t "$to" -d shop --skip-invalid-views state
		equal "$(names "$to" view)" good,zgood
		contains "$stderr" "view shop.bad_table is left out, because it is invalid on the source"
		contains "$stderr" "view shop.bad_call is left out"
	done
}

@test "a view over a package's function, loaded twice" {
	local socket
	socket=$(fact m socket)
	printf '%s\n' 'SET sql_mode=ORACLE; CREATE DATABASE shop; USE shop;' 'DELIMITER //' \
		'CREATE PACKAGE pk AS FUNCTION ff RETURN int DETERMINISTIC; END//' \
		'CREATE PACKAGE BODY pk AS FUNCTION ff RETURN int DETERMINISTIC AS BEGIN RETURN 7; END; END//' \
		'CREATE VIEW v AS SELECT pk.ff() AS n//' | mariadb -uroot -S "$socket"
	run_ok mi-schema -s m -d shop --schema-only
	lacks "$stderr" "needs function"
	mi-schema -q -s m -d shop --schema-only >stream
	run_ok mi-load -s n --schema-only <stream
	equal "$(sql n "SELECT n FROM shop.v")" 7
	run_ok mi-load -s n --schema-only <stream
}

@test "a view that this account may not run is not called invalid" {
	sql a "CREATE DATABASE shop; USE shop; CREATE TABLE t (id int PRIMARY KEY); CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1;
		CREATE SQL SECURITY INVOKER VIEW v AS SELECT f() AS n; CREATE USER IF NOT EXISTS looker@'%' IDENTIFIED BY 'Look-3r';
		GRANT SELECT, SHOW VIEW ON shop.* TO looker@'%'; GRANT SHOW_ROUTINE ON *.* TO looker@'%'"
	sed -e '/^user/s/=.*/=looker/' -e '/^password/s/=.*/=Look-3r/' "$MI_CONFIG" >my.cnf
	chmod 600 my.cnf
	run_ok mi-schema -c my.cnf -s a -d shop --skip-invalid-views --sql
	contains "$output" 'VIEW `v`'
	lacks "$stderr" invalid
	sql a "REVOKE SHOW_ROUTINE ON *.* FROM looker@'%'" # what it calls cannot be seen: said beforehand
	run_ok mi-schema -c my.cnf -s a -d shop --sql
	contains "$stderr" "view shop.v needs function shop.f, which is not carried"
	sql a "DROP USER looker@'%'"
}

@test "a view that needs what is not carried: named beforehand, unless the target has it" {
	local pair from to
	for pair in "${pairs[@]}"; do
		read -r from to <<<"$pair"
		test_begins
		broken "$from"
		elsewhere "$from"
		run_exit 1 mi-check -s "$from" -t "$to" -d shop -X shop.left_out --copy-only --skip-invalid-views
		contains "$output" "shop.far_table (needs far.away)"
		contains "$output" "shop.far_call (needs far.f)"
		contains "$output" "shop.over_left_out (needs shop.left_out)"
		sql "$to" "CREATE DATABASE far; CREATE TABLE far.away (id int PRIMARY KEY); CREATE FUNCTION far.f() RETURNS int DETERMINISTIC RETURN 1"
		run_ok mi-check -s "$from" -t "$to" -d shop --copy-only --skip-invalid-views
		contains "$output" "✓ views"
		rm -rf state
		run_ok copy -s "$from" -t "$to" -d shop -X shop.left_out -X shop.over_left_out --skip-invalid-views state
		equal "$(names "$to" view)" far_call,far_table,good,zgood
	done
}

@test "events whose time has passed are named as left behind" {
	local server
	for server in a m; do
		sql "$server" "CREATE DATABASE shop; SET GLOBAL event_scheduler=OFF; USE shop;
			CREATE EVENT soon ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 SECOND DO SELECT 1;
			CREATE EVENT ends ON SCHEDULE EVERY 1 DAY STARTS '2020-01-01 00:00:00' ENDS CURRENT_TIMESTAMP + INTERVAL 1 SECOND DO SELECT 1;
			CREATE EVENT later ON SCHEDULE AT '2035-01-01 00:00:00' DO SELECT 1;
			CREATE EVENT kept ON SCHEDULE AT '2020-01-01 00:00:00' ON COMPLETION PRESERVE DO SELECT 1"
	done
	sleep 2
	for server in "a b" "m n"; do
		run_ok mi-schema -s "${server% *}" -d shop --events --schema-only
		contains "$stderr" "not carried: EVENT shop.soon (its time has passed"
		contains "$stderr" "not carried: EVENT shop.ends (its time has passed"
		mi-schema -q -s "${server% *}" -d shop --events --schema-only | mi-load -q -s "${server#* }" --schema-only
		equal "$(names "${server#* }" event)" kept,later
	done
}

# ---- Foreign keys to keys that are not UNIQUE ----

odd_keys() { # SERVER
	sql "$1" "/*!80400 SET restrict_fk_on_non_standard_key=OFF */; CREATE DATABASE shop; USE shop;
		CREATE TABLE p (id int PRIMARY KEY, x int, y int, z varchar(10), KEY (x), UNIQUE u (y, x), KEY (z));
		CREATE TABLE c1 (id int PRIMARY KEY, x int, CONSTRAINT plain FOREIGN KEY (x) REFERENCES p (x));
		CREATE TABLE c2 (id int PRIMARY KEY, y int, CONSTRAINT part FOREIGN KEY (y) REFERENCES p (y) ON DELETE CASCADE);
		CREATE TABLE c3 (id int PRIMARY KEY, y int, x int, CONSTRAINT whole FOREIGN KEY (y, x) REFERENCES p (y, x),
			CONSTRAINT prim FOREIGN KEY (id) REFERENCES p (id));
		INSERT INTO p VALUES (1, 10, 20, 'a'), (2, 10, 21, 'b'); INSERT INTO c1 VALUES (1, 10);
		INSERT INTO c2 VALUES (1, 20); INSERT INTO c3 VALUES (1, 20, 10)"
}

@test "foreign keys to keys that are not UNIQUE, or to a part of one" {
	local pair from to
	for pair in "${pairs[@]}"; do
		read -r from to <<<"$pair"
		test_begins
		odd_keys "$from"
		mi-check -s "$from" -t "$to" -d shop --copy-only >check || true
		if [ "$to" = b ]; then
			contains "$(<check)" "! parent-keys"
			contains "$(<check)" "shop.c1.plain, shop.c2.part"
			lacks "$(<check)" "c3.whole"
		else
			contains "$(<check)" "✓ parent-keys"
		fi
		rm -rf state
		run_ok copy -s "$from" -t "$to" -d shop state
		equal "$(names "$to" key)" part,plain,prim,whole
		sql "$to" "DROP DATABASE shop"
		run_ok mi-schema -q -s "$from" --for-server="$to" -d shop --sql
		printf '%s\n' "$output" | sql "$to"
		equal "$(names "$to" key)" part,plain,prim,whole
	done
}

@test "such foreign keys by an account that has its database and no other privilege" {
	odd_keys a
	sql b "CREATE USER IF NOT EXISTS filler@'%' IDENTIFIED BY 'Fill-3r'; CREATE DATABASE shop; GRANT ALL ON shop.* TO filler@'%'"
	sed -e '/^\[client_b\]/,/^$/{s/^user=.*/user=filler/;s/^password=.*/password=Fill-3r/}' "$MI_CONFIG" >my.cnf
	chmod 600 my.cnf
	export MI_CONFIG=$PWD/my.cnf
	run_ok pipe a b -d shop
	equal "$(names b key)" part,plain,prim,whole
	sql b "DROP USER filler@'%'"
}

# ---- Rows that are legal only where nobody is strict ----

# Tables whose expressions only warn, with rows that make them; in MariaDB also rows older than their CHECK.
lax_rows() { # SERVER
	local path="j->>'\$.price'"
	case $1 in m | n) path="JSON_VALUE(j, '\$.price')" ;; esac
	sql "$1" "SET sql_mode=''; CREATE DATABASE shop; USE shop;
		CREATE TABLE kept (id int PRIMARY KEY, j json, price int unsigned AS (CAST($path AS unsigned)) STORED, KEY (price));
		CREATE TABLE virt (id int PRIMARY KEY, s varchar(20), n int AS (CAST(s AS signed)) VIRTUAL, KEY (n));
		CREATE TABLE bare (id int PRIMARY KEY, s varchar(20), n int AS (CAST(s AS signed)) VIRTUAL);
		CREATE TABLE cut (id int PRIMARY KEY, s varchar(20), c varchar(3) AS (s) STORED, t tinyint AS (LENGTH(s) * 100) STORED, e enum('a', 'b'));
		CREATE TABLE day (s varchar(20), d date AS (CAST(s AS date)) STORED);
		INSERT INTO kept (id, j) VALUES (1, '{\"price\":\"n/a\"}'), (2, '{\"price\":\"12\"}'), (3, '{}');
		INSERT INTO virt (id, s) VALUES (1, 'n/a'), (2, '5'), (3, '6x'); INSERT INTO bare (id, s) SELECT id, s FROM virt;
		INSERT INTO cut (id, s, e) VALUES (1, 'abcdef', 'a'), (2, 'x', 'no member'), (3, 'abcdefg', 'no member');
		INSERT INTO day (s) VALUES ('2020-13-45'), ('2020-01-02'), ('x')"
	case $1 in
	m | n)
		sql "$1" "USE shop; CREATE TABLE checked (id int PRIMARY KEY, n int); INSERT INTO checked VALUES (1, -5), (2, 5);
			SET check_constraint_checks=0; ALTER TABLE checked ADD CHECK (n > 0)"
		;;
	*) sql "$1" "SET sql_mode=''; USE shop; CREATE TABLE func (id int PRIMARY KEY, s varchar(20), KEY k ((CAST(s AS signed))));
		INSERT INTO func VALUES (1, 'n/a'), (2, '5'), (3, '6x')" ;;
	esac
}
lax_changes() { # SERVER
	local other=func
	case $1 in m | n) other=checked ;; esac
	sql "$1" "SET sql_mode=''; USE shop; INSERT INTO kept (id, j) VALUES (4, '{\"price\":\"none\"}'), (5, '{\"price\":\"7\"}');
		UPDATE virt SET s = CONCAT('no', s) WHERE id < 3; INSERT INTO bare (id, s) VALUES (4, 'zz');
		UPDATE cut SET s = 'longer than that', e = 'no member'; INSERT INTO cut (id, s) VALUES (9, 'and one more');
		DELETE FROM kept WHERE id = 2; INSERT INTO kept (id, j) VALUES (2, '{\"price\":\"x2\"}')"
	if [ "$other" = func ]; then
		sql "$1" "SET sql_mode=''; INSERT INTO shop.func VALUES (4, 'y')"
	else
		sql "$1" "SET check_constraint_checks=0; INSERT INTO shop.checked VALUES (4, -4); UPDATE shop.checked SET n = -9 WHERE id = 2"
	fi
}
follow() { # FROM TO: what has changed since the copy in ./state
	mi-binlog -q -s "$1" -d shop -X shop.day --since=@state/applied.gtid --until=now |
		MI_IMPORT=$(cat state/import) mi-apply -s "$2" --checkpoint=state/followed
}

@test "rows that strict mode refuses for what is computed of them: copied and followed, equal" {
	local pair from to method
	for pair in "a b" "m n"; do
		read -r from to <<<"$pair"
		for method in auto insert; do
			test_begins
			lax_rows "$from"
			rm -rf state
			MI_METHOD=$method run_ok copy -s "$from" -t "$to" -d shop --ignore=row-key state
			contains "$stderr" "rows that strict mode or a CHECK refuses"
			tables_equal "$from" "$to" shop
			lax_changes "$from"
			run_ok follow "$from" "$to"
			tables_equal "$from" "$to" shop
		done
	done
}

@test "between the flavours: such rows are copied when both compute the same of them" {
	local pair from to
	for pair in "a n" "m b"; do
		read -r from to <<<"$pair"
		test_begins
		sql "$from" "SET sql_mode=''; CREATE DATABASE shop; USE shop;
			CREATE TABLE cut (id int PRIMARY KEY, s varchar(20), c varchar(3) AS (s) STORED);
			INSERT INTO cut (id, s) VALUES (1, 'abcdef'), (2, 'x')"
		rm -rf state
		run_ok copy -s "$from" -t "$to" -d shop state
		tables_equal "$from" "$to" shop
		sql "$from" "SET sql_mode=''; INSERT INTO shop.cut (id, s) VALUES (3, 'longer'); UPDATE shop.cut SET s = 'and more' WHERE id = 2"
		run_ok follow "$from" "$to"
		tables_equal "$from" "$to" shop
	done
}

@test "without the proof such rows are refused, and the way out is said" {
	lax_rows a
	run_exit 65 "$BASH" -c '{ mi-schema -q -s a -d shop -T shop.cut --section=pre-data; mi-dump -q -s a -T shop.cut --no-proof; } | mi-load -s b --no-proof'
	contains "$stderr" "with a proof of what arrives"
}

@test "a value that does not fit is refused all the same, whatever is computed beside it" {
	local server mk=${MI_BIN%/bin}/unit/mk_lines method gtid=3e11fa47-71ca-11e1-9e33-c80aa9429562
	{
		printf 'stream\tschema\nddl\tpre\tdatabase\t\tshop\t\tCREATE DATABASE `shop`\n'
		define='table\tshop\tt\ncolumn\tid\tint\tint\t\t4\ncolumn\te\tchar\tvarchar(9)\tnullable variable\t36\tutf8mb4\ncolumn\tg\tchar\tvarchar(2)\tnullable variable\t8\tutf8mb4\tstored\nkey\tPRIMARY\tprimary\tid\ndefine\n'
		# shellcheck disable=SC2059 # it is the format
		printf "$define"'expect\tshop\tt\nend\nstream\trows\t\t%s:1-5\t%s:1-5\n'"$define" $gtid $gtid
		printf 'chunk\tt\t0\t\t\nrows\t1\t1\t#\ttoo long for it\nendchunk\ntableend\tt\t1\nend\n'
	} >lines
	"$mk" <lines >stream
	for server in a m; do
		sql "$server" 'CREATE DATABASE shop; CREATE TABLE shop.t (id int NOT NULL PRIMARY KEY, e varchar(9), g varchar(2) AS (CONCAT(id, e)) STORED)'
		for method in auto insert; do
			run_exit 65 mi-load -s "$server" --into-existing --method=$method <stream
			contains "$stderr" "row id='1': column e differs"
			equal "$(sql "$server" 'SELECT COUNT(*) FROM shop.t')" 0
		done
	done
}
