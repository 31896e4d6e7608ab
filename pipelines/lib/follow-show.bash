# Prints what follow-status.bash has found out, as text and as JSON.
# shellcheck shell=bash

show_text() {
	printf '%-10s %s' state "$state"
	[ -z "$since" ] || printf ' since %(%F %T)T' "$since"
	[ -z "$pid" ] || printf ' (process %s)' "$pid"
	printf '\n'
	[ -z "$reason" ] || [ "$state" = running ] || printf '%-10s %s%s\n' because "$reason" "$([ "$code" = 0 ] || echo " (exit status $code)")"
	[ -z "$stopped_at" ] || printf '%-10s %s\n' "stopped at" "$stopped_at"
	[ "$state" != failed ] || printf '%-10s %s\n' next "$(way_on)"
	[ -z "$position" ] || printf '%-10s %s\n' position "$position"
	[ -z "$lag" ] || printf '%-10s %s\n' lag "$(for_people "$lag")"
	[ -z "$rows" ] || printf '%-10s %s transactions, %s rows%s\n' applied "${transactions:-0}" "$rows" \
		"${rate:+, $(calc "$rate" 0) rows/s of late}"
	[ "$kept" -eq 0 ] || printf '%-10s %s files of changes kept during the copy are still to be applied\n' kept "$kept"
	[ -z "$retention" ] || printf '%-10s %s, of %s for which the source keeps its binary logs\n' retention \
		"${left:+$(span "$left") left}" "$(span "$retention")"
	[ -z "$warning" ] || printf '%-10s %s\n' warning "$warning"
	show_hand
}

# What a person has said: settings, and transactions that were passed.
show_hand() {
	[ ! -e "$folder/follow.set" ] || sed -n '/^[^#]/s/^/set        /p' "$folder/follow.set"
	[ ! -e "$folder/once" ] || printf '%-10s apply.on-ddl: %s\n' once "$(<"$folder/once")"
	[ ! -e "$folder/past" ] || printf '%-10s %s, as soon as the pair gets there\n' passing "$(<"$folder/past")"
	[ ! -s "$folder/passed" ] || sed 's/^/passed     /; s/$/ (to be verified)/' "$folder/passed"
}

# For mi-import: lines of a name and a value to the end of the line.
show_lines() {
	printf '%s %s\n' state "$state" code "$code" because "$reason" at "$stopped_at" lag "$lag"
}

json_text() {
	local text=${1//\\/\\\\}
	text=${text//\"/\\\"}
	printf '"%s"' "${text//[[:cntrl:]]/ }"
}

json_passed() {
	local time gtid what comma=''
	[ -e "$folder/passed" ] || return 0
	while read -r time gtid what; do
		printf '%s{"time": "%s", "gtid": "%s", "what": ' "$comma" "$time" "$gtid"
		json_text "$what"
		printf '}'
		comma=', '
	done <"$folder/passed"
}

show_json() {
	printf '{"state": "%s", "code": %s, "since": %s, "pid": %s, "reason": ' "$state" "$code" "${since:-null}" "${pid:-null}"
	json_text "$reason"
	printf ', "stopped_at": '
	json_text "$stopped_at"
	printf ', "position": '
	json_text "$position"
	printf ', "lag_seconds": %s, "transactions": %s, "rows": %s, "rows_per_second": %s' \
		"${lag:-null}" "${transactions:-null}" "${rows:-null}" "${rate:-null}"
	printf ', "kept_files": %s, "retention_seconds": %s, "purge_left_seconds": %s, "warning": ' \
		"$kept" "${retention:-null}" "${left:-null}"
	json_text "$warning"
	printf ', "passed": ['
	json_passed
	printf ']}\n'
}
