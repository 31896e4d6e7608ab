#!/usr/bin/env bats
# Lists of length 0 and 1: databases without tables, tables without columns that travel, keys of one column, types of
# one member; through mi-check, the copy, and what follows it, on both flavours.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql b:mysql m:mariadb n:mariadb

copy() {
	"$ROOT/pipelines/copy" "$@"
}
drop() { # DATABASE: everywhere
	local server
	for server in a b m n; do sql "$server" "DROP DATABASE IF EXISTS \`$1\`"; done
}

# Copies DB from one server to the other with OPTION..., which has to name a position, and to go on from there.
copied_quietly() { # FROM TO DB OPTION...
	local from=$1 to=$2 db=$3
	shift 3
	sql "$to" "DROP DATABASE IF EXISTS $db"
	rm -rf state
	run_ok copy -s "$from" -t "$to" -d "$db" "$@" state
	contains "$stderr" "position $(cat state/applied.gtid)"
	[[ $stderr != *cannot* ]] || fail "$stderr"
	mi-gtid contains @state/applied.gtid "$(cat state/applied.gtid)"
	[ -s state/applied.gtid ]
	equal "$(sql "$to" "SELECT COUNT(*) FROM $db._mi_checkpoint WHERE sid<>''")" 1
	mi-binlog -q -s "$from" -d "$db" --since=@state/applied.gtid --until=now |
		MI_IMPORT=$(cat state/import) mi-apply -q -s "$to" --checkpoint=state/followed
}

@test "databases without tables: copied, with a position, by pipe and by spool" {
	local pair
	drop bare
	sql a "CREATE DATABASE bare"
	sql m "CREATE DATABASE bare"
	for pair in "a b" "m n" "a n" "m b"; do
		# shellcheck disable=SC2086
		copied_quietly $pair bare
	done
	copied_quietly a b bare --spool=yes
	drop bare
}

@test "a database of views alone, and one whose tables are all left out" {
	drop bare
	sql a "CREATE DATABASE bare; CREATE VIEW bare.v AS SELECT 1 AS x"
	sql m "CREATE DATABASE bare; CREATE VIEW bare.v AS SELECT 1 AS x"
	copied_quietly a b bare
	equal "$(sql b "SELECT x FROM bare.v")" 1
	copied_quietly m n bare
	equal "$(sql n "SELECT x FROM bare.v")" 1
	sql a "CREATE TABLE bare.t (id INT PRIMARY KEY); INSERT INTO bare.t VALUES (1)"
	copied_quietly a b bare -X bare.t
	equal "$(sql b "SHOW TABLES FROM bare LIKE 't'")" ""
	drop bare
}

@test "a row stream without tables and databases has a position, too" {
	mi-dump -q -s a --all-databases >rows
	run_ok mi-load -s b --checkpoint=position <rows
	contains "$stderr" "the position is in no server"
	run_ok mi-gtid contains "$(sql a "SELECT @@gtid_executed")" @position
	run_ok mi-load -s b --state-db=books --checkpoint=again <rows
	cmp position again
	equal "$(sql b "SELECT COUNT(*) FROM books._mi_checkpoint WHERE sid=''")" 1
	sql b "DROP DATABASE books"
}

@test "mi-check of a database without tables says so, and lets the copy go on" {
	drop bare
	sql a "CREATE DATABASE bare"
	run_ok mi-check -s a -t b -d bare --copy-only
	contains "$output" "no table that this account can see in bare"
	drop bare
}

# --- tables

