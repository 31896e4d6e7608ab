# shellcheck shell=bash disable=SC2154
# cancel: the source keeps everything; the target is let go of. In phase primary the truth is on the
# target, so that a switch back comes first.

. "$here/lib/import-ends.bash"
. "$here/lib/import-phases.bash"
. "$here/lib/import-recover.bash"
. "$here/lib/import-turn.bash"
. "$here/lib/import-leave.bash"

# A copy that runs would keep the lock for hours.
take_lock() {
	local holder
	exec 9>>"$state/lock"
	if ! flock -n 9; then
		holder=$(sed -n 's/^process \([0-9]*\) (\(start\|step\): copying).*/\1/p' "$state/lock")
		[ -n "$holder" ] || die 75 "$(head -c 200 "$state/lock") is at work in $state"
		say "stopping the copy, process $holder"
		kill -TERM -- "$holder" && flock -w 60 9 || die 75 "process $holder does not stop"
	fi
	at "begun"
}

# How much of the target's writes the source would never see, as far as it can be known.
unapplied() {
	local there here_
	there=$(fence target position | field position) || true
	here_=$(fence "$(writer_of_source)" 'flow reverse' | field position) || true
	if [ -z "$there" ] || [ -z "$here_" ]; then
		echo "an unknown number of transactions (one side does not answer)"
	else
		mi-gtid count "$(mi-gtid subtract "$there" "$here_" 2>/dev/null)" 2>/dev/null | sed 's/.*/at most & transactions/' ||
			echo "the transactions from $here_ to $there"
	fi
}

# Without the target: its writes since the source's checkpoint are given up.
abandon_target() {
	local epoch
	note "abandoning $(unapplied)"
	to=source laps='' flow=reverse opposite=forward old=target new=$(writer_of_source)
	trap '' PIPE
	trap close_ends EXIT
	follower reverse stop || true
	epoch=$(fence "$new" 'flow reverse' | field epoch)
	open_end hold mi-route --tell="$control" hold "$hold_limit"
	hear hold $((hold_limit + 5)) || die 75 "the router: ${said#error [0-9]* }"
	read -r _ token _ <<<"$said"
	fence "$new" "seal reverse $epoch" "programs $state/programs.primary" "make triggers" >/dev/null ||
		die 75 "the source cannot be made ready: see $state/log"
	said=$(tell mode source "$token") || die 75 "the router: $said"
	close_ends
	fence "$new" "programs $state/programs.primary" "make events" >/dev/null || note "events: see $state/log"
	log "writes are on the source again"
}

options --abandon-target-writes --evict
mark_activity
recover
case $(phase) in
cancelled | stopped) say "already $(phase)" && exit 0 ;;
finishing | finished) die 78 "too late: the import is $(phase)" ;;
primary)
	if [ -n "$abandon" ]; then
		need_router
		abandon_target
	elif [ -e "$state/behind" ]; then
		die 78 "the source cannot return: $(<"$state/behind"); --abandon-target-writes gives up $(unapplied)"
	else
		say "writes are on the target: switching back first"
		turn replica
	fi
	;;
esac
leave_target cancelled
