# Real servers for test files: load lib/helper, then load lib/server.
#
#   setup_file() { servers_up a:mysql "b:mariadb --max-allowed-packet=1G"; }
#   teardown_file() { servers_down; }
#
# makes servers a and b of this file alone; $MI_CONFIG names their option file, so that a test says
# mi-dump -s a. A file whose servers need MySQL is skipped where MySQL cannot be had.

# Whether there is a real MySQL, or one can be fetched.
have_mysql() {
	"$ROOT/scripts/fetch-mysql" >/dev/null 2>&1
}

need_mysql() {
	have_mysql || skip "no MySQL server to be had here"
}

# A skip in setup_file would fail the file, so it is said there and done by each test: the file's
# setup() has to call it.
need_servers() {
	[ -z "${MI_SERVERS_SKIP-}" ] || skip "$MI_SERVERS_SKIP"
}

# servers_up "NAME:FLAVOUR [SERVER-OPTION...]"...: all at once; returns when all of them answer.
servers_up() {
	local spec words pids=() pid failed=0
	export MI_SANDBOX=$BATS_FILE_TMPDIR/servers
	export MI_CONFIG=$MI_SANDBOX/my.cnf
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

# sql NAME [STATEMENTS]: by the stock client as root, in utf8mb4 and UTC; rows as plain
# tab-separated lines. Without statements it reads stdin.
sql() {
	local name=$1
	shift
	set -- "${@/#/--execute=}"
	"$ROOT/scripts/sandbox" sql "$name" --batch --raw --skip-column-names \
	    --default-character-set=utf8mb4 --quick --max-allowed-packet=1G \
	    --init-command="SET time_zone='+00:00'" "$@"
}

# The value of one of scripts/sandbox's facts: fact NAME port
fact() {
	# shellcheck disable=SC1090
	(. <("$ROOT/scripts/sandbox" env "$1") && printf '%s\n' "${!2}")
}

# --- comparing

quote_text() {
	printf "'%s'" "${1//\'/\'\'}"
}

# The tables of a database, one a line; not the views, not the tools' own bookkeeping.
tables_of() {
	sql "$1" "SELECT table_name FROM information_schema.tables
		WHERE table_schema=$(quote_text "$2") AND table_type='BASE TABLE'
		AND LEFT(table_name, 4)<>'_mi_' ORDER BY HEX(table_name)"
}

columns_of() {
	sql "$1" "SELECT column_name FROM information_schema.columns
		WHERE table_schema=$(quote_text "$2") AND table_name=$(quote_text "$3")
		ORDER BY ordinal_position"
}

# Prints a SELECT of a table in which each column is an exact text: integers, decimals and times as
# they are, FLOAT widened (the server would print 6 digits), BIT, ENUM and SET as numbers, all else
# as bytes in hex; values over 200 bytes by length and SHA-256. NULL is the word.
select_exact() {
	sql "$1" "SELECT data_type, CONCAT('\`', REPLACE(column_name, '\`', '\`\`'), '\`')
		FROM information_schema.columns
		WHERE table_schema=$(quote_text "$2") AND table_name=$(quote_text "$3")
		ORDER BY ordinal_position" |
	    TABLE="\`${2//\`/\`\`}\`.\`${3//\`/\`\`}\`" awk '
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
		{
			type = $1
			sub(/^[^\t]*\t/, "")
			list = list (NR > 1 ? "," : "") exact(type, $0)
		}
		END { print "SELECT " list " FROM " ENVIRON["TABLE"] }'
}

# Every row of a table, in an order that does not depend on the server.
rows_exact() {
	select_exact "$1" "$2" "$3" | sql "$1" | LC_ALL=C sort
}

# The first rows that only one of two sorted files has.
show_difference() {
	local only
	echo "rows: $(wc -l <"$1") and $(wc -l <"$2")"
	for only in 23 13; do
		echo "only in $([ $only = 23 ] && echo first || echo second):"
		LC_ALL=C comm -$only "$1" "$2" | cut -c 1-400 | sed -n '1,5s/^/    /p'
	done
}

# table_equal A B DB TABLE
table_equal() {
	local work failed=0 pid
	work=$(mktemp -d "$BATS_TEST_TMPDIR/compare.XXXXXX")
	if ! columns_of "$1" "$3" "$4" >"$work/a" || ! columns_of "$2" "$3" "$4" >"$work/b" ||
	    ! cmp -s "$work/a" "$work/b"; then
		echo "$3.$4: the columns differ:"
		diff "$work/a" "$work/b" || true
		return 1
	fi
	(set -o pipefail && rows_exact "$1" "$3" "$4") >"$work/a" 3>&- &
	pid=$!
	(set -o pipefail && rows_exact "$2" "$3" "$4") >"$work/b" || failed=1
	wait "$pid" || failed=1
	if [ $failed -ne 0 ]; then
		echo "$3.$4: could not be read"
	elif ! cmp -s "$work/a" "$work/b"; then
		echo "$3.$4 differs between $1 and $2"
		show_difference "$work/a" "$work/b"
		failed=1
	fi
	rm -rf "$work"
	return $failed
}

# tables_equal A B DB: the same tables with the same columns and rows, whatever the flavours.
tables_equal() {
	local first second table failed=0
	first=$(tables_of "$1" "$3")
	second=$(tables_of "$2" "$3")
	[ "$first" = "$second" ] || fail "tables differ" "$1: $first" "$2: $second" || return
	[ -n "$first" ] || fail "no tables in $3" || return
	while read -r table; do
		table_equal "$1" "$2" "$3" "$table" >&2 </dev/null || failed=1
	done <<<"$first"
	return $failed
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
