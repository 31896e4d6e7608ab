#!/usr/bin/env bats
# JSON documents from MySQL to MySQL: text, and the type of everything in them, by copy and by follow.
# shellcheck disable=SC2016,SC2030,SC2031 # JSON paths; each test has its own variables

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

export BATS_TEST_TIMEOUT=300

servers "a:mysql --max-allowed-packet=256M" "b:mysql --max-allowed-packet=256M" n:mariadb

SEED=${SEED:-$RANDOM}

test_begins() {
	echo "SEED=$SEED"
}

fresh() { # SERVER...: an empty database docs
	local server
	for server; do sql "$server" "DROP DATABASE IF EXISTS docs; CREATE DATABASE docs CHARACTER SET utf8mb4"; done
}

made() { # ARGUMENT...: what make-json-types prints, into docs of a
	{ echo "USE docs;" && "$ROOT/tests/data/make-json-types" "$@"; } | sql a
}

# documents SERVER [TABLE]: each with its text, and the types of all values in it.
documents() {
	sql "$1" "SET SESSION group_concat_max_len=1<<30;
		SELECT id, HEX(CAST(j AS CHAR)), JSON_TYPE(j), (SELECT GROUP_CONCAT(IFNULL(JSON_TYPE(v), 'NULL') ORDER BY o)
		FROM JSON_TABLE(JSON_EXTRACT(j,'\$**.*','\$**[*]'), '\$[*]' COLUMNS (o FOR ORDINALITY, v JSON PATH '\$')) x)
		FROM docs.${2-d} ORDER BY id"
}

same() { # LEAST [TABLE]: so many documents at least, equal on a and b
	documents a "${2-d}" >a.txt
	documents b "${2-d}" >b.txt
	[ "$(wc -l <a.txt)" -ge "$1" ]
	cmp a.txt b.txt
}

copied() { # TO [OPTION...]: docs of a
	fresh "$1"
	rm -rf state
	run_ok "$ROOT/pipelines/copy" -s a -t "$1" -d docs state
}

@test "a thousand documents of every type, copied by LOAD DATA and by INSERT" {
	local method
	fresh a
	made "$SEED" 1000
	for type in BIT BLOB DATE DATETIME DECIMAL DOUBLE INTEGER NULL STRING TIME TIMESTAMP "UNSIGNED INTEGER"; do
		contains "$(documents a | cut -f 4)" "$type"
	done
	for method in load-data insert; do
		export MI_METHOD=$method
		copied b
		same 1000
	done
}

@test "a thousand documents of every type, followed: inserted, changed whole and in parts, deleted" {
	local log
	fresh a b
	made "$SEED" 0
	sql b "CREATE TABLE docs.d (id INT PRIMARY KEY, n INT NOT NULL, j JSON);
		CREATE TABLE docs.parts LIKE docs.d; ALTER TABLE docs.parts DROP PRIMARY KEY" # parts stays as it is
	since=$(position a)
	filter=(-T docs.d)
	{ echo "USE docs;" && "$ROOT/tests/data/make-json-types" "$SEED" 1000 | grep '^SET\|INTO d '; } | sql a
	carried a b docs
	same 1000
	# some have no place for a part, or make a document too deep
	made "$SEED" 1000 changes
	log=$(mi-binlog -q -s a -d docs --since=@cp --until=now "${filter[@]}" | mi-cat | grep -c '^  update')
	[ "$log" -gt 500 ]
	carried a b docs
	same 1000
	[ "$(sql b "SELECT SUM(n) > 1000 FROM docs.d")" = 1 ]
}

@test "documents that are deep, long, or have thousands of decimals" {
	fresh a
	sql a "CREATE TABLE docs.d (id INT PRIMARY KEY, j JSON); SET SESSION cte_max_recursion_depth=100000, group_concat_max_len=1<<30;
		INSERT INTO docs.d SELECT 1, JSON_REPLACE(CAST(CONCAT(REPEAT('[', 100), '1', REPEAT(']', 100)) AS JSON), CONCAT('\$', REPEAT('[0]', 100)), 1.10);
		INSERT INTO docs.d SELECT 2, JSON_REPLACE(CAST(CONCAT(REPEAT('{\"\\\\\"k\": ', 100), '1', REPEAT('}', 100)) AS JSON), CONCAT('\$', REPEAT('.\"\\\\\"k\"', 100)), DATE'2024-01-01');
		INSERT INTO docs.d WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000) SELECT 3, JSON_ARRAYAGG(i*1.10) FROM n;
		INSERT INTO docs.d WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<5000)
			SELECT 4, JSON_ARRAYAGG(JSON_OBJECT('price', i*1.10, 'text', REPEAT('x', 1000), 'at', TIMESTAMP'2024-01-01 00:00:00')) FROM n;
		INSERT INTO docs.d SELECT 5, JSON_OBJECT('blob', CAST(REPEAT('b', 1000000) AS BINARY), 'x', X'');
		INSERT INTO docs.d WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000) SELECT 100+i, JSON_OBJECT('id', i, 'price', i*0.01, 'list', JSON_ARRAY(i, i*1e0)) FROM n"
	copied b
	same 3005
}

