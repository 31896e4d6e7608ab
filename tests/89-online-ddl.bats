#!/usr/bin/env bats
# Tools that change a table under its application, by a second table and a swap: pt-online-schema-change and gh-ost
# themselves, on a source under load that is followed. They write the whole table once more and turn names; the
# triggers of the former act at the source alone. Names that turn while the follower asks the source for definitions.
# Skipped by name where the tool is not there: PT_OSC and GH_OST may say where.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"
. "$BATS_TEST_DIRNAME/lib/follow.bash"

export BATS_TEST_TIMEOUT=120

servers a:mysql b:mysql m:mariadb n:mariadb

# Of each kind one. a and b are of one type: a definition from another time would exchange them unnoticed.
ALTERS=(
	"ADD COLUMN extra INT NOT NULL DEFAULT 7 AFTER id"
	"MODIFY b INT NOT NULL FIRST, MODIFY extra INT NOT NULL DEFAULT 8 AFTER a"
	"DROP COLUMN gone, DROP KEY a, ADD KEY both_of (b, a)"
	"MODIFY b BIGINT NOT NULL AFTER a, MODIFY note TEXT"
)

test_begins() {
	load_pid='' binlog_pid='' apply_pid='' proxy_pid='' through=()
	db=o$BATS_TEST_NUMBER
}

teardown() {
	local pid
	for pid in ${load_pid-} ${binlog_pid-} ${apply_pid-} ${proxy_pid-}; do kill "$pid" 2>/dev/null || true; done
}

# both SOURCE TARGET: the same table on both, not small enough for one chunk; $since is where they are equal.
both() {
	local server
	for server in "$1" "$2"; do
		sql "$server" "DROP DATABASE IF EXISTS $db; CREATE DATABASE $db; USE $db;
			CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a INT NOT NULL, b INT NOT NULL,
				note VARCHAR(80) CHARACTER SET utf8mb4, gone INT, KEY (a));
			INSERT INTO t (a, b, note, gone) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<400)
				SELECT i, i*1000, CONCAT('row ', i), i FROM n;
			ANALYZE TABLE t" >/dev/null
	done
	since=$(position "$1")
}

load_starts() {
	/usr/bin/python3 "$ROOT/tests/lib/steady.py" "$(fact "$1" socket)" "$db" t >rounds 2>load.err 3>&- 4>&- &
	load_pid=$!
}

load_ends() {
	kill "$load_pid"
	wait "$load_pid" || fail "the load failed: $(cat load.err)" || return
	load_pid=
	[ "$(cat rounds)" -gt 20 ] || fail "no load: $(cat rounds) rounds"
}

# follower_starts SOURCE TARGET: the pair at work until it is told to end.
follower_starts() {
	rm -f stream
	mkfifo stream
	mi-binlog -q -s "$1" "${through[@]}" -d "$db" --import="$db" --since="$since" --definitions=defs >stream 2>binlog.err 3>&- 4>&- &
	binlog_pid=$!
	mi-apply -q -s "$2" --state-db="$db" --start="$since" --checkpoint=cp --on-ddl=apply <stream 2>apply.err 3>&- 4>&- &
	apply_pid=$!
}

has_applied() { # GTIDS
	mi-gtid contains @cp "$1" || ! kill -0 "$binlog_pid" || ! kill -0 "$apply_pid"
}

follower_reaches() { # SOURCE
	local end
	end=$(position "$1")
	wait_until 30 has_applied "$end"
	mi-gtid contains @cp "$end" || fail "the follower has stopped" "$(cat binlog.err apply.err)"
}

follower_ends() {
	kill "$binlog_pid"
	wait "$binlog_pid" || equal $? 75
	wait "$apply_pid" || equal $? 75 "$(cat apply.err)"
	binlog_pid='' apply_pid=''
}

equal_now() { # SOURCE TARGET
	tables_equal "$1" "$2" "$db"
	equal "$(sql "$2" "SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.TABLES
		WHERE TABLE_SCHEMA='$db' AND TABLE_NAME NOT LIKE '\\_mi\\_%'")" t
	[ "$(flavour_of "$1")" != "$(flavour_of "$2")" ] || definitions_equal "$1" "$2" "$db"
}

flavour_of() {
	fact "$1" flavour
}

# ---- The tools: each changes the table t of the database $db ----

# It reads the rows of EXPLAIN, which MySQL 9 prints as a tree unless told otherwise.
pt_osc() { # SERVER ALTER
	local settings=()
	[ "$(flavour_of "$1")" != mysql ] || settings=(--set-vars explain_format=TRADITIONAL)
	"${PT_OSC:-pt-online-schema-change}" --execute "${settings[@]}" --recursion-method=none --no-version-check --no-check-alter \
	    --chunk-size=100 --chunk-time=0 --sleep=0.05 --alter "$2" \
	    "S=$(fact "$1" socket),u=root,D=$db,t=t" >tool.log 2>&1 || fail "the tool failed: $(tail -20 tool.log)"
}

gh_ost() { # SERVER ALTER
	"${GH_OST:-gh-ost}" --execute --allow-on-master --initially-drop-ghost-table --initially-drop-old-table \
	    --ok-to-drop-table --chunk-size=150 --nice-ratio=1 --serve-socket-file="$PWD/gh-ost.sock" \
	    --host=127.0.0.1 --port="$(fact "$1" port)" --user=mi --password="$(password_of "$1")" --ssl \
	    --ssl-allow-insecure --database="$db" --table=t --alter="$2" >tool.log 2>&1 ||
	    fail "the tool failed: $(tail -20 tool.log)"
}