few() { # FLAVOUR: SQL of a database whose lists are as short as can be
	cat <<-'SQL'
		CREATE DATABASE few; USE few;
		CREATE TABLE only_virtual (a INT AS (1) VIRTUAL);
		CREATE TABLE only_stored (a INT AS (7) STORED, b VARCHAR(9) AS (CONCAT('x','y')) VIRTUAL);
		CREATE TABLE no_rows (a INT AS (1) STORED);
		CREATE TABLE one_column (id INT PRIMARY KEY);
		CREATE TABLE one_member (e ENUM('only') PRIMARY KEY);
		CREATE TABLE one_flag (s SET('only'));
		CREATE TABLE one_bit (b BIT(1) PRIMARY KEY);
		CREATE TABLE one_byte (c CHAR(1) PRIMARY KEY);
		CREATE TABLE no_length (c CHAR(0), v VARCHAR(0));
		CREATE TABLE no_key (x INT);
		INSERT INTO only_virtual () VALUES (),(),();
		INSERT INTO only_stored () VALUES (),();
		INSERT INTO one_column VALUES (5);
		INSERT INTO one_member VALUES ('only');
		INSERT INTO one_flag VALUES (''),('only'),(NULL);
		INSERT INTO one_bit VALUES (b'0'),(b'1');
		INSERT INTO one_byte VALUES (''),('a');
		INSERT INTO no_length VALUES ('',''),(NULL,NULL);
		INSERT INTO no_key VALUES (NULL);
	SQL
	[ "$1" = mariadb ] || cat <<-'SQL'
		CREATE TABLE made_key (a INT AS (1) STORED PRIMARY KEY);
		INSERT INTO made_key () VALUES ();
	SQL
}

few_equal() { # FROM TO
	local table
	for table in only_virtual only_stored; do
		equal "$(sql "$2" "SELECT COUNT(*), MIN(a) FROM few.$table")" \
		    "$(sql "$1" "SELECT COUNT(*), MIN(a) FROM few.$table")" "$table"
	done
	tables_equal "$1" "$2" few
}

@test "columns that are all generated, one column, one member, one bit: checked, copied, equal" {
	local pair
	drop few
	few mysql | sql a
	few mariadb | sql m
	for pair in "a b" "m n" "a n" "m b"; do
		read -r from to <<<"$pair"
		sql "$to" "DROP DATABASE IF EXISTS few"
		[ "$pair" != "a n" ] || sql a "DROP TABLE few.made_key" # MariaDB has no such keys
		run_ok mi-check -s "$from" -t "$to" -d few --copy-only
		rm -rf state
		run_ok copy -s "$from" -t "$to" -d few state
		few_equal "$from" "$to"
	done
	drop few
}

@test "the same by INSERT, in pieces of a few bytes, by four readers" {
	drop few
	few mysql | sql a
	{
		mi-schema -q -s a -d few --section=pre-data
		mi-dump -q -s a -d few --threads=4 --chunk-size=1k
		mi-schema -q -s a -d few --section=post-data
	} | mi-load -q -s b --method=insert
	few_equal a b
	mi-dump -q -s a -d few -T few.only_virtual >rows
	run_ok mi-cat rows
	equal "$(grep -c '^row ' <<<"$output")" 3
	drop few
}

# The key is a generated column, so that no column is left that could be given a value.
@test "followed: rows of which every column is generated, and keys of one value" {
	drop few
	few mysql | sql a
	sql a "USE few; DROP TABLE only_virtual, only_stored, no_rows, one_flag, no_length, no_key"
	run_ok copy -s a -t b -d few state
	follow() {
		mi-binlog -q -s a -d few --since=@state/applied.gtid --until=now |
			MI_IMPORT=$(cat state/import) mi-apply -q -s b --checkpoint=state/applied.gtid
		few_key_equal
	}
	few_key_equal() {
		equal "$(sql b "SELECT COUNT(*), MAX(a) FROM few.made_key")" "$(sql a "SELECT COUNT(*), MAX(a) FROM few.made_key")"
		tables_equal a b few
	}
	sql a "USE few; BEGIN; DELETE FROM made_key; INSERT INTO made_key () VALUES (); COMMIT"
	follow
	sql a "USE few; DELETE FROM made_key; DELETE FROM one_member; UPDATE one_column SET id=6; DELETE FROM one_bit WHERE b=b'0'"
	follow
	sql a "USE few; INSERT INTO made_key () VALUES (); INSERT INTO one_member VALUES ('only'); DELETE FROM one_column"
	follow
	sql a "USE few; DELETE FROM made_key; UPDATE one_byte SET c='b' WHERE c=''"
	follow
	drop few
}
