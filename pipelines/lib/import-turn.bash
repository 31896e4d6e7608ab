# turn: one switch of the writer, in either direction, for switch and cancel.
# shellcheck shell=bash

# Gives the switch up: undoes what has been done, so that clients go on as before, and exits.
give_up() { # CODE TEXT
	local code=$1
	shift
	trap '' TERM INT HUP
	[ "$code" -ne 69 ] || code=75
	log "switch to $to given up: $*"
	at "undoing"
	recover
	close_ends
	die "$code" "no switch to $to: $*"
}
must() { # WHAT NAME SECONDS COMMAND...
	local what=$1
	shift
	ask "$@" || give_up $? "$what: ${said#error [0-9]* }"
}

# ---- While clients wait ----

hold() {
	# the hold's time counts from here: the router, too, refuses what comes later
	hold_end=$((now_ms + hold_limit * 1000))
	open_end hold mi-route --tell="$control" hold "$hold_limit" ${evict:+evict}
	hear hold $((hold_limit + hold_answer)) || give_up $? "${said#error [0-9]* }"
	read -r _ token mode_epoch _ <<<"$said"
	lap drain
	next=$((epoch >= mode_epoch ? epoch + 1 : mode_epoch + 1))
	journal="from=$(phase) to=$to mode_epoch=$mode_epoch flow=$flow epoch=$epoch next=$next"
}
fence_old_writer() {
	time_left && must "lock" old "$left" "lock $((hold_limit * 1000 + lock_extra))" && lap lock
	time_left && must "position" old "$left" position && answer position
	cutover=$value
	time_left && raise_counters "$left" && lap counters
	time_left && must "triggers" old "$left" digest && answer digest
	[ "$value" = "$digest" ] || give_up 75 "triggers or events have just been changed"
	time_left && must "journal" new "$left" "note $state/journal $journal cutover=$cutover" && lap journal
}
move_writer() {
	local ms=$catch_up_least
	time_left
	[ $((left_ms - catch_up_reserve)) -le "$ms" ] || ms=$((left_ms - catch_up_reserve))
	must "lag" new "$left" "wait $flow $epoch $ms $cutover" && lap catch-up
	time_left && must "seal" new "$left" "seal $flow $epoch" && lap seal
	time_left && must "triggers" new "$left" "make triggers" && lap triggers
	time_left && must "position" new "$left" position && answer position
	time_left && must "reverse path" old "$left" "open $opposite $next $opposite_of $value${source_has:+ + $source_has}" && lap reverse
}
commit() {
	said=$(timeout "$hold_limit" mi-route --tell="$control" mode "$to" "$token" 9>&-) || true
	lap mode
	case ${said##*$'\n'} in ok*) ;; *) give_up 75 "the router: ${said##*$'\n'}" ;; esac
}

# ---- The switch ----

pass_gates() {
	at "gates" && log "switch to $to"
	gate_follower
	gate_servers
	raise_counters 60
	keep_programs
	gate_incompatible
	gate_router
	gate_source
	gate_lag
}
hold_and_move() {
	at "in the hold"
	read_clock && began_ms=$now_ms lap_ms=$now_ms laps=''
	hold
	fence_old_writer
	move_writer
	commit
}
turn() { # primary | replica
	to=$1
	if [ "$to" = primary ]; then set_sides forward; else set_sides reverse; fi
	need_router
	trap '' PIPE
	heed_signals give_up 75 "stopped by a signal"
	trap close_ends EXIT
	pass_gates
	hold_and_move
	trap '' TERM INT HUP
	note "switched to $to: $((now_ms - began_ms)) ms (${laps% })"
	at "after the switch"
	ask old 10 "drop events" || log "events: $said"
	ask old 10 unlock || log "unlock: $said"
	close_ends
	recover
}
