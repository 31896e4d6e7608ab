#!/usr/bin/env bats
# What the target's version or flavour lacks is named by mi-check before anything is copied: functions, reserved words
# and forms, in every kind of definition; and what it has is never named.
#
# MI_OTHER_SERVERS=FILE: an option file with a group [client_NAME] for each of further servers, other versions than the
# two here, which the lists of names are tried on, too. They are skipped where there are none.
# shellcheck disable=SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql m:mariadb "talked:mysql --performance-schema=ON" "spoken:mariadb --performance-schema=ON"

servers_ready() {
	for server in a m; do
		sql $server "CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
	done
}

# lost ARGUMENT...: the findings of the check, "level TAB text TAB fix" each.
lost() {
	mi-check --tsv "$@" >report || [ $? -eq 1 ]
	awk -F'\t' -v OFS='\t' '$2 == "lost" { print $3, $4, $5 }' report
}

fresh() { # SERVER: shop, empty
	sql "$1" "DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
}

# Every function that the tree knows by name.
functions_known() {
	sed -nE 's/^ *\{"([A-Z0-9_]+)", (MI_FUNCTION|"|NULL|$).*/\1/p' "$ROOT/lib/sql/function.c"
	sed -nE 's/^ *\{"([A-Z0-9_]+)",.*/\1/p' "$ROOT/lib/check/instead.c"
}

# forced CLIENT... <STATEMENTS: all of them, whatever fails.
forced() {
	"$@" --batch --skip-column-names --force --default-character-set=utf8mb4 2>&1
}
here() { # SERVER: its client
	client=("$ROOT/scripts/sandbox" sql "$1")
}

# programs_of CLIENT... <NAMES: statements that make a program for each function, with each number of arguments up to
# three that this server takes: f_NAME_NUMBER.
programs_of() {
	awk 'function list(n, word,  i, text) { for (i = 0; i < n; i++) text = text (i ? "," : "") word; return text }
		BEGIN { print "USE information_schema;" }
		{ for (n = 0; n < 4; n++)
			printf "SELECT \"#f_%s_%d\"; PREPARE p FROM \"SELECT %s(%s)\";\n", $1, n, $1, list(n, "?") }' |
	    forced "$@" | awk 'function list(n, word,  i, text) { for (i = 0; i < n; i++) text = text (i ? "," : "") word; return text }
		function finish() {
			n = substr(name, length(name)) + 0
			if (name && !bad)
				printf "CREATE PROCEDURE %s() SELECT %s(%s);\n", name, substr(name, 3, length(name) - 4), list(n, "@n")
			bad = 0
		}
		/^#/ { finish(); name = substr($0, 2) }
		/^ERROR/ && $2 ~ /^(1064|1305|1582|1630)$/ { bad = 1 }
		END { finish() }'
}

# absent_when_called CLIENT... <PROGRAMS: those whose call fails because a function is not there.
absent_when_called() {
	sed 's/.*/SELECT "#&"; CALL &();/' | forced "$@" shop |
	    awk '/^#/ { name = substr($0, 2) } /^ERROR/ && ($2 == 1305 || $2 == 1630) { print name }' | sort -u
}

function_of() { # <PROGRAMS
	sed -E 's/^f_(.*)_[0-9]$/\1/' | sort -u
}

@test "every function that is known by name: named when a program that calls it fails there, and else not" {
	local from to pair
	functions_known | sort -u >known
	[ "$(wc -l <known)" -gt 400 ]
	for pair in "a m" "m a"; do
		read -r from to <<<"$pair"
		fresh "$from"
		fresh "$to"
		here "$from"
		programs_of "${client[@]}" <known >make.sql
		forced "${client[@]}" shop <make.sql >/dev/null
		sql "$from" "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA='shop'" >made
		[ "$(wc -l <made)" -gt 400 ]
		absent_when_called "${client[@]}" <made >broken # is no definition that works on the source
		sed 's/.*/DROP PROCEDURE &;/' broken | forced "${client[@]}" shop
		grep -vxFf broken made >programs
		lost -s "$from" -t "$to" -d shop >found
		# the truth: made there, and called
		here "$to"
		forced "${client[@]}" shop <make.sql >/dev/null
		sql "$to" "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA='shop'" >made
		{
			grep -vxFf made programs || true
			absent_when_called "${client[@]}" <programs
		} | function_of >fails
		grep -oE "^blocker.(the target has no function|the target takes another number of arguments for) [A-Z0-9_]+" found |
		    sed 's/.* //' | sort -u >named
		grep 'does not take the statement' found | grep -oE 'f_[A-Z0-9_]+_[0-9]' | function_of | sort -u - named -o named
		echo "# $from -> $to: $(wc -l <programs) programs, $(wc -l <fails) functions fail" >&3
		[ "$(wc -l <fails)" -gt 10 ]
		equal "$(comm -23 fails named)" "" "$from -> $to: fail, and are not named"
		equal "$(comm -13 fails named)" "" "$from -> $to: are named, and do not fail"
	done
}

