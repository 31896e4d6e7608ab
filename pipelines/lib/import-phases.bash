# phases: the steps from one phase to the next, but for switches. Each may be repeated without harm.
# shellcheck shell=bash

# Runs mi-check for a new import; exits with its report when there are blockers.
check_first() {
	local code
	[ "$(phase)" = new ] || return 0
	check_servers >"$state/check" || {
		code=$?
		cat "$state/check"
		exit "$code"
	}
}
copy_rows() {
	local code=0
	[[ $(phase) == new || $(phase) == copying ]] || return 0
	check_first
	set_phase copying
	at "copying"
	mkdir -p "$state/forward"
	printf '%s\n' "$import" >"$state/forward/import"
	log "copying"
	run_copier || code=$?
	log "copy: exit $code"
	[ "$code" -eq 0 ] || exit "$code"
	copy_routines
	# from now on only the follower should change the target: other changes are foreign
	save foreign.target "$(fence target position | field position)"
	set_phase following
}

# Copies procedures and functions. They change no rows by themselves, so they may be there before the switch.
copy_routines() {
	local codes
	names_on target
	mi-schema -q "${pair[@]}" -s source "${filters[@]}" --for-server=target --section=programs --routines --schema-only \
		9>&- 2>>"$state/log" | mi-load -q "${pair[@]}" -s target --state-db="$side_db" "${side_map[@]}" 9>&- 2>>"$state/log" && return 0
	codes=${PIPESTATUS[*]}
	die 65 "procedures and functions cannot be carried (${codes/ /, }): see $state/log"
}

# Starts the follower, which continues from the copy's position.
follow_on() {
	local forward_epoch
	[ "$(phase)" = following ] || return 0
	forward_epoch=$(fence target 'flow forward' | field epoch)
	[ -n "$forward_epoch" ] || die 78 "the target has no checkpoint of $import/forward"
	follower_conf forward "$forward_epoch"
	follower forward start || [ $? -eq 75 ] || die 69 "the follower does not start: see $state/log and $state/forward"
}

# Will the target have within $close_limit what the writer has now?
is_close() {
	local position forward_epoch
	position=$(fence "$(writer_of_source)" position | field position)
	forward_epoch=$(fence target 'flow forward' | field epoch)
	[ -n "$position" ] && [ -n "$forward_epoch" ] && fence target "wait forward $forward_epoch $close_limit $position" >/dev/null
}
wait_until_close() { # SECONDS
	local end=$((SECONDS + $1))
	at "catching up"
	until is_close; do
		[ $SECONDS -lt $end ] || die 75 "the target is still behind: it goes on with mi-import step"
		keep_following forward || exit
	done
}

# Changes to mode replica: reads go to the target. The router believes only a follower of its own epoch.
enter_replica() {
	[ "$(phase)" = following ] || return 0
	need_router
	at "to replica"
	tell mode replica >/dev/null || die $? "the router stays in mode $(mode_value mode)"
	align_epoch
	set_phase replica
	say "replica: reads go to the target"
}

# Makes the flow's and the router's epoch equal, by raising the lesser one.
align_epoch() {
	local ours theirs
	ours=$(fence target 'flow forward' | field epoch)
	theirs=$(mode_value epoch)
	while [ "$ours" -gt "$theirs" ]; do
		tell mode source >/dev/null && tell mode replica >/dev/null || return 0
		[ "$(mode_value epoch)" -gt "$theirs" ] || return 0
		theirs=$(mode_value epoch)
	done
	if [ "$ours" -lt "$theirs" ]; then
		fence target "unseal forward $ours $theirs" >/dev/null
		ours=$theirs
	fi
	grep -qx "apply.epoch = $ours" "$state/forward/follow.conf" && follower forward status >/dev/null && return 0
	follower_conf forward "$ours"
	follower forward restart || true
}
