# check: mi-check on both sides, and on the writer where that is another server. Changes nothing.
# shellcheck shell=bash

# Runs mi-check with the import's options; start uses this, too.
check_servers() {
	mi-check "${pair[@]}" -s source -t target ${writer:+--writer=writer} "${users[@]}" ${map:+"--map-db=$map"} \
		"${filters[@]}" "${skip_views[@]}" "${ignore[@]}" 9>&-
}

do_check() { # WORD...
	local code=0
	options "--ignore" "$@"
	take_lock
	mark_activity
	log "check"
	check_servers || code=$?
	log "check: exit $code"
	exit "$code"
}
