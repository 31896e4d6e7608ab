#!/usr/bin/env bats
# Every row of a table is in its dump, whatever the order that index and comparison make of its key; and a dump whose
# ranges leave a row out says so instead of ending.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers "a:mysql --max-allowed-packet=64M" "m:mariadb --max-allowed-packet=64M"

servers_ready() {
	local server
	for server in a m; do
		sql $server "CREATE DATABASE keys_; USE keys_; CREATE TABLE seq (n INT PRIMARY KEY);
			INSERT INTO seq WITH RECURSIVE r AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 999) SELECT n FROM r;
			CREATE DATABASE plain;
			CREATE TABLE plain.t (id INT PRIMARY KEY, p CHAR(100) NOT NULL);
			INSERT INTO plain.t SELECT n * 3, REPEAT('p', 100) FROM seq;
			CREATE DATABASE text;
			CREATE TABLE text.v (k VARCHAR(20) PRIMARY KEY, id INT, p CHAR(100) NOT NULL);
			INSERT INTO text.v SELECT CONCAT('k', n), n, REPEAT('p', 100) FROM seq;
			ANALYZE TABLE plain.t, text.v" >/dev/null
	done
}

# Dumps into the file stream: as it should be, and with ranges that leave a row out.
dump() { mi-dump -q --threads=4 --chunk-size=4k "$@" >stream; }
broken_dump() { "${MI_BIN%/bin}/unit/mk_broken_dump" "$@" >stream; }

# Lines "table rows", by the server, and by a stream (rows that are in it twice count once).
rows_there() { # SERVER DB
	sql "$1" "SELECT CONCAT('SELECT ''', table_name, ''', COUNT(*) FROM \`', table_schema, '\`.\`', table_name, '\`;')
		FROM information_schema.tables WHERE table_schema = '$2' ORDER BY table_name" | sql "$1" | LC_ALL=C sort
}
rows_in() { # STREAM
	mi-cat "$1" >rows.text || return
	LC_ALL=C awk '
		$1 == "table" { split($3, name, "\047"); count[name[4]] += 0 }
		$1 == "row" { split($2, name, "\047"); if (!seen[$0]++) count[name[4]]++ }
		END { for (table in count) print table "\t" count[table] }' rows.text | LC_ALL=C sort
}

complete() { # SERVER DB OPTION...
	local server=$1 db=$2
	shift 2
	dump -s "$server" -d "$db" "$@"
	diff <(rows_there "$server" "$db") <(rows_in stream)
}

@test "ranges that leave a row out: 65, the table, both numbers, and no END" {
	local server table
	for server in a m; do
		for table in plain.t text.v; do
			complete $server "${table%.*}"
			run_exit 65 broken_dump $server "${table%.*}" auto
			contains "$stderr" "$table: its key ranges have 999 rows, and the snapshot has 1000"
			contains "$stderr" "--threads=1"
			run_exit 65 mi-cat stream
		done
	done
}

@test "the same of the rest of a dump: ranges that were finished before are counted in this snapshot" {
	local server
	for server in a m; do
		printf 'plain\tt\t0\t300\t900\nplain\tt\t0\t1500\t\n' >skip
		sql $server "DELETE FROM plain.t WHERE id IN (303, 1800); INSERT INTO plain.t VALUES (301, 'x'), (304, 'x'), (400000, 'y')"
		run_ok dump -s $server -d plain --skip=skip
		run_exit 65 broken_dump $server plain auto skip
		contains "$stderr" "plain.t: its key ranges have 1000 rows, and the snapshot has 1001"
		sql $server "DELETE FROM plain.t WHERE id IN (301, 304, 400000); INSERT INTO plain.t VALUES (303, 'x'), (1800, 'x')"
	done
}

@test "snapshots of several moments: their ranges are still proven, and what came and went is no failure" {
	local server
	for server in a m; do
		seq 5000 | awk '{ print "REPLACE INTO plain.t VALUES (" 1000000 + $1 % 50 ", \047w\047);"
			print "DELETE FROM plain.t WHERE id = " 1000000 + ($1 + 25) % 50 ";" }' >changes
		sql $server <changes 3>&- 4>&- &
		writer=$!
		for _ in 1 2 3; do
			run_ok dump -s $server -d plain --lock=none --lock-tries=1
			run_exit 65 broken_dump $server plain none
			contains "$stderr" "its key ranges have"
		done
		wait $writer
		sql $server "DELETE FROM plain.t WHERE id >= 1000000"
	done
}

