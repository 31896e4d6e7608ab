# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# recover: brings a switch to its end, from the journal and the router's mode file, whoever has left it
# and wherever. Sourced by switch, step and cancel; each action finds its work done the second time.

end_journal() {
	rm -f "$state/journal"
	sync "$state"
}

# Is anything still on its way that could change the mode? Our own hold ends here. A router that
# answers has dealt with all that it was told; one that is dead has let go of its lock.
router_is_settled() {
	local i
	if declare -F close_end >/dev/null; then close_end hold; fi
	for ((i = 0; i < 20; i++)); do
		if timeout 2 mi-route --tell="$control" status >/dev/null 2>&1 9>&-; then return 0; fi
		if flock -n "$state/mode.lock" true 9>&-; then return 0; fi
		sleep 0.5
	done
	return 1
}

recover() {
	local word
	declare -gA j=()
	[ -s "$state/journal" ] || return 0
	for word in $(<"$state/journal"); do j[${word%%=*}]=${word#*=}; done
	j[opposite]=reverse j[old]=$(writer_of_source) j[new]=target
	if [ "${j[flow]}" = reverse ]; then j[opposite]=forward j[old]=target j[new]=$(writer_of_source); fi
	router_is_settled || die 75 "the router does not answer: the switch to ${j[to]} is open until it does, or is gone"
	if declare -F close_ends >/dev/null; then close_ends; fi # what they hold, the sides need now
	if [ "$(mode_value mode)" = "${j[to]}" ] && [ "$(mode_value epoch)" -gt "${j[mode_epoch]}" ]; then
		roll_forward
	else
		undo
	fi
}

# One side's commands; what fails leaves the journal for the next time.
on_side() { # SERVER COMMAND...
	local out
	out=$(fence "$@") && return 0
	die 75 "the switch to ${j[to]} goes on when it can (mi-import step): $1: $(grep '^error' <<<"$out" | head -n 1)"
}

# The mode file says the old mode: the flow goes on as another epoch, so that whatever is still meant
# for this switch finds nothing.
undo() {
	log "undoing the switch to ${j[to]}"
	on_side "${j[new]}" "programs $state/programs.${j[to]}" "drop triggers"
	on_side "${j[old]}" "forget ${j[opposite]} ${j[next]}"
	on_side "${j[new]}" "unseal ${j[flow]} ${j[epoch]} $((j[next] + 1))"
	follower_conf "${j[flow]}" $((j[next] + 1))
	follower "${j[flow]}" restart || true
	end_journal
	if [ "${j[flow]}" = forward ]; then align_epoch || true; fi
	note "undone: still in phase $(phase)"
}

# The mode file says the new mode: writes are on the new side.
roll_forward() {
	log "finishing the switch to ${j[to]}"
	[ "$(phase)" = "${j[to]}" ] || set_phase "${j[to]}"
	follower "${j[flow]}" stop || true
	on_side "${j[old]}" "programs $state/programs.${j[to]}" "drop events" "drop triggers"
	on_side "${j[new]}" "programs $state/programs.${j[to]}" "make events"
	follower_conf "${j[opposite]}" "${j[next]}"
	save "${j[opposite]}/applied.gtid" "$(fence "${j[old]}" "flow ${j[opposite]}" | field position)"
	follower "${j[opposite]}" restart || true
	save "foreign.${j[old]}" "${j[cutover]}"
	end_journal
	note "in phase ${j[to]}"
}