@test "every word of either grammar as a variable of a program: named when the target reserves it, and else not" {
	local from to pair
	sql a "SELECT WORD FROM information_schema.KEYWORDS" | tr '[:upper:]' '[:lower:]' >words
	# MariaDB lists words with operators and such beside them
	sql m "SELECT WORD FROM information_schema.KEYWORDS" | tr '[:upper:]' '[:lower:]' >>words
	grep -E '^[a-z][a-z0-9_]*$' words | sort -u >all
	sed 's/.*/CREATE PROCEDURE w_&() BEGIN DECLARE & INT; SET & = 1; END;/; 1i DELIMITER //' all |
	    sed '1!s/END;$/END\/\//' >make.sql
	for pair in "a m" "m a"; do
		read -r from to <<<"$pair"
		fresh "$from"
		fresh "$to"
		here "$from"
		forced "${client[@]}" shop <make.sql >/dev/null
		sql "$from" "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA='shop'" | sort >made
		[ "$(wc -l <made)" -gt 400 ]
		lost -s "$from" -t "$to" -d shop >found
		here "$to"
		forced "${client[@]}" shop <make.sql >/dev/null
		sql "$to" "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA='shop'" | sort >there
		comm -23 made there >fails
		grep -oE 'routine shop\.w_[a-z0-9_]+' found | sed 's/.*\.//' | sort -u >named
		echo "# $from -> $to: $(wc -l <made) words, $(wc -l <fails) reserved there" >&3
		[ "$(wc -l <fails)" -gt 5 ]
		equal "$(diff fails named)" "" "$from -> $to: < is reserved and not named, > is named and not reserved"
	done
	contains "$(cat found)" $'a reserved word of the target stands there unquoted: groups: routine shop.w_groups\twrite `groups`'
}

@test "each kind of definition, each fault named with its place and what stands in for it" {
	fresh m
	fresh a
	sql m <<-'END'
		USE shop;
		CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20), h CHAR(32) AS (MD5(a)) STORED,
			d CHAR(40) DEFAULT (SHA1('x')), CONSTRAINT c CHECK (JSON_EXISTS(a, '$.x') = 0));
		CREATE TABLE md5 (id INT PRIMARY KEY);
		CREATE TABLE cast_to (id INT PRIMARY KEY, a VARCHAR(40), h VARCHAR(50) AS (CAST(CAST(a AS INET6) AS CHAR(40))));
		CREATE VIEW v AS SELECT NVL2(a, 1, 2) AS n, MD5(a) FROM t;
		DELIMITER //
		CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN
			INSERT INTO md5 (id) VALUES (1); SET NEW.a = OLD_PASSWORD('x'); END//
		CREATE PROCEDURE ret() BEGIN INSERT INTO t (id) VALUES (1) RETURNING id; END//
		CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN SELECT `chr` (65); END//
		CREATE FUNCTION own(x INT) RETURNS INT DETERMINISTIC RETURN x//
		CREATE PROCEDURE fine() BEGIN DECLARE x INT; WITH x (a) AS (SELECT own(1)) SELECT * FROM x; END//
		SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'//
		CREATE PROCEDURE quoted() SELECT '\', nvl2(1,2,3), 'lengthb(1)' AS "x"//
		CREATE PROCEDURE words() BEGIN DECLARE groups INT; END//
	END
	lost -s m -t a -d shop >found
	contains "$(cat found)" $'blocker\tthe target has no function MD5: table shop.t (h), view shop.v\tin place of MD5: INSTALL COMPONENT'
	contains "$(cat found)" $'blocker\tthe target has no function SHA: table shop.t (d)\t'
	contains "$(cat found)" $'blocker\tthe target has no function JSON_EXISTS: table shop.t (c)\tin place of JSON_EXISTS: JSON_CONTAINS_PATH'
	contains "$(cat found)" $'blocker\tthe target has no function NVL2: routine shop.quoted, view shop.v\tin place of NVL2: IF(... IS NOT NULL'
	contains "$(cat found)" $'blocker\tthe target has no function OLD_PASSWORD: trigger shop.tr\t'
	contains "$(cat found)" $'blocker\tthe target has no function CHR: event shop.e\tin place of CHR: CHAR('
	contains "$(cat found)" $'stands there unquoted: groups: routine shop.words\twrite `groups`'
	grep -qi "does not take the statement (.*near 'returning id" found || fail "$(cat found)"
	grep -q "does not take the statement (near 'inet6) as char(40).*table shop.cast_to" found || fail "$(cat found)"
	equal "$(wc -l <found)" 9 "$(cat found)"
	# a copy alone carries no programs
	lost -s m -t a -d shop --copy-only >found
	contains "$(cat found)" $'warning\tthe target has no function CHR: event shop.e'
	contains "$(cat found)" $'blocker\tthe target has no function NVL2: '
	lost -s m -t m -d shop >found
	equal "$(cut -f 1 found)" ok "$(cat found)"
}

