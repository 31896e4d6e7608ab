# A source followed into a target, for test files: source lib/helper.bash, lib/server.bash, then this.

filter=() # more options for mi-binlog

# Prints the GTIDs that the server has executed.
position() {
	local query="SELECT REPLACE(@@gtid_executed,'\n','')"
	[ "$(sql "$1" "SELECT VERSION() LIKE '%MariaDB%'")" = 0 ] || query="SELECT @@gtid_binlog_pos"
	sql "$1" "$query"
}

# carried SOURCE TARGET DB [OPTION...]: what has happened in DB since the position in the file cp, or,
# without it, since $since, with mi-apply's OPTIONs.
carried() {
	if [ -e cp ]; then since=@cp; fi
	set -o pipefail
	mi-binlog -q -s "$1" -d "$3" "${filter[@]}" --import="$3" --since="$since" --until=now |
	    mi-apply -q -s "$2" --state-db="$3" --start="$since" --checkpoint=cp "${@:4}"
}
