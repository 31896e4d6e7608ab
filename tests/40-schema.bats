#!/usr/bin/env bats
# mi-schema with real servers: what it writes loads with the stock client and comes out the same;
# what it leaves behind it names.
# shellcheck disable=SC2016,SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers a:mysql b:mysql m:mariadb

servers_ready() {
	sql a <"$ROOT/tests/data/schema-mysql.sql"
	sql m <"$ROOT/tests/data/schema-mariadb.sql"
}

test_begins() {
	sakila=${MI_SHARED:-$ROOT/../shared}/data/sakila
}

drop() { # SERVER DATABASE...
	local server=$1 db
	shift
	for db; do sql "$server" "SET foreign_key_checks=0; DROP DATABASE IF EXISTS \`${db//\`/\`\`}\`"; done
}

# SHOW CREATE of every table and view, whatever is in their names.
show_all() { # SERVER DATABASE
	local db hex name escaped i
	db=${2//\`/\`\`}
	sql "$1" "SELECT HEX(table_name) FROM information_schema.tables
		WHERE table_schema=$(quote_text "$2") ORDER BY 1" >names
	while read -r hex; do
		escaped=
		for ((i = 0; i < ${#hex}; i += 2)); do escaped+="\\x${hex:i:2}"; done
		printf -v name %b "$escaped"
		sql "$1" "USE \`$db\`; SHOW CREATE TABLE \`${name//\`/\`\`}\`" </dev/null
	done <names
}

show_programs() { # SERVER DATABASE
	sql "$1" "SELECT routine_type, routine_name, sql_mode, definer, routine_definition,
			character_set_client, collation_connection FROM information_schema.routines
			WHERE routine_schema='$2' ORDER BY 1, 2;
		SELECT trigger_name, action_order, sql_mode, definer, action_statement
			FROM information_schema.triggers WHERE trigger_schema='$2' ORDER BY 1;
		SELECT event_name, sql_mode, definer, event_definition, starts, status, on_completion,
			time_zone, event_comment FROM information_schema.events WHERE event_schema='$2'"
}

same_definitions() { # SERVER SERVER DATABASE...
	local first=$1 second=$2 db
	shift 2
	for db; do
		show_all "$first" "$db" >definitions.1
		show_all "$second" "$db" >definitions.2
		[ -s definitions.1 ] || fail "nothing in $db" || return
		diff -u definitions.1 definitions.2 >&2 || return
	done
}

torture=(-d torture -d 'other `db')

@test "a database that is not there, or none at all, is an error" {
	run_exit 78 mi-schema -s a -d nowhere --sql
	contains "$stderr" "no database nowhere"
	run_exit 64 mi-schema -s a --sql
	contains "$stderr" "no database named"
}

@test "a pattern that nothing matches is an error, one that matches takes just that" {
	run_exit 78 mi-schema -s a -T 'torture.nothing*' --sql
	contains "$stderr" "torture.nothing*"
	run_ok mi-schema -s a -T 'torture.pa*t' -T 'torture.str?pk' -X 'torture.part*' --sql
	equal "$(grep -o '^CREATE TABLE `[^`]*`' <<<"$output")" \
		"$(printf 'CREATE TABLE `%s`\n' parent str_pk)"
}

@test "a wrong option, and a stream for a section that is none" {
	run_exit 64 mi-schema -s a -d torture --section=middle
	run_exit 64 mi-schema -s a -d torture --unique=sometimes
	run_exit 64 mi-schema -s a -d torture --for=oracle
}

@test "columns hidden by grants stop it" {
	sql b "CREATE DATABASE hidden; CREATE TABLE hidden.t (a INT, b INT, c INT);
		CREATE USER part@'%' IDENTIFIED BY 'x'; GRANT SELECT (a, c) ON hidden.t TO part@'%'"
	printf '[client]\nuser=part\npassword=x\nhost=127.0.0.1\nport=%s\n' \
		"$(fact b port)" >part.cnf
	chmod 600 part.cnf
	run_exit 77 mi-schema -c part.cnf -d hidden --sql
	contains "$stderr" "hidden.t"
	drop b hidden
	sql b "DROP USER part@'%'"
}

# MariaDB's information_schema shows them to accounts that may do more than SELECT.
@test "foreign keys come along for an account that may only read" {
	local server
	for server in a m; do
		sql $server "CREATE DATABASE family; CREATE DATABASE elders; USE family;
			CREATE TABLE elders.a (id INT PRIMARY KEY);
			CREATE TABLE parents (x INT, y INT, PRIMARY KEY (x, y));
			CREATE TABLE children (id INT PRIMARY KEY, x INT, y INT, a INT, KEY (x, y), KEY (a),
				CONSTRAINT Zed FOREIGN KEY (x, y) REFERENCES parents (x, y) ON DELETE CASCADE,
				CONSTRAINT abe FOREIGN KEY (a) REFERENCES elders.a (id) ON DELETE SET NULL ON UPDATE NO ACTION,
				CONSTRAINT \`b\`\`(,\` FOREIGN KEY (a) REFERENCES elders.a (id));
			CREATE TABLE keyless (id INT, FOREIGN KEY (id) REFERENCES elders.a (id) ON UPDATE CASCADE);
			INSERT INTO elders.a VALUES (1); INSERT INTO parents VALUES (1, 1); INSERT INTO children VALUES (1, 1, 1, 1);
			CREATE USER poor@'%' IDENTIFIED BY 'p'; GRANT SELECT, LOCK TABLES ON family.* TO poor@'%';
			GRANT SELECT, LOCK TABLES ON elders.* TO poor@'%'; GRANT REPLICATION CLIENT ON *.* TO poor@'%'"
		[ $server = m ] || sql $server "GRANT XA_RECOVER_ADMIN ON *.* TO poor@'%'"
		(umask 077 && printf '[client_poor]\nhost=127.0.0.1\nport=%s\nuser=poor\npassword=p\nssl-mode=REQUIRED\n' \
		    "$(fact $server port)" >poor.cnf)
		# all of a definition is in its digest, and in the dump's records
		mi-schema -s $server -d family -d elders | zcat | grep -aE '^(TABLE|COLUMN|KEY|FKEY),' >all.records
		mi-schema -c poor.cnf -s poor -d family -d elders | zcat | grep -aE '^(TABLE|COLUMN|KEY|FKEY),' >poor.records
		grep -q '^FKEY,.*"Zed"' all.records
		equal "$(grep -c '^FKEY,' all.records)" 4
		diff all.records poor.records >&2
		mi-dump -s $server -d family -d elders -X family.keyless | zcat | grep -aE '^(TABLE|COLUMN|KEY|FKEY),' >all.records
		mi-dump -c poor.cnf -s poor -d family -d elders -X family.keyless | zcat | grep -aE '^(TABLE|COLUMN|KEY|FKEY),' >poor.records
		diff all.records poor.records >&2
		mi-schema -c poor.cnf -s poor -d family -d elders --for=mysql --sql >poor.sql
		sql b <poor.sql
		equal "$(sql b "SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'family'")" 4
		drop b family elders
		drop $server family elders
		sql $server "DROP USER poor@'%'"
	done
}

@test "MySQL to MySQL: --sql loads, and every definition is equal" {
	drop b torture 'other `db'
	run_ok mi-schema -s a "${torture[@]}" --sql --routines --triggers --events
	printf '%s\n' "$output" | sql b
	same_definitions a b torture 'other `db'
	equal "$(show_programs b torture)" "$(show_programs a torture)"
	equal "$(sql b "SELECT HEX(c) FROM torture.latin")" "$(sql a "SELECT HEX(c) FROM torture.latin")"
}

@test "MySQL to MySQL: section by section, UNIQUE keys before the rows" {
	drop b torture 'other `db'
	run_ok mi-schema -s a "${torture[@]}" --sql --unique=before --section=pre-data
	lacks "$output" "FOREIGN KEY"
	contains "$output" 'ALTER TABLE `keys` ADD UNIQUE KEY `u`'
	printf '%s\n' "$output" | sql b
	run_ok mi-schema -s a "${torture[@]}" --sql --unique=before --section=post-data \
		--routines
	lacks "$output" "ADD UNIQUE KEY"
	lacks "$output" "ADD CONSTRAINT"
	printf '%s\n' "$output" | sql b
	run_ok mi-schema -s a "${torture[@]}" --sql --unique=before --section=post-high
	contains "$output" "ADD CONSTRAINT"
	lacks "$output" "CREATE"
	printf '%s\n' "$output" | sql b
	same_definitions a b torture 'other `db'
}

@test "what is left behind is named" {
	run_ok mi-schema -s a "${torture[@]}" --sql
	contains "$output" "FUNCTION \`twice\`" # a view calls it
	for object in "PROCEDURE torture.pro;c" "TRIGGER torture.t1" \
		"TRIGGER torture.t2" "TRIGGER torture.t3" "EVENT torture.ev"; do
		contains "$stderr" "not carried: $object"
	done
	run_ok mi-schema -s a -d torture -X torture.parent --sql
	contains "$stderr" "not carried: table torture.parent, which foreign key c1 of table torture.child needs"
	sql b "CREATE USER reporter@localhost"
	run_ok mi-schema -s b -d torture --sql
	contains "$stderr" "not carried: account 'reporter'@'localhost'"
	sql b "DROP USER reporter@localhost"
}

@test "definers can be stripped" {
	run_ok mi-schema -s a "${torture[@]}" --sql --routines --triggers --events --strip-definers
	lacks "$output" "DEFINER="
	contains "$output" "SQL SECURITY INVOKER"
}

@test "the stream is sound, names its sections, and demands rows only when asked to" {
	mi-schema -s a "${torture[@]}" --section=pre-data >pre.mi
	run_ok mi-cat pre.mi
	contains "$output" "expect rows of 'torture'.'keys'"
	contains "$output" "ddl pre table 'torture'.'keys'"
	lacks "$output" "ddl post"
	mi-schema -s a "${torture[@]}" --section=post-data --schema-only -Z 9 >post.mi
	run_ok mi-cat post.mi
	lacks "$output" "expect rows"
	contains "$output" "ddl post foreign-key 'torture'.'child'"
}

@test "MySQL to MariaDB: the stock client accepts it" {
	drop m torture 'other `db'
	run_ok mi-schema -s a "${torture[@]}" --for=mariadb --sql --routines --triggers --events
	printf '%s\n' "$output" | sql m
	contains "$stderr" "collation utf8mb4_0900_as_cs becomes utf8mb4_uca1400_nopad_as_cs"
	contains "$stderr" "not carried: table torture.keys, key mv:"
	contains "$stderr" "not carried: table torture.keys, key ng:"
	contains "$stderr" "not carried: table torture.keys, constraint off:"
	equal "$(tables_of m torture)" "$(tables_of a torture)"
	# ENUM members beyond the basic plane, through both servers
	equal "$(sql m "SELECT HEX(DEFAULT(t.en)) FROM (SELECT 1) o LEFT JOIN torture.types t ON FALSE")" \
		F09F9880
	drop m torture 'other `db'
}

@test "MySQL to MariaDB: what it has not is refused, all of it by name" {
	run_exit 65 mi-schema -s a -d refused --for=mariadb --sql
	equal "$output" ""
	contains "$stderr" "table refused.vectors, column v:"
	contains "$stderr" "table refused.fun, key u(fun:"
	contains "$stderr" "table refused.inv, column b:"
	contains "$stderr" "table refused.gen_pk, column b:"
}

@test "MariaDB to MySQL: the stock client accepts it" {
	drop b mtorture
	run_ok mi-schema -s m -d mtorture --for-server=b --sql
	printf '%s\n' "$output" | sql b
	contains "$stderr" "not carried: table mtorture.types: \`PAGE_COMPRESSED\`"
	contains "$stderr" "table mtorture.aria: engine Aria becomes InnoDB"
	equal "$(tables_of b mtorture)" "$(tables_of m mtorture)"
	sql b "INSERT INTO mtorture.types (en, st) VALUES ('😀', '😀')"
	equal "$(sql b "SELECT CONCAT_WS(' ', en+0, st+0, e, i4, tx, j) FROM mtorture.types")" \
		"2 1 😀 2 text's default {}"
	run -1 sql b "INSERT INTO mtorture.types (j2) VALUES ('no json')"
}

@test "MariaDB to MySQL: what it has not is refused, all of it by name" {
	run_exit 65 mi-schema -s m -d mrefused --for=mysql --sql
	contains "$stderr" "table mrefused.uuids, column id: type uuid"
	contains "$stderr" "table mrefused.uuids, column i6: type inet6"
	contains "$stderr" "table mrefused.long_unique, key t:"
	contains "$stderr" "collation utf8mb4_thai_520_w2"
	run_exit 65 mi-schema -s m -d msequence --for=mysql --sql
	contains "$stderr" "sequence msequence.seq"
	contains "$stderr" "system-versioned table msequence.versioned"
	run_exit 65 mi-schema -s m -d msequence -X '*.seq' -X '*.versioned' --for=mysql --sql
	contains "$stderr" "table msequence.plain, column id:"
}

@test "MariaDB to MySQL: UUID and INET as text, when asked" {
	drop b mrefused
	run_ok mi-schema -s m -T mrefused.uuids --for=mysql --text-types --sql
	printf '%s\n' "$output" | sql b
	sql b "INSERT INTO mrefused.uuids (u) VALUES (NULL)"
	equal "$(sql b "SELECT LENGTH(id), i6 FROM mrefused.uuids")" $'36\t::1'
}

@test "MariaDB to MariaDB: dropped and made again, it is the same" {
	mi-schema -s m -d mtorture --sql >m.sql
	show_all m mtorture >before
	drop m mtorture
	sql m <m.sql
	show_all m mtorture >after
	diff -u before after >&2
}

@test "sakila: MySQL to MySQL, every definition is equal" {
	[ -r "$sakila/schema.sql" ] || skip "the sakila files are not beside this tree"
	sql a <"$sakila/schema.sql"
	drop b sakila
	run_ok mi-schema -s a -d sakila --sql --routines --triggers
	lacks "$stderr" "not carried: TRIGGER"
	printf '%s\n' "$output" | sql b
	same_definitions a b sakila
	equal "$(show_programs b sakila)" "$(show_programs a sakila)"
	run_ok mi-schema -s a -d sakila --sql
	contains "$stderr" "not carried: TRIGGER sakila."
	contains "$stderr" "not carried: PROCEDURE sakila."
}

@test "sakila: both ways between the flavours" {
	[ -r "$sakila/schema.sql" ] || skip "the sakila files are not beside this tree"
	sql m <"$sakila/schema.sql"
	drop b sakila
	run_ok mi-schema -s m -d sakila --for=mysql --sql --routines --triggers
	printf '%s\n' "$output" | sql b
	equal "$(tables_of b sakila)" "$(tables_of m sakila)"
	drop m sakila
	run_ok mi-schema -s b -d sakila --for=mariadb --sql --routines --triggers
	printf '%s\n' "$output" | sql m
	equal "$(tables_of m sakila)" "$(tables_of b sakila)"
}
