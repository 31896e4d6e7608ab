# Real servers for test files: source lib/helper.bash, then lib/server.bash.
#
#   servers a:mysql "b:mariadb --max-allowed-packet=1G"
#
# at the head of a test file gives it servers a and b of its own; $MI_CONFIG names their option file, so that a test
# says mi-dump -s a. Each test begins in a folder of its own. A file may define
#
#   servers_ready   called once, when the servers answer
#   test_begins     called before each test
#
# and teardown, as bats has it. A file whose servers need MySQL is skipped, test by test, where there is none. A file
# that must choose its servers writes a setup_file of its own, with servers_up.

servers() { # NAME:FLAVOUR [SERVER-OPTION...], each one word
	file_servers=("$@")
}
servers_ready() { :; }
test_begins() { :; }

setup_file() {
	servers_up "${file_servers[@]}"
	[ -n "${MI_SERVERS_SKIP-}" ] || servers_ready
}
teardown_file() {
	servers_down
}
setup() {
	need_servers
	cd "$BATS_TEST_TMPDIR" || return
	test_begins
}

# Whether there is a real MySQL, or one can be fetched.
have_mysql() {
	"$ROOT/scripts/fetch-mysql" >/dev/null 2>&1
}

need_mysql() {
	have_mysql || skip "no MySQL server to be had here"
}

need_servers() {
	[ -z "${MI_SERVERS_SKIP-}" ] || skip "$MI_SERVERS_SKIP"
}

# servers_up "NAME:FLAVOUR [SERVER-OPTION...]"...: starts them together, and returns when all of them answer.
servers_up() {
	local spec words pids=() pid failed=0
	export MI_SANDBOX=$BATS_FILE_TMPDIR/servers
	export MI_CONFIG=$MI_SANDBOX/my.cnf
	export MI_SANDBOX_OWNER=$$ # bats' process for this file: an interrupted run leaves no server
	if [[ " $*" == *:mysql* ]] && ! have_mysql; then
		export MI_SERVERS_SKIP="no MySQL server to be had here"
		return
	fi
	for spec; do
		read -ra words <<<"$spec"
		"$ROOT/scripts/sandbox" start "${words[0]%%:*}" "${words[0]#*:}" "${words[@]:1}" \
		    3>&- 4>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || failed=1
	done
	return $failed
}

servers_down() {
	[ ! -d "$MI_SANDBOX" ] || "$ROOT/scripts/sandbox" wipe --all
}

# sql NAME [STATEMENTS]: runs statements, or stdin, with the stock client as root, in utf8mb4 and UTC; prints rows
# as plain tab-separated lines.
sql() {
	local name=$1
	shift
	stock_client "$name" --batch --raw --skip-column-names --default-character-set=utf8mb4 --quick \
	    --max-allowed-packet=1G --init-command="SET time_zone='+00:00'" "${@/#/--execute=}"
}

# stock_client NAME [OPTION...]: the stock client as root, as `sandbox sql` starts it, without the script's own time:
# a test file asks its servers a thousand times.
stock_client() (
	local flavour='' client='' socket='' plain=--ssl-mode=DISABLED
	# shellcheck disable=SC1090
	. "$MI_SANDBOX/$1/state" || exit
	[ "$flavour" = mysql ] || plain=--skip-ssl
	exec "$client" --no-defaults -S "$socket" -u root "$plain" "${@:2}"
)

# fact NAME WHAT: prints one of scripts/sandbox's facts about a server, such as its port.
fact() (
	# shellcheck disable=SC1090
	if [ "$2" = pid ]; then . <("$ROOT/scripts/sandbox" env "$1"); else . "$MI_SANDBOX/$1/state"; fi || exit
	printf '%s\n' "${!2}"
)

# without_tls NAME: sets plain, a tool's options for TCP without TLS: an account at MySQL needs the server's key there.
without_tls() {
	local key
	key=$(fact "$1" datadir)/public_key.pem
	plain=(--ssl-mode=DISABLED)
	[ ! -f "$key" ] || plain+=("--server-public-key-path=$key")
}

# --- comparing

quote_text() {
	printf "'%s'" "${1//\'/\'\'}"
}

# The names of a database's tables but the tools' own, a line each.
tables_of() { # NAME DB
	sql "$1" "SELECT table_name FROM information_schema.tables WHERE table_schema=$(quote_text "$2")
		AND table_type='BASE TABLE' AND LEFT(table_name, 4)<>'_mi_' ORDER BY HEX(table_name)"
}

# Lines of table, type and column, for all tables but the tools' own bookkeeping and those named
# (comma-separated); no views.
columns_of() { # NAME DB [TABLES]
	sql "$1" "SELECT table_name, data_type, column_name FROM information_schema.columns
		JOIN information_schema.tables USING (table_schema, table_name)
		WHERE table_schema=$(quote_text "$2") AND table_type='BASE TABLE'
		AND LEFT(table_name, 4)<>'_mi_' AND NOT FIND_IN_SET(table_name, $(quote_text "${3-}"))
		ORDER BY HEX(table_name), ordinal_position"
}

