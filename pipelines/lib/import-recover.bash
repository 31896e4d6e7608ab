# recover: brings a switch to its end, from the journal and the router's mode file, whoever has left it
# and wherever; each action finds its work done the second time.
# shellcheck shell=bash

end_journal() {
	rm -f "$state/journal"
	sync "$state"
}
# What the switch that is open was about: to, flow, epoch, next, mode_epoch, cutover, and the sides.
read_journal() {
	local word
	to='' flow='' epoch='' next='' mode_epoch='' cutover=''
	for word in $(<"$state/journal"); do
		case ${word%%=*} in
		to | flow | epoch | next | mode_epoch | cutover) printf -v "${word%%=*}" %s "${word#*=}" ;;
		esac
	done
	for word in "$to" "$flow" "$epoch" "$next" "$mode_epoch"; do # cutover may be the empty set
		[ -n "$word" ] || die 78 "$state/journal is not whole"
	done
	set_sides "$flow"
}

# Is anything still on its way that could change the mode? Our own hold ends here. A router that
# answers has dealt with all that it was told; one that is dead has let go of its lock.
router_is_settled() {
	local i
	close_end hold
	for ((i = 0; i < 20; i++)); do
		if timeout 2 mi-route --tell="$control" status >/dev/null 2>&1 9>&-; then return 0; fi
		if flock -n "$state/mode.lock" true 9>&-; then return 0; fi
		sleep 0.5
	done
	return 1
}

recover() {
	[ -s "$state/journal" ] || return 0
	read_journal
	router_is_settled || die 75 "the router does not answer: the switch to $to is open until it does, or is gone"
	close_ends # what they hold, the sides need now
	if [ "$(mode_value mode)" = "$to" ] && [ "$(mode_value epoch)" -gt "$mode_epoch" ]; then
		roll_forward
	else
		undo
	fi
}

# One side's commands; what fails leaves the journal for the next time.
on_side() { # SERVER COMMAND...
	local out
	out=$(fence "$@") && return 0
	die 75 "the switch to $to goes on when it can (mi-import step): $1: $(grep '^error' <<<"$out" | head -n 1)"
}

# The mode file says the old mode: the flow goes on as another epoch, so that whatever is still meant
# for this switch finds nothing.
undo() {
	log "undoing the switch to $to"
	on_side "$new" "programs $state/programs.$to" "drop triggers"
	on_side "$old" "forget $opposite $next"
	on_side "$new" "unseal $flow $epoch $((next + 1))"
	follower_conf "$flow" $((next + 1))
	follower "$flow" restart || true
	end_journal
	if [ "$flow" = forward ]; then align_epoch || true; fi
	note "undone: still in phase $(phase)"
}

# The mode file says the new mode: writes are on the new side.
roll_forward() {
	log "finishing the switch to $to"
	[ "$(phase)" = "$to" ] || set_phase "$to"
	follower "$flow" stop || true
	on_side "$old" "programs $state/programs.$to" "drop events" "drop triggers"
	on_side "$new" "programs $state/programs.$to" "make events"
	follower_conf "$opposite" "$next"
	save "$opposite/applied.gtid" "$(fence "$old" "flow $opposite" | field position)"
	follower "$opposite" restart || true
	save "foreign.$old" "$cutover"
	end_journal
	note "in phase $to"
}
