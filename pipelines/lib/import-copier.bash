# copier: mi-copy, as a process group that can be told to end.
# shellcheck shell=bash

copier_begins() {
	trap - TERM INT HUP
	exec "$here/copy" "${pair[@]}" -s source -t target ${map:+"--map-db=$map"} "${filters[@]}" \
		"${skip_views[@]}" "${ignore[@]}" "${threads[@]}" "${lock[@]}" "${rate[@]}" --throttle="$state/throttle.conf" "$state/forward" </dev/null 9>&-
}
end_copier() { kill -TERM -- "-$copier" 2>/dev/null || true; }
# Runs the copy in a process group of its own, so that all its processes can be told to end. Returns its exit
# status once none of them is left; 75 when a signal has asked for the end.
run_copier() {
	local code=0
	names_on target
	export MI_STATE_DB=$side_db
	heed_signals end_copier
	hold_signals
	set -m # the child leads a group from its first moment on
	spawn "$state/copier.pid" copier_begins
	set +m
	copier=$child
	release_signals
	unset MI_STATE_DB
	while kill -0 "$copier" 2>/dev/null; do
		code=0
		wait "$copier" || code=$?
	done
	# processes of its pipe may still run
	until ! kill -0 -- "-$copier" 2>/dev/null; do sleep 0.1; done
	rm -f "$state/copier.pid"
	trap - TERM INT HUP
	[ "$code" -le 128 ] && [ "$asked" -eq 0 ] || code=75
	return "$code"
}
