#!/usr/bin/env bats
# mi-check --mend: the statements are run on real servers, and what was found is gone.
# shellcheck disable=SC2016,SC2030,SC2031

. "$BATS_TEST_DIRNAME/lib/helper.bash"
. "$BATS_TEST_DIRNAME/lib/server.bash"

servers "a:mysql --performance-schema=ON" "m:mariadb --performance-schema=ON"

# found ARGUMENT...: ids with a warning or a blocker, one a line.
found() {
	mi-check --tsv "$@" >report || [ $? -eq 1 ]
	awk -F'\t' '$3 == "warning" || $3 == "blocker" { print $2 }' report | sort -u
}

# mends FILE ARGUMENT...: the script, whatever the report's exit.
mends() {
	local file=$1
	shift
	mi-check --mend "$@" >"$file" || [ $? -eq 1 ]
}

# The stock client, which stops at the first error.
client() { # SERVER FILE
	stock_client "$1" --batch --skip-column-names --default-character-set=utf8mb4 <"$2"
}

bad="b'a\"d\\" # a database's name
name="\`$bad\`"

# A database with something to mend in each table, for both flavours.
make_bad() { # SERVER
	sql "$1" <<-'END'
		SET sql_mode = '';
		DROP DATABASE IF EXISTS `b'a"d\`;
		CREATE DATABASE `b'a"d\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
		USE `b'a"d\`;
		CREATE TABLE `no``key` (a INT, b VARCHAR(9));
		INSERT INTO `no``key` VALUES (1, 'x'), (1, 'x');
		CREATE TABLE numbered (n INT AUTO_INCREMENT, a INT, KEY (n), UNIQUE (a));
		INSERT INTO numbered (a) VALUES (1), (NULL), (NULL);
		CREATE TABLE prefixed (a VARCHAR(20) NOT NULL, PRIMARY KEY (a(5)));
		INSERT INTO prefixed VALUES ('one'), ('two');
		CREATE TABLE old_engine (id INT PRIMARY KEY) ENGINE = MyISAM;
		CREATE TABLE dates (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00');
		INSERT INTO dates (id) VALUES (1);
		CREATE USER IF NOT EXISTS `de'f`@`no.where`;
		GRANT SELECT ON *.* TO `de'f`@`no.where`;
		CREATE DEFINER = `de'f`@`no.where` VIEW v AS SELECT id FROM dates;
	END
}