password_of() {
	sed -n "/^\[client_$1\]/,/^\[/s/^password=//p" "$MI_CONFIG"
}

need_tool() { # NAME PROGRAM
	command -v "$2" >/dev/null || skip "no $1 on this machine"
}

# ---- The two ways to follow ----

# followed_live TOOL SOURCE TARGET
followed_live() {
	local alter
	both "$2" "$3"
	follower_starts "$2" "$3"
	for alter in "${ALTERS[@]}"; do
		load_starts "$2"
		wait_until 10 [ -s cp ]
		"$1" "$2" "$alter"
		load_ends
		follower_reaches "$2"
		equal_now "$2" "$3"
	done
	follower_ends
}

# followed_later TOOL SOURCE TARGET: the follower has been there, and comes again when all is done.
followed_later() {
	local alter
	both "$2" "$3"
	carried_by_definitions "$2" "$3"
	load_starts "$2"
	for alter in "${ALTERS[@]}"; do "$1" "$2" "$alter"; done
	load_ends
	carried_by_definitions "$2" "$3"
	equal_now "$2" "$3"
}

carried_by_definitions() { # SOURCE TARGET
	filter=(--definitions=defs)
	carried "$1" "$2" "$db" --on-ddl=apply 2>follow.err || fail "not followed: $(cat follow.err)"
}

@test "pt-online-schema-change, MySQL, followed live" {
	need_tool pt-online-schema-change "${PT_OSC:-pt-online-schema-change}"
	followed_live pt_osc a b
	contains "$(cat apply.err)" "left out: CREATE"
}
@test "pt-online-schema-change, MariaDB, followed live" {
	need_tool pt-online-schema-change "${PT_OSC:-pt-online-schema-change}"
	followed_live pt_osc m n
}
@test "pt-online-schema-change, MySQL, followed later by MariaDB" {
	need_tool pt-online-schema-change "${PT_OSC:-pt-online-schema-change}"
	followed_later pt_osc a n
}
@test "pt-online-schema-change, MariaDB, followed later by MySQL" {
	need_tool pt-online-schema-change "${PT_OSC:-pt-online-schema-change}"
	followed_later pt_osc m b
}
@test "gh-ost, MySQL, followed live" {
	need_tool gh-ost "${GH_OST:-gh-ost}"
	followed_live gh_ost a b
}
@test "gh-ost, MySQL, followed later" {
	need_tool gh-ost "${GH_OST:-gh-ost}"
	followed_later gh_ost a b
}

# ---- A statement at any moment while the server is asked for definitions ----

# meddle_with SOURCE PATTERN SQL: ${through[@]} leads through a proxy, which runs SQL just before the source gets
# the first statement that has PATTERN in it.
meddle_with() {
	rm -f port
	background "$ROOT/tests/lib/meddle.py" port "$(fact "$1" port)" "$2" "$3" 2>proxy.err
	proxy_pid=$bg_pid
	wait_until 20 test -s port
	without_tls "$1"
	through=(--host=127.0.0.1 --port="$(cat port)" "${plain[@]}")
}

# asked_while SOURCE TARGET MOMENT STATEMENT [TABLE]: u is t with another order of columns; then STATEMENT comes at
# that moment of a follower's questions. TABLE (t) gets rows afterwards. kept=yes: the follower has been there before.
asked_while() {
	local before after
	rm -rf cp defs
	both "$1" "$2"
	[ -z "${kept-}" ] || carried_by_definitions "$1" "$2"
	sql "$1" "USE $db; CREATE TABLE u LIKE t; ALTER TABLE u MODIFY b INT NOT NULL FIRST;
		INSERT INTO u (id, a, b) SELECT id, a, b FROM t WHERE id < 9; UPDATE t SET b=b+1 WHERE id < 9"
	before=$(position "$1")
	meddle_with "$1" "$3" "$4"
	follower_starts "$1" "$2"
	follower_reaches "$1"
	after=$(position "$1")
	[ "$after" != "$before" ] || fail "that moment has not come: $3"
	sql "$1" "INSERT INTO $db.${5-t} (a, b) VALUES (1, 2), (3, 4)"
	follower_reaches "$1"
	follower_ends
	kill "$proxy_pid"
	proxy_pid=
	equal "$(cat proxy.err)" ""
	tables_equal "$1" "$2" "$db"
}

# The moments: before the position is asked for, between the tables and their columns, and before the follower
# makes sure that it sees in the log whatever it has seen in the definitions.
asked() { # SOURCE TARGET
	local swap="RENAME TABLE $db.t TO $db.old, $db.u TO $db.t" kept
	asked_while "$1" "$2" 'gtid_executed|gtid_binlog_pos' "$swap"
	asked_while "$1" "$2" 'information_schema.(COLUMNS|columns)' "$swap"
	for kept in '' yes; do
		asked_while "$1" "$2" 'LIMIT 0' "$swap"
		asked_while "$1" "$2" 'LIMIT 0' "ALTER TABLE $db.u MODIFY b INT NOT NULL AFTER a" u
		asked_while "$1" "$2" 'LIMIT 0' "DROP TABLE $db.u"
	done
}

@test "MySQL: tables change while their definitions are asked for" { asked a b; }
@test "MariaDB: tables change while their definitions are asked for" { asked m n; }
