#!/usr/bin/env bats
# An ALTER of whatever SHOW CREATE TABLE says is noticed, from mi-schema's reading to the dump's end, on both flavours.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql m:mariadb

make_plain() { # SERVER
	sql "$1" "DROP DATABASE IF EXISTS plain; CREATE DATABASE plain; USE plain;
		CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL DEFAULT 1, at DATETIME,
		    v VARCHAR(20), g INT AS (n + 1) STORED, KEY k (n), CONSTRAINT c CHECK (n < 100)) DEFAULT CHARSET=utf8mb4;
		CREATE TABLE p (id INT PRIMARY KEY) PARTITION BY RANGE (id)
		    (PARTITION p1 VALUES LESS THAN (10), PARTITION p2 VALUES LESS THAN (100));
		INSERT INTO t (n) VALUES (1),(2); INSERT INTO p VALUES (1)"
}

clauses() { # FLAVOUR
	cat <<-'SQL'
		t ALTER n SET DEFAULT 2
		t ALTER n DROP DEFAULT
		t ALTER v SET DEFAULT '(AUTO_INCREMENT=5'
		t ALTER v SET DEFAULT '(AUTO_INCREMENT=6'
		t MODIFY n INT NOT NULL DEFAULT (1 + 2)
		t MODIFY at DATETIME DEFAULT CURRENT_TIMESTAMP
		t MODIFY at DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
		t MODIFY v VARCHAR(20) COMMENT 'a column'
		t COMMENT 'a table AUTO_INCREMENT=5'
		t COMMENT 'a table AUTO_INCREMENT=6'
		t DROP CONSTRAINT c
		t ADD CONSTRAINT c CHECK (n < 101)
		t DROP KEY k, ADD KEY k (n) COMMENT 'a key'
		t MODIFY g INT AS (n + 2) STORED
		t ROW_FORMAT=COMPACT
		t STATS_PERSISTENT=0
		t MAX_ROWS=1000
		p ADD PARTITION (PARTITION p3 VALUES LESS THAN (1000))
		p REORGANIZE PARTITION p1 INTO (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES LESS THAN (10))
		p DROP PARTITION p3
		p REMOVE PARTITIONING
	SQL
	if [ "$1" = a ]; then
		cat <<-'SQL'
			t ALTER CHECK c NOT ENFORCED
			t ALTER INDEX k INVISIBLE
			t COMPRESSION='zlib'
		SQL
	else
		cat <<-'SQL'
			t ALTER INDEX k IGNORED
			t PAGE_COMPRESSED=1
		SQL
	fi
}

# What a stream says about the text of table NAME.
text_of() { # STREAM NAME
	mi-cat "$1" | sed -n "s/^table .* 'plain'.'$2' .* text //p"
}

@test "any clause, between mi-schema and the dump: another text, and the load refuses the rows" {
	local s table clause count=0
	for s in a m; do
		make_plain $s
		mi-schema -q -s $s -d plain --section=pre-data >before
		while read -r table clause; do
			sql $s "ALTER TABLE plain.$table $clause" </dev/null
			mi-schema -q -s $s -d plain --section=pre-data >after </dev/null
			[ "$(text_of before "$table")" != "$(text_of after "$table")" ] || fail "unnoticed: $clause"
			count=$((count + 1))
			mv after before
		done < <(clauses $s)
		mi-dump -q -s $s -d plain >rows
		equal "$(text_of rows t)" "$(text_of before t)"
		equal "$(text_of rows p)" "$(text_of before p)"
	done
	[ $count -gt 40 ]
}

@test "rows of an altered table do not go into what was made of the old definition" {
	local pair from to clause
	for pair in "a m" "m a"; do
		read -r from to <<<"$pair"
		for clause in "t ALTER n SET DEFAULT 2" "p ADD PARTITION (PARTITION p3 VALUES LESS THAN (1000))"; do
			make_plain "$from"
			mi-schema -q -s "$from" -d plain --section=pre-data --for-server="$to" >pre
			sql "$to" "DROP DATABASE IF EXISTS plain"
			sql "$from" "ALTER TABLE plain.$clause"
			mi-dump -q -s "$from" -d plain >rows
			run_exit 65 mi-load -s "$to" < <(cat pre rows)
			contains "$stderr" "table plain.${clause%% *} changed between the schema stream and the row stream"
		done
	done
}

@test "any clause while the rows are read: exit 65, the table named, no END" {
	local s table clause
	for s in a m; do
		while read -r table clause; do
			make_plain $s
			sql $s "CREATE TABLE plain.large (id INT PRIMARY KEY, x LONGTEXT);
				INSERT INTO plain.large WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 12)
				    SELECT n, REPEAT('x', 3000000) FROM r;
				ANALYZE TABLE plain.large, plain.t" >/dev/null </dev/null
			rm -f pipe
			mkfifo pipe
			background bash -c "exec mi-dump -q -s $s -d plain -j 1 -Z 0 >pipe 2>log"
			dump_pid=$bg_pid
			exec 7<pipe
			head -c 1000 <&7 >stream
			sql $s "ALTER TABLE plain.$table $clause" </dev/null
			cat <&7 >>stream
			exec 7<&-
			status=0
			wait "$dump_pid" || status=$?
			equal "$status" 65 "$clause: $(cat log)"
			contains "$(cat log)" "plain.$table"
			contains "$(cat log)" "altered"
			run_exit 65 mi-cat stream
		done <<-'SQL'
			t ALTER n SET DEFAULT 2
			t COMMENT 'late'
			p ADD PARTITION (PARTITION p3 VALUES LESS THAN (1000))
		SQL
	done
}

@test "a counter that moves is no change" {
	local s
	for s in a m; do
		make_plain $s
		mi-schema -q -s $s -d plain --section=pre-data >before
		sql $s "INSERT INTO plain.t (n) VALUES (1),(2),(3); ALTER TABLE plain.t AUTO_INCREMENT=1000000"
		mi-schema -q -s $s -d plain --section=pre-data >after
		equal "$(text_of before t)" "$(text_of after t)"
		sql $s "TRUNCATE plain.t"
		mi-schema -q -s $s -d plain --section=pre-data >after
		equal "$(text_of before t)" "$(text_of after t)"
	done
}

@test "an interrupted copy does not go on with a table that was altered in between" {
	local pair from to
	for pair in "a m" "m a"; do
		read -r from to <<<"$pair"
		make_plain "$from"
		sql "$to" "DROP DATABASE IF EXISTS plain"
		mi-schema -q -s "$from" -d plain --section=pre-data --for-server="$to" >pre
		run_exit 65 mi-load -s "$to" <pre # no rows came
		run_exit 65 mi-load -s "$to" <pre
		contains "$stderr" "have not all come"
		sql "$from" "ALTER TABLE plain.t ALTER n SET DEFAULT 77"
		mi-schema -q -s "$from" -d plain --section=pre-data --for-server="$to" >pre
		mi-dump -q -s "$from" -d plain >rows
		run_exit 65 mi-load -s "$to" < <(cat pre rows)
		contains "$stderr" "table plain.t: it has been altered on the source since this copy made it here"
		contains "$stderr" "begin anew"
		sql "$to" "DROP TABLE plain.t"
		run_ok mi-load -s "$to" < <(cat pre rows)
		equal "$(sql "$to" "SELECT COUNT(*) FROM plain.t")" 2
	done
}
