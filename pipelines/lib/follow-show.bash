# Prints what follow-status.bash has found out, as text and as JSON.
# shellcheck shell=bash

show_text() {
	printf '%-10s %s' state "$state"
	[ -z "$since" ] || printf ' since %(%F %T)T' "$since"
	[ -z "$pid" ] || printf ' (process %s)' "$pid"
	printf '\n'
	[ -z "$reason" ] || [ "$state" = running ] || printf '%-10s %s%s\n' because "$reason" "$([ "$code" = 0 ] || echo " (exit status $code)")"
	[ -z "$position" ] || printf '%-10s %s\n' position "$position"
	[ -z "$lag" ] || printf '%-10s %s s\n' lag "$lag"
	[ -z "$rows" ] || printf '%-10s %s transactions, %s rows%s\n' applied "${transactions:-0}" "$rows" \
		"${rate:+, $(calc "$rate" 0) rows/s of late}"
	[ "$kept" -eq 0 ] || printf '%-10s %s files of changes kept during the copy are still to be applied\n' kept "$kept"
	[ -z "$retention" ] || printf '%-10s %s, of %s for which the source keeps its binary logs\n' retention \
		"${left:+$(span "$left") left}" "$(span "$retention")"
	[ -z "$warning" ] || printf '%-10s %s\n' warning "$warning"
}

json_text() {
	local text=${1//\\/\\\\}
	text=${text//\"/\\\"}
	printf '"%s"' "${text//[[:cntrl:]]/ }"
}

show_json() {
	printf '{"state": "%s", "code": %s, "since": %s, "pid": %s, "reason": ' "$state" "$code" "${since:-null}" "${pid:-null}"
	json_text "$reason"
	printf ', "position": '
	json_text "$position"
	printf ', "lag_seconds": %s, "transactions": %s, "rows": %s, "rows_per_second": %s' \
		"${lag:-null}" "${transactions:-null}" "${rows:-null}" "${rate:-null}"
	printf ', "kept_files": %s, "retention_seconds": %s, "purge_left_seconds": %s, "warning": ' \
		"$kept" "${retention:-null}" "${left:-null}"
	json_text "$warning"
	printf '}\n'
}
