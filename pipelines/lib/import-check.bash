# check: mi-check on both sides, and on the writer where that is another server. Changes nothing.
# shellcheck shell=bash

# mi-check with all that it must know of the import; start asks it, too.
check_servers() {
	mi-check "${pair[@]}" -s source -t target ${writer:+--writer=writer} "${users[@]}" ${map:+"--map-db=$map"} \
		"${filters[@]}" "${ignore[@]}" 9>&-
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
