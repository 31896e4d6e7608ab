# recover: ends a switch that was interrupted at any step, by what the journal and the router's mode file say:
# undone or completed. Each action may be repeated without harm.
# shellcheck shell=bash

end_journal() {
	rm -f "$state/journal"
	sync "$state"
}
# Reads the interrupted switch's journal: sets to, flow, epoch, next, mode_epoch, cutover, and the sides.
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

# Makes sure that no command is on its way that could change the mode. This process's hold is ended. A router
# that answers has carried out all earlier commands; a router that is dead has released its lock.
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
	close_ends # they hold locks that the sides need now
	if [ "$(mode_value mode)" = "$to" ] && [ "$(mode_value epoch)" -gt "$mode_epoch" ]; then
		roll_forward
	else
		undo
	fi
}

# Runs mi-fence commands on one side; a failure exits, and leaves the journal for the next attempt.
on_side() { # SERVER COMMAND...
	local out
	out=$(fence "$@") && return 0
	die 75 "the switch to $to goes on when it can (mi-import step): $1: $(grep '^error' <<<"$out" | head -n 1)"
}

# The mode file has the old mode: the flow continues with a new epoch, so that late commands of this switch,
# which name the old one, fail.
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

# The mode file has the new mode: the application writes on the new side, and the switch is completed.
roll_forward() {
	log "finishing the switch to $to"
	[ "$(phase)" = "$to" ] || set_phase "$to"
	follower "$flow" stop || true
	on_side "$old" "programs $state/programs.$to" "drop events" "drop triggers"
	on_side "$new" "programs $state/programs.$to" "make events"
	follower_conf "$opposite" "$next"
	rm -rf "$state/$opposite/definitions" # those of its last turn: what came between has not been followed
	rm -f "$state/$opposite/heard" "$state/$opposite/apply.prom" # of the time before the last switch
	save "$opposite/applied.gtid" "$(fence "$old" "flow $opposite" | field position)"
	follower "$opposite" restart || true
	save "foreign.$old" "$cutover"
	end_journal
	note "in phase $to"
}