@test "what stands in for a function on the target is seen: a component, a stored function" {
	fresh m
	fresh a
	sql m "CREATE TABLE shop.t (id INT PRIMARY KEY, a VARCHAR(9)); CREATE VIEW shop.v AS SELECT MD5(a), NVL2(a, 'A', 'B') FROM shop.t"
	lost -s m -t a -d shop >found
	equal "$(cut -f 1 found)" $'blocker\nblocker' "$(cat found)"
	sql a "INSTALL COMPONENT 'file://component_classic_hashing'"
	sql a "CREATE FUNCTION shop.nvl2(a TEXT, b TEXT, c TEXT) RETURNS TEXT DETERMINISTIC RETURN IF(a IS NOT NULL, b, c)"
	lost -s m -t a -d shop >found
	equal "$(cut -f 1 found)" ok "$(cat found)"
	# neither is for a table
	sql m "ALTER TABLE shop.t ADD h CHAR(32) AS (MD5(a)), ADD c CHAR(1) AS (NVL2(a, 'A', 'B'))"
	lost -s m -t a -d shop >found
	sql a "UNINSTALL COMPONENT 'file://component_classic_hashing'"
	contains "$(cat found)" $'blocker\tthe target has it as a loadable function only, which no table may call: MD5: table shop.t (h)'
	contains "$(cat found)" $'blocker\tthe target has no function NVL2: table shop.t (c)'
	equal "$(wc -l <found)" 2 "$(cat found)"
}

@test "one name, two answers: shown by an example, for what definitions use alone" {
	fresh m
	fresh a
	sql a "CREATE TABLE shop.t (id INT PRIMARY KEY);
		CREATE VIEW shop.v AS SELECT REGEXP_REPLACE('a', '(a)', '\$1') AS r, REGEXP_SUBSTR('a', 'b') AS s FROM shop.t"
	lost -s a -t m -d shop >found
	contains "$(cat found)" "REGEXP_REPLACE('abc', '(b)', '[\$1]') is a[b]c on the source, a[\$1]c on the target"
	contains "$(cat found)" "REGEXP_SUBSTR('abc', 'z') is NULL on the source,  on the target"
	equal "$(cut -f 1 found)" $'warning\nwarning' "$(cat found)"
}

