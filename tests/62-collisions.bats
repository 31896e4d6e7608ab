#!/usr/bin/env bats
# Rows that the source tells apart and the target does not: what mi-load says of them.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers m:mariadb n:mariadb b:mysql

servers_ready() {
	sql m "CREATE DATABASE col; USE col; CREATE TABLE t (
		k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PRIMARY KEY, v INT,
		u VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, UNIQUE ux (u), UNIQUE up (u (3), v))"
	sql m "INSERT INTO col.t VALUES ('a',1,'x'),('b',2,'X'),('c ',3,'y'),('c',4,'z'),('é',5,NULL)"
}

test_begins() {
	mi-schema -q -s m -d col --section=pre-data >pre
	mi-dump -q -s m -d col >rows
	mi-schema -q -s m -d col --section=post-data >post
}

table_here() { # SERVER COLLATION-OF-K COLLATION-OF-U
	sql "$1" "DROP DATABASE IF EXISTS col; CREATE DATABASE col;
		CREATE TABLE col.t (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE $2 PRIMARY KEY, v INT,
		    u VARCHAR(10) CHARACTER SET utf8mb4 COLLATE $3)"
}

refused() { # SERVER OPTION... ; streams on stdin
	local server=$1
	shift
	run_exit 65 mi-load -q -s "$server" "$@"
}

both_methods() { # FUNCTION
	local method
	for method in load-data insert; do "$1" "--method=$method"; done
}

@test "two rows of the source that are equal here: key, collation and both values" {
	try() {
		table_here n utf8mb4_general_ci utf8mb4_bin # PAD SPACE
		refused n --into-existing "$1" < <(cat pre rows)
		contains "$stderr" "table col.t: two rows of the source are equal here"
		contains "$stderr" "key PRIMARY, collation utf8mb4_general_ci"
		contains "$stderr" "('c')"
		contains "$stderr" "('c ' X'6320')"
		[[ $stderr != *"not empty"* ]]
		equal "$(sql n "SELECT COUNT(*) FROM col.t")" 0
	}
	both_methods try
	table_here b utf8mb4_bin utf8mb4_bin # PAD SPACE on MySQL, too
	refused b < <(cat pre rows)
	contains "$stderr" "two rows of the source are equal here: key PRIMARY, collation utf8mb4_bin"
}

@test "rows in two chunks" {
	sql m "CREATE DATABASE wide; CREATE TABLE wide.t (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PRIMARY KEY, v TEXT);
		INSERT INTO wide.t VALUES ('c', REPEAT('x', 9000)), ('c ', REPEAT('y', 9000))"
	sql n "CREATE DATABASE wide; CREATE TABLE wide.t (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY, v TEXT)"
	{
		mi-schema -q -s m -d wide --section=pre-data
		mi-dump -q -s m -d wide --chunk-size=4k
	} >both
	refused n -j 1 <both
	contains "$stderr" "table wide.t: two rows of the source are equal here"
	sql m "DROP DATABASE wide"
}

@test "a row that was there before: equal in bytes, or under the collation alone" {
	try() {
		table_here n utf8mb4_nopad_bin utf8mb4_bin
		sql n "INSERT INTO col.t VALUES ('a',9,'q')"
		refused n --into-existing "$1" < <(cat pre rows)
		contains "$stderr" "a row with the same key is in the table already: key PRIMARY: ('a')"
		contains "$stderr" "not empty"
		table_here n utf8mb4_general_nopad_ci utf8mb4_bin
		sql n "INSERT INTO col.t VALUES ('A',9,'q')"
		refused n --into-existing "$1" < <(cat pre rows)
		contains "$stderr" "a row is equal here to one that is in the table already: key PRIMARY, collation utf8mb4_general_nopad_ci: ('A') and ('a')"
		equal "$(sql n "SELECT k, v FROM col.t")" "A	9"
	}
	both_methods try
}

@test "another UNIQUE key of the target, that the rows break" {
	try() {
		table_here n utf8mb4_nopad_bin utf8mb4_general_ci
		sql n "ALTER TABLE col.t ADD UNIQUE KEY mine (u)"
		refused n --into-existing "$1" < <(cat pre rows)
		contains "$stderr" "two rows of the source are equal here: key mine, collation utf8mb4_general_ci: ('x') and ('X')"
	}
	both_methods try
}

@test "a UNIQUE key on what is generated names the row that came" {
	try() {
		sql m "CREATE DATABASE one; CREATE TABLE one.t (k INT PRIMARY KEY, u VARCHAR(10), g VARCHAR(10) AS (LEFT(u, 1)) STORED);
			INSERT INTO one.t (k, u) VALUES (1, 'ax'), (2, 'ay')"
		sql n "DROP DATABASE IF EXISTS one; CREATE DATABASE one;
			CREATE TABLE one.t (k INT PRIMARY KEY, u VARCHAR(10), g VARCHAR(10) AS (LEFT(u, 1)) STORED, UNIQUE KEY gen (g))"
		refused n --into-existing "$1" < <(mi-schema -q -s m -d one --section=pre-data && mi-dump -q -s m -d one)
		contains "$stderr" "row (2) is equal here to another one"
		contains "$stderr" "gen"
		sql m "DROP DATABASE one"
	}
	both_methods try
}

@test "UNIQUE keys that are added after the rows name both rows" {
	local server
	for server in n b; do
		table_here $server "$([ $server = n ] && echo utf8mb4_nopad_bin || echo utf8mb4_0900_bin)" utf8mb4_general_ci
		refused $server --into-existing < <(cat pre rows post)
		contains "$stderr" "two rows are equal here, though not in their bytes, of rows ('a') and ('b'): key ux, collation utf8mb4_general_ci: ('x') and ('X')"
		refused $server --into-existing <post # again, by itself
		contains "$stderr" "of rows ('a') and ('b'): key ux"
	done
}