# From columns_of's lines, a SELECT per table in which each column is an exact text: integers,
# decimals and times as they are, FLOAT widened (the server would print 6 digits), BIT, ENUM and SET
# as numbers, all else as bytes in hex; values over 200 bytes by length and SHA-256. NULL is the
# word NULL. Before each SELECT's rows comes a row "# table" with the table's number.
select_exact() {
	DB=$1 awk -F '\t' '
		function quoted(name) {
			gsub(/`/, "``", name)
			return "`" name "`"
		}
		function exact(type, col) {
			if (type ~ /^(float|double)$/)
				return col "*1e0"
			if (type ~ /^(bit|enum|set)$/)
				return "CAST(" col " AS UNSIGNED)"
			if (type ~ /int$|^(decimal|year|date|datetime|timestamp|time)$/)
				return col
			if (type == "json")
				col = "CONVERT(" col " USING utf8mb4)"
			else if (type ~ /^(uuid|inet4|inet6)$/)
				col = "CAST(" col " AS CHAR)"
			return "IF(LENGTH(" col ")>200,CONCAT(LENGTH(" col "),'"':'"',SHA2(" col \
			    ",256)),HEX(" col "))"
		}
		function finish() {
			if (list != "")
				print "SELECT '"'# table', "'" ++count ";\nSELECT " list " FROM " \
				    quoted(ENVIRON["DB"]) "." quoted(table) ";"
			list = ""
		}
		table != $1 { finish() }
		{
			table = $1
			list = list (list == "" ? "" : ",") exact($2, quoted($3))
		}
		END { finish() }'
}

# rows_exact NAME DB COLUMNS FOLDER: writes each table's rows, sorted, to the file FOLDER/number.
rows_exact() (
	set -o pipefail
	mkdir "$4"
	select_exact "$2" <"$3" | sql "$1" | FOLDER=$4 LC_ALL=C awk -F '\t' '
		$1 == "# table" {
			if (file)
				close(file)
			file = ENVIRON["FOLDER"] "/" $2
			printf "" >file
			next
		}
		{ print >file }' || return
	for file in "$4"/*; do
		LC_ALL=C sort -o "$file" "$file" || return
	done
)

# The first rows that only one of two sorted files has.
show_difference() {
	local only
	echo "rows: $(wc -l <"$1") and $(wc -l <"$2")"
	for only in 23 13; do
		echo "only in $([ $only = 23 ] && echo first || echo second):"
		LC_ALL=C comm -$only "$1" "$2" | cut -c 1-400 | sed -n '1,5s/^/    /p'
	done
}

# Compares the rows that rows_exact has written to two folders, table by table.
compare_rows() {
	local tables number=0 table failed=0
	mapfile -t tables < <(cut -f 1 "$work/columns.a" | uniq)
	for table in "${tables[@]}"; do
		number=$((number + 1))
		cmp -s "$work/a/$number" "$work/b/$number" && continue
		failed=1
		echo "$1.$table differs"
		show_difference "$work/a/$number" "$work/b/$number"
	done
	return $failed
}

# tables_equal A B DB [TABLES [DB-OF-B]]: the same tables (but for those, comma-separated) with the same
# columns and rows, whatever the flavours.
# What differs is printed to stderr. (JSON is compared as text.)
tables_equal() {
	local work pid failed=0 other=${5:-$3}
	work=$(mktemp -d "$BATS_TEST_TMPDIR/compare.XXXXXX")
	columns_of "$1" "$3" "${4-}" >"$work/columns.a" || return
	columns_of "$2" "$other" "${4-}" >"$work/columns.b" || return
	[ -s "$work/columns.a" ] || fail "no tables in $3 of $1" || return
	diff <(cut -f 1,3 "$work/columns.a") <(cut -f 1,3 "$work/columns.b") >&2 ||
	    fail "tables or columns of $3 differ" || return
	rows_exact "$1" "$3" "$work/columns.a" "$work/a" 3>&- &
	pid=$!
	rows_exact "$2" "$other" "$work/columns.b" "$work/b" || failed=1
	wait "$pid" || failed=1
	[ $failed -eq 0 ] || fail "$3 could not be read" || return
	compare_rows "$3" >&2 || return
	rm -rf "$work"
}

# The definitions of all tables and views, without the AUTO_INCREMENT counters.
definitions_of() {
	local table
	sql "$1" "SELECT table_name FROM information_schema.tables
		WHERE table_schema=$(quote_text "$2") AND LEFT(table_name, 4)<>'_mi_'
		ORDER BY HEX(table_name)" |
	    while read -r table; do
		    sql "$1" "SHOW CREATE TABLE \`${2//\`/\`\`}\`.\`${table//\`/\`\`}\`" </dev/null |
			sed -E 's/ AUTO_INCREMENT=[0-9]+//'
	    done
}

definitions_equal() {
	local work=$BATS_TEST_TMPDIR
	definitions_of "$1" "$3" >"$work/definitions.a"
	definitions_of "$2" "$3" >"$work/definitions.b"
	diff -u "$work/definitions.a" "$work/definitions.b" >&2
}

# transactions SERVER [CONDITION]: how many there are. MariaDB refreshes INNODB_TRX only when nobody has
# read that for 100 ms: who asks more often gets the same answer for ever.
transactions() {
	sleep 0.15
	sql "$1" "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE ${2:-TRUE}"
}