@test "nothing is changed or run on either server, and an account with the least privileges sees as much" {
	local server before
	fresh m
	fresh a
	sql m "CREATE TABLE shop.t (id INT PRIMARY KEY, a VARCHAR(9)); CREATE VIEW shop.v AS SELECT MD5(a), NVL2(a, 1, 2) FROM shop.t"
	sql m "CREATE PROCEDURE shop.wait() SELECT SLEEP(600), RELEASE_ALL_LOCKS(), CHR(65)"
	lost -s m -t a -d shop >all
	for server in m a; do
		sql $server "DROP USER IF EXISTS least@'%'; CREATE USER least@'%' IDENTIFIED BY 'p'"
	done
	sql a "GRANT CREATE, DROP, ALTER, INDEX, REFERENCES, INSERT, SELECT, UPDATE, DELETE, CREATE VIEW ON shop.* TO least@'%'"
	sql m "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE ON shop.* TO least@'%'; GRANT SELECT ON mysql.* TO least@'%'"
	(umask 077 && printf '%s\n' \
	    "[client_from]" host=127.0.0.1 "port=$(fact m port)" user=least password=p "ssl-ca=$(fact m tls)/ca.pem" \
	    "[client_to]" host=127.0.0.1 "port=$(fact a port)" user=least password=p "ssl-ca=$(fact a tls)/ca.pem" >least.cnf)
	before=$(sql a "SELECT COUNT(*), MAX(CREATE_TIME) FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN
		('information_schema', 'performance_schema', 'sys', 'mysql')")
	lost -c least.cnf -s from -t to -d shop >found
	equal "$(cat found)" "$(cat all)"
	sql a "DROP DATABASE shop" # nor is the database needed
	lost -c least.cnf -s from -t to -d shop >found
	equal "$(cat found)" "$(cat all)"
	equal "$(sql a "SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA NOT IN ('sys', 'mysql')")" 0
	[ -n "$before" ]
}

@test "what mi-check says to write instead is on the server that it is said of, and the function is not" {
	local group flavour version name mysql mariadb groups=()
	declare -A lacks_it=()
	if [ -r "${MI_OTHER_SERVERS-}" ]; then
		mapfile -t groups < <(sed -nE 's/^\[client_(.*)\]$/\1/p' "$MI_OTHER_SERVERS")
	fi
	# name, then what MySQL and MariaDB are told, as the compiler joins the strings
	python3 - "$ROOT/lib/check/instead.c" >table <<-'END'
		import re, sys
		text = open(sys.argv[1]).read()
		text = text[text.index("instead[] = {"):text.index("const char *mi_instead_of")]
		text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
		text = re.sub(r'"\s*\n\s*"', "", text)
		for row in re.findall(r'\{("(?:\\.|[^"\\])*"|NULL),\s*("(?:\\.|[^"\\])*"|NULL),\s*("(?:\\.|[^"\\])*"|NULL)\}', text):
		    print("\t".join("-" if f == "NULL" else f[1:-1] for f in row))
	END
	[ "$(wc -l <table)" -gt 90 ]
	for group in a m "${groups[@]}"; do
		if [ -n "${group##[am]}" ]; then
			client=(mariadb "--defaults-file=$MI_OTHER_SERVERS" "--defaults-group-suffix=_$group")
		else
			here "$group"
		fi
		version=$("${client[@]}" --batch --skip-column-names -e "SELECT VERSION()")
		flavour=2
		[[ $version != *MariaDB* ]] || flavour=3
		cut -f 1 table | programs_of "${client[@]}" | sed -E 's/^CREATE PROCEDURE (f_[A-Z0-9_]+)\(.*/\1/' | function_of >has
		# functions that texts name: the first word before a bracket
		cut -f $flavour table | grep -oE '^[A-Za-z_0-9]+\(' | tr -d '(' | tr '[:lower:]' '[:upper:]' | sort -u >wanted
		programs_of "${client[@]}" <wanted | sed -E 's/^CREATE PROCEDURE (f_[A-Z0-9_]+)\(.*/\1/' | function_of >wanted_there
		case $version in
		# words of the grammar that want another form of call, and what came later
		5.*) grammar='CAST|DATE_ADD|IF|REPLACE|CHAR|MIN|JSON_PRETTY' ;;
		*) grammar='CAST|DATE_ADD|IF|REPLACE|CHAR|MIN|JSON_PRETTY|INSERT' ;;
		esac
		equal "$(comm -23 wanted wanted_there | grep -vxE "$grammar")" "" "$version has not what is to be written instead"
		echo "# $version: $(wc -l <has) of $(wc -l <table) functions are there" >&3
		while read -r name; do lacks_it[$name.$flavour]=1; done < <(cut -f 1 table | sort -u | comm -23 - has)
	done
	# said of a flavour: some version of it that was asked has the function not
	while IFS=$'\t' read -r name mysql mariadb; do
		[ "$mysql" = - ] || [ -n "${lacks_it[$name.2]-}" ] || fail "$name: MySQL has it"
		[ "$mariadb" = - ] || [ -n "${lacks_it[$name.3]-}" ] || echo "$name" >>unproved
	done <table
	# these came to MariaDB after the oldest version that is supported
	[ ! -s unproved ] || equal "$(grep -vxE 'JSON_PRETTY|JSON_OVERLAPS|RANDOM_BYTES|JSON_SCHEMA_VALID|IS_UUID' unproved)" "" unproved
}

@test "what the application has said, and the target lacks: a warning, by digest" {
	fresh talked
	fresh spoken
	sql talked "USE shop; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40)); SELECT UUID_TO_BIN(UUID()), COUNT(*) FROM t;
		SELECT CONCAT(v, 'x'), MAX(id), id IN (1, 2) FROM t GROUP BY id, v"
	sql spoken "USE shop; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40)); SELECT MD5(v), SHA1(v) FROM t; SELECT CONCAT(v, 'x') FROM t"
	lost -s talked -t spoken -d shop >found
	equal "$(cut -f 1 found)" warning
	contains "$(<found)" "the target has no function UUID_TO_BIN: statement SELECT"
	contains "$(<found)" "in shop (digest "
	lost -s spoken -t talked -d shop >found
	equal "$(cut -f 1 found | sort -u)" warning
	contains "$(<found)" "the target has no function MD5: statement SELECT"
	contains "$(<found)" "the target has no function SHA1: statement SELECT"
	lacks "$(<found)" "CONCAT:"
	for server in talked spoken; do sql $server "TRUNCATE performance_schema.events_statements_summary_by_digest"; done
	equal "$(lost -s talked -t spoken -d shop | cut -f 1)" ok
}
