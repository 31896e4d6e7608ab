# gates: the conditions of a switch, which are checked before any client waits. Where one is not met, the
# switch is given up, and nothing has been changed.
# shellcheck shell=bash disable=SC2015

# A follower that has stopped for good will not catch up: its reason is the switch's.
gate_follower() {
	look_at_follower "$flow"
	[ "$follower_state" = failed ] || return 0
	give_up "$follower_code" "the follower of $flow has stopped: $follower_because; $(way_past "$flow")"
}
gate_servers() {
	open_fence old "$old"
	open_fence new "$new"
	must "old writer" old 60 ready
	must "new writer" new 60 ready
	must "new writer" new 10 server
	answer server && opposite_of=$value
	if [ "$to" = replica ] && [ -n "$writer" ]; then # the source is followed, which is only the writer's replica
		must "forward flow" old 10 "flow forward"
		answer source && opposite_of=$value
	fi
	must "new writer" new 10 "flow $flow"
	answer epoch && epoch=$value
	answer state && [ "$value" = open ] || give_up 75 "the flow $flow is not open"
	answer high && [ "$value" = passed ] || give_up 75 "the flow $flow has not passed the copy's high mark"
}
# Does the switch begin or end a flow forward from a source that is the writer's replica?
needs_source() { [ -n "$writer" ] && [ "$to$command" != replicacancel ]; }
# Where the source is a replica of the writer: the source must have all that the writer has, within
# $source_limit. Transactions that only the source has are not followed; they go into `source_has`.
gate_source() {
	local end end_name=old want has
	source_has=''
	needs_source || return 0
	[ "$to" = primary ] || end_name=new
	must "writer" $end_name 10 position
	answer position && want=$value
	read_clock && end=$((now_ms + source_limit))
	until has=$(fence source position | field position) && mi-gtid contains "$has" "$want" 9>&-; do
		[ -n "$has" ] || give_up 75 "the source does not answer: see $state/log"
		read_clock && [ "$now_ms" -lt "$end" ] || give_up 75 "the source is behind the writer: does its own replication run? It lacks $(lacks "$want" "$has")"
		sleep 0.1
	done
	must "writer" $end_name 10 position
	answer position && want=$value
	mi-gtid contains "$want" "$has" 9>&- || own_transactions "$has"
}
lacks() { # SET SET: prints what the second set lacks of the first
	local what
	what=$(mi-gtid subtract "$1" "$2" 2>/dev/null 9>&-) || what=$1 # MariaDB's positions cannot be subtracted
	head -c 200 <<<"$what"
}
# Refuses transactions of the source's own with MariaDB: their numbers would be taken for the writer's.
own_transactions() { # SET
	case $1 in
	*:*) source_has=$1 ;;
	*) give_up 78 "the source has transactions of its own, which the writer lacks: it is at $1" ;;
	esac
}
raise_counters() {
	local line
	must "counters" old "$1" counters
	for line in "${answers[@]}"; do must "counters" new "$1" "raise ${line#counter }"; done
}
# Saves triggers and events as text, and their digest, to see under the lock that they have not changed.
keep_programs() {
	must "old writer" old 30 digest
	answer digest && digest=$value
	names_on "$old"
	mi-schema -q "${pair[@]}" -s "$old" "${side_filters[@]}" --for-server="$new" --section=programs --triggers --events \
		--schema-only >"$state/programs.$to.new" 9>&- 2>>"$state/log" || give_up 75 "triggers and events cannot be carried: see $state/log"
	mv "$state/programs.$to.new" "$state/programs.$to"
	must "triggers" old 10 "programs $state/programs.$to"
	must "triggers" new 10 "programs $state/programs.$to"
}
gate_lag() {
	must "old writer" old 10 position
	answer position
	must "lag" new 10 "wait $flow $epoch $lag_limit $value"
}
# Reads that only the source could answer would fail once the target is the writer.
gate_incompatible() {
	local status count age
	[ "$to" = primary ] && [ -z "$despite" ] || return 0
	status=$(tell status) || give_up $? "the router does not say what it has seen"
	count=$(sed -n 's/^incompatible //p' <<<"$status")
	age=$(sed -n 's/^incompatible_age //p' <<<"$status")
	[ -n "$age" ] && [ "$age" -lt "$incompatible_limit" ] || return 0
	give_up 75 "$count reads could only be answered by the source, the last $age s ago, most often (count, error, statement): $(
		tell incompatible | head -n 1 | head -c 300); mend them and wait an hour, or --despite-incompatible"
}
gate_router() {
	[ "$(mode_value mode)" = "$(phase)" ] || give_up 75 "the router is in mode $(mode_value mode)"
	if [ -n "$evict" ]; then tell evict >/dev/null || give_up $? "evict"; fi
	tell warm >/dev/null || give_up $? "the router cannot log in to the $new"
	local pinned
	pinned=$(tell pinned | grep -vE '^ok' || true)
	[ -z "$pinned" ] || give_up 75 "sessions that cannot move (--evict ends them): $pinned"
}