@test "MySQL as the source, MariaDB as the target: everything that has a mend" {
	local before after ids
	make_bad a
	sql a "SET SESSION restrict_fk_on_non_standard_key = OFF; USE $name;
		CREATE TABLE up (id INT PRIMARY KEY, a INT NOT NULL, b INT NOT NULL, KEY (a, b));
		CREATE TABLE down (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES up (a))"
	sql a "SET GLOBAL binlog_format = MIXED, GLOBAL binlog_row_image = MINIMAL,
		GLOBAL binlog_row_value_options = PARTIAL_JSON, GLOBAL binlog_expire_logs_seconds = 3600,
		GLOBAL group_concat_max_len = 77777"
	sql a "SET GLOBAL gtid_mode = ON_PERMISSIVE; SET GLOBAL gtid_mode = OFF_PERMISSIVE; SET GLOBAL enforce_gtid_consistency = WARN"
	sql m "SET GLOBAL binlog_format = MIXED, GLOBAL binlog_row_image = MINIMAL, GLOBAL local_infile = OFF,
		GLOBAL read_only = ON, GLOBAL innodb_strict_mode = ON, GLOBAL max_allowed_packet = 1048576,
		GLOBAL innodb_force_primary_key = ON, GLOBAL auto_increment_increment = 3, GLOBAL max_prepared_stmt_count = 100,
		GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'"
	ids='auto-increment binlog-form binlog-format date-values definers durability engine gtid-consistency gtid-mode
		local-infile packet primary-keys retention reverse row-image row-key statements writable zero-dates'
	before=$(found -s a -t m -d "$bad")
	for id in $ids; do grep -qx "$id" <<<"$before" || fail "$id is not found: $before"; done
	mends source.sql -s a -t m -d "$bad" --mend-for=source
	mends target.sql -s a -t m -d "$bad" --mend-for=target
	# none was run
	equal "$(found -s a -t m -d "$bad")" "$before"
	client a source.sql
	client m target.sql
	after=$(found -s a -t m -d "$bad")
	equal "$(comm -12 <(tr -s ' \t\n' '\n' <<<"$ids" | sort) <(echo "$after"))" "" "still found: $(cat report source.sql target.sql)"
	# the foreign key has its UNIQUE key, and nothing more is asked for
	contains "$(cat source.sql)" 'ADD UNIQUE KEY (`a`)'
	mends again.sql -s a -t m -d "$bad" --mend-for=source
	lacks "$(cat again.sql)" "ALTER TABLE"
	# nothing that the application sees is another
	equal "$(sql a "SELECT * FROM $name.\`no\`\`key\`")" $'1\tx\n1\tx'
	# and they are kept
	equal "$(sql a "SELECT VARIABLE_NAME, VARIABLE_VALUE FROM performance_schema.persisted_variables
		WHERE VARIABLE_NAME IN ('binlog_format', 'binlog_expire_logs_seconds', 'gtid_mode') ORDER BY 1")" \
	    $'binlog_expire_logs_seconds\t604800\nbinlog_format\tROW\ngtid_mode\tON'
	sql a "RESET PERSIST"
}

@test "MariaDB as the source, MySQL as the target" {
	local before after ids
	make_bad m
	sql a "DROP USER IF EXISTS \`de'f\`@\`no.where\`"
	sql m "SET GLOBAL binlog_format = STATEMENT, GLOBAL binlog_row_image = MINIMAL, GLOBAL expire_logs_days = 1,
		GLOBAL gtid_strict_mode = OFF, GLOBAL event_scheduler = ON; USE $name;
		CREATE VIEW md5s AS SELECT MD5(id) AS m FROM dates; CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1"
	sql a "SET GLOBAL local_infile = OFF, GLOBAL read_only = ON, GLOBAL event_scheduler = OFF,
		GLOBAL sql_require_primary_key = ON, GLOBAL auto_increment_offset = 2, GLOBAL max_prepared_stmt_count = 100,
		GLOBAL binlog_row_image = MINIMAL, GLOBAL sql_mode = 'TRADITIONAL', GLOBAL max_allowed_packet = 1048576"
	ids='auto-increment binlog-format date-values definers durability engine gtid-strict local-infile lost packet
		primary-keys retention reverse row-image row-key statements writable zero-dates'
	before=$(found -s m -t a -d "$bad")
	for id in $ids; do grep -qx "$id" <<<"$before" || fail "$id is not found: $before"; done
	contains "$(cat report)" "event_scheduler"
	mends source.sql -s m -t a -d "$bad" --mend-for=source
	mends target.sql -s m -t a -d "$bad" --mend-for=target
	client m source.sql
	client a target.sql
	after=$(found -s m -t a -d "$bad")
	sql a "UNINSTALL COMPONENT 'file://component_classic_hashing'; RESET PERSIST"
	equal "$(comm -12 <(tr -s ' \t\n' '\n' <<<"$ids" | sort) <(echo "$after"))" "" "still found: $(cat report source.sql target.sql)"
	lacks "$(cat report)" "event_scheduler"
	# what the option file wants is there as a comment
	contains "$(cat source.sql)" "-- and in the [mysqld] group of its option file: binlog_format = ROW"
	contains "$(cat target.sql)" "CREATE USER IF NOT EXISTS 'de\\'f'@'no.where' ACCOUNT LOCK"
	contains "$(cat target.sql)" "-- on the source it has: GRANT"
	lacks "$(cat target.sql source.sql)" "IDENTIFIED"
}

@test "the privileges of an account that has few" {
	for server in a m; do
		sql $server "CREATE DATABASE few_1 COLLATE utf8mb4_general_ci; CREATE TABLE few_1.t (id INT PRIMARY KEY, a INT);
			CREATE TRIGGER few_1.tr BEFORE INSERT ON few_1.t FOR EACH ROW SET @x = 1;
			CREATE USER 'f''ew'@'%' IDENTIFIED BY 'p'; GRANT SELECT ON few_1.* TO 'f''ew'@'%'"
		(umask 077 && printf '%s\n' "[client_few_$server]" host=127.0.0.1 "port=$(fact $server port)" "user=f'ew" \
		    password=p "ssl-ca=$(fact $server tls)/ca.pem" >>few.cnf)
	done
	sql a "SET GLOBAL log_bin_trust_function_creators = ON"
	for pair in "a m" "m a"; do
		set -- -c few.cnf -s "few_${pair% *}" -t "few_${pair#* }" -d few_1
		found "$@" >before
		for id in create lock snapshot stream write; do grep -qx "$id" before || fail "$id is not found: $(cat report)"; done
		mends source.sql "$@" --mend-for=source
		mends target.sql "$@" --mend-for=target
		client "${pair% *}" source.sql
		client "${pair#* }" target.sql
		found "$@" >after
		equal "$(grep -xE 'create|lock|snapshot|stream|write|read' after)" "" "$(cat report source.sql target.sql)"
		for server in a m; do sql $server "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'f''ew'@'%'; GRANT SELECT ON few_1.* TO 'f''ew'@'%'"; done
	done
	sql a "SET GLOBAL log_bin_trust_function_creators = OFF"
}

@test "a script runs on the server that it is for, and on no other" {
	sql a "CREATE DATABASE one COLLATE utf8mb4_general_ci; CREATE TABLE one.t (a INT)"
	mends both.sql -s a -t m -d one
	run client m both.sql
	[ "$status" -ne 0 ]
	equal "$(sql a "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'one'")" 1
	run client a both.sql
	[ "$status" -ne 0 ] # the target's part
	equal "$(sql a "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'one'")" 2
	run_exit 64 mi-check --mend --tsv -s a
	run_exit 64 mi-check --mend-for=source -s a
	run_exit 64 mi-check --mend --mend-for=both -s a
}