@test "columns may be called as the question's own names; documents may lie beside each other, and be NULL" {
	fresh a
	sql a "CREATE TABLE docs.d (id INT PRIMARY KEY, _mi_j JSON, _mi_v JSON, _mi_n JSON, j JSON, \`d\`\`x\` JSON);
		INSERT INTO docs.d VALUES (1,JSON_ARRAY(1.10),NULL,JSON_OBJECT('',DATE'2024-01-01'),CAST(1.50 AS JSON),'{}'),(2,NULL,'[]','null','5',CAST(5. AS JSON))"
	copied b
	for column in _mi_j _mi_v _mi_n j 'd``x'; do
		for server in a b; do
			sql $server "SELECT \`$column\`, JSON_TYPE(\`$column\`), JSON_TYPE(JSON_EXTRACT(\`$column\`,'\$[0]')), JSON_TYPE(JSON_EXTRACT(\`$column\`,'\$.\"\"')) FROM docs.d" >$server.txt
		done
		diff a.txt b.txt
	done
}

@test "the stream says the types, or with --json=text does not; CSV has the text alone" {
	fresh a b
	sql a "CREATE TABLE docs.d (id INT PRIMARY KEY, j JSON); INSERT INTO docs.d VALUES (1, JSON_OBJECT('a', 1.10, 'b', 7, 'c', DATE'2024-01-01'))"
	since=$(position a)
	sql a "UPDATE docs.d SET id=2"
	mi-dump -q -s a -d docs >rows
	contains "$(mi-cat rows)" "(2, '{\"a\": 1.10, \"b\": 7, \"c\": \"2024-01-01\"}' types 'D.d')"
	equal "$(mi-cat --csv --no-names --table=docs.d rows)" '2,"{""a"": 1.10, ""b"": 7, ""c"": ""2024-01-01""}"'
	contains "$(mi-binlog -q -s a -d docs --since="$since" --until=now | mi-cat)" "types 'D.d'"
	lacks "$(mi-binlog -q -s a -d docs --since="$since" --until=now --json=text | mi-cat)" types
	mi-dump -q -s a -d docs --json=text >rows
	lacks "$(mi-cat rows)" types
	sql b "CREATE TABLE docs.d (id INT PRIMARY KEY, j JSON)"
	mi-load -q -s b --no-proof <rows # what arrives is not what it was: that was asked for
	equal "$(sql b "SELECT j, JSON_TYPE(JSON_EXTRACT(j,'\$.a')), JSON_TYPE(JSON_EXTRACT(j,'\$.c')) FROM docs.d")" \
	    $'{"a": 1.1, "b": 7, "c": "2024-01-01"}\tDOUBLE\tSTRING'
}

@test "MariaDB gets the text, by copy and by follow" {
	fresh a n
	sql a "CREATE TABLE docs.d (id INT PRIMARY KEY, j JSON);
		INSERT INTO docs.d VALUES (1, JSON_OBJECT('a', 1.10, 'c', DATE'2024-01-01')), (2, JSON_ARRAY(X'00ff', 5.)), (3, '{\"plain\": 1.5}')"
	since=$(position a)
	copied n
	sql a "INSERT INTO docs.d VALUES (4, JSON_ARRAY(2.50)); UPDATE docs.d SET j=JSON_SET(j,'\$.a',TIME'01:02:03') WHERE id=1; UPDATE docs.d SET j=JSON_ARRAY(3.0) WHERE id=2"
	rm -f cp
	carried a n docs
	sql a "SELECT id, CAST(j AS CHAR) FROM docs.d ORDER BY id" >a.txt
	sql n "SELECT id, j FROM docs.d ORDER BY id" >n.txt
	diff a.txt n.txt
}

@test "rows that strict mode refuses as well, few and many" {
	local rows
	for rows in 50 2000; do
		fresh a
		sql a "SET SESSION sql_mode='', cte_max_recursion_depth=10000; CREATE TABLE docs.d (id INT PRIMARY KEY, e ENUM('x','y'), j JSON);
			INSERT INTO docs.d WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<$rows)
			SELECT i, CASE i%3 WHEN 0 THEN '' WHEN 1 THEN 'x' END, IF(i%2, JSON_OBJECT('a',1.10), JSON_OBJECT('a','x')) FROM n"
		copied b
		same "$rows"
		equal "$(sql b "SELECT GROUP_CONCAT(n ORDER BY n) FROM (SELECT COUNT(*) n FROM docs.d GROUP BY e+0) x")" \
		    "$(sql a "SELECT GROUP_CONCAT(n ORDER BY n) FROM (SELECT COUNT(*) n FROM docs.d GROUP BY e+0) x")"
	done
}

@test "a prepared XA transaction with such documents waits, and is committed" {
	fresh a b
	for server in a b; do sql $server "CREATE TABLE docs.d (id INT PRIMARY KEY, j JSON)"; done
	since=$(position a)
	sql a "USE docs; XA START 'j'; INSERT INTO d VALUES (1, JSON_OBJECT('a', 1.10, 'b', X'00ff')); XA END 'j'; XA PREPARE 'j'"
	carried a b docs
	equal "$(sql b "SELECT COUNT(*) FROM docs.d")" 0
	sql a "XA COMMIT 'j'"
	carried a b docs
	same 1
}