@test "--no-count declines; conditions count, and a clock in them stands still" {
	sql a "CREATE TABLE plain.late (id INT PRIMARY KEY, at DATETIME(6), p CHAR(100) NOT NULL);
		INSERT INTO plain.late SELECT n, NOW(6) - INTERVAL 1 HOUR + INTERVAL n * 10000 MICROSECOND, REPEAT('p', 100) FROM keys_.seq;
		ANALYZE TABLE plain.late" >/dev/null
	run_ok dump -s a -d plain --where='plain.late:at > NOW(6) - INTERVAL 1 HOUR' --where='plain.t:id % 2 = 0'
	run_ok dump -s a -d plain --no-count
	sql a "DROP TABLE plain.late"
}

@test "the same text, bare and with a tab behind it, 20,000 times, in MariaDB's CHAR without padding" {
	sql m "CREATE DATABASE tabs; CREATE TABLE tabs.t (k CHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
			n INT, p CHAR(30) NOT NULL, PRIMARY KEY (k, n));
		INSERT INTO tabs.t SELECT CONCAT('k', LPAD(x.n * 20 + y.n, 6, '0'), z.tail), 1, 'p' FROM keys_.seq x JOIN keys_.seq y
			JOIN (SELECT '' AS tail UNION ALL SELECT '\t') z WHERE y.n < 20; ANALYZE TABLE tabs.t" >/dev/null
	complete m tabs
	equal "$(rows_in stream)" "t	40000"
	sql m "DROP DATABASE tabs"
}

# Words that make collations work: letters that expand, contract, are ignored or reordered; before control characters,
# blanks and others. From them, a table for each collation and type.
make_words() { # SERVER
	sql "$1" "DROP DATABASE IF EXISTS words; CREATE DATABASE words; USE words;
		CREATE TABLE bases (s VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin);
		INSERT INTO bases VALUES (''),('k'),('K'),('a'),('b'),('ss'),('ß'),('ae'),('æ'),('á'),('á'),('ch'),('cz'),('ll'),('lj'),
			('dž'),('k000001'),('เก'),('เ'),('가'),('ア'),('カー'),('İ'),('ı'),('ё'),('ς'),('😀'),('½'),('一'),('ñ');
		CREATE TABLE tails (s VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin);
		INSERT INTO tails SELECT CHAR(n USING utf8mb4) FROM keys_.seq WHERE n < 34 OR n IN (45, 65, 97, 126, 127);
		INSERT INTO tails VALUES (''),('  '),(' \t'),('\t '),(CONVERT(X'E2808B' USING utf8mb4)),(CONVERT(X'C2AD' USING utf8mb4)),
			(CONVERT(X'CC81' USING utf8mb4)),(CONVERT(X'EFB88F' USING utf8mb4)),(CONVERT(X'E38080' USING utf8mb4)),('ß')"
}

make_table() { # NAME TYPE CHARSET COLLATION
	echo "CREATE TABLE matrix.\`$1\` (k $2 CHARACTER SET $3 COLLATE $4 PRIMARY KEY, p CHAR(60) NOT NULL DEFAULT 'p');
		INSERT IGNORE INTO matrix.\`$1\` (k) SELECT CONVERT(CONCAT(b.s, t.s) USING $3) FROM words.bases b JOIN words.tails t;"
	[ "$5" != 1 ] || echo "INSERT IGNORE INTO matrix.\`$1\` (k) SELECT UNHEX(LPAD(HEX(n), 2, '0')) FROM keys_.seq WHERE n BETWEEN 1 AND 255;"
}

make_matrix() { # SERVER; collations on stdin: charset, collation, bytes of a character at most
	local charset collation most type
	{
		echo "SET sql_mode = ''; DROP DATABASE IF EXISTS matrix; CREATE DATABASE matrix;"
		while read -r charset collation most; do
			[ "$charset" != ascii ] || most=2
			for type in CHAR VARCHAR; do make_table "${type}_$collation" "$type(30)" "$charset" "$collation" "$most"; done
		done
		for type in BINARY VARBINARY; do
			echo "CREATE TABLE matrix.\`$type\` (k $type(12) PRIMARY KEY, p CHAR(60) NOT NULL DEFAULT 'p');
				INSERT IGNORE INTO matrix.\`$type\` (k) SELECT LEFT(CAST(CONCAT(b.s, t.s) AS BINARY), 12) FROM words.bases b JOIN words.tails t;
				INSERT IGNORE INTO matrix.\`$type\` (k) SELECT UNHEX(LPAD(HEX(n), 2, '0')) FROM keys_.seq WHERE n <= 255;"
		done
	} | sql "$1" 2>/dev/null
	sql "$1" "SELECT CONCAT('ANALYZE TABLE matrix.\`', table_name, '\`;') FROM information_schema.tables WHERE table_schema = 'matrix'" |
		sql "$1" >/dev/null
}

@test "collations, CHAR, VARCHAR and BINARY: every row, in chunks of 4 KiB, by four readers" {
	make_words a
	make_words m
	sql a "SELECT character_set_name, collation_name, maxlen FROM information_schema.collations
			JOIN information_schema.character_sets USING (character_set_name)
			WHERE collation_name IN ('utf8mb4_0900_ai_ci', 'utf8mb4_0900_as_cs', 'utf8mb4_0900_bin', 'utf8mb4_bin', 'utf8mb4_general_ci',
			    'utf8mb4_ja_0900_as_cs_ks', 'utf8mb4_zh_0900_as_cs', 'utf8mb4_hr_0900_ai_ci', 'utf8mb4_da_0900_ai_ci', 'utf8mb4_cs_0900_ai_ci',
			    'utf8mb4_es_trad_0900_ai_ci', 'utf8mb4_hu_0900_ai_ci', 'utf8mb4_unicode_ci', 'utf8mb4_unicode_520_ci', 'utf8mb3_bin',
			    'ucs2_unicode_ci', 'utf16_unicode_ci', 'utf32_general_ci', 'latin1_german2_ci', 'latin1_bin')
			OR is_default = 'Yes' AND character_set_name NOT IN ('binary', 'utf16le', 'utf8mb4')" >mysql
	sql m "SELECT c.character_set_name, a.full_collation_name, c.maxlen FROM information_schema.collation_character_set_applicability a
			JOIN information_schema.character_sets c USING (character_set_name)
			WHERE a.full_collation_name IN ('utf8mb4_bin', 'utf8mb4_nopad_bin', 'utf8mb4_general_ci', 'utf8mb4_general_nopad_ci',
			    'utf8mb4_unicode_ci', 'utf8mb4_unicode_nopad_ci', 'utf8mb4_unicode_520_nopad_ci', 'utf8mb4_uca1400_ai_ci',
			    'utf8mb4_uca1400_nopad_ai_ci', 'utf8mb4_uca1400_nopad_as_cs', 'utf8mb4_uca1400_danish_nopad_as_cs',
			    'utf8mb4_uca1400_croatian_nopad_ai_ci', 'utf8mb4_czech_ci', 'utf8mb4_spanish2_ci', 'utf8mb4_hungarian_ci', 'ucs2_nopad_bin',
			    'utf16_general_nopad_ci', 'utf32_nopad_bin', 'latin1_nopad_bin', 'latin1_swedish_nopad_ci', 'latin1_german2_ci',
			    'cp1250_nopad_bin', 'tis620_thai_nopad_ci', 'tis620_nopad_bin', 'sjis_nopad_bin')
			OR a.full_collation_name = c.default_collate_name AND c.character_set_name NOT IN ('binary', 'utf16le')" >mariadb
	[ "$(wc -l <mysql)" -ge 45 ]
	[ "$(wc -l <mariadb)" -ge 45 ]
	make_matrix a <mysql &
	made=$!
	make_matrix m <mariadb
	wait $made
	complete a matrix
	complete m matrix
	[ "$(grep -c '^chunk ' rows.text)" -gt 500 ]
}
