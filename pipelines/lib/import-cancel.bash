# cancel: ends the import with the application on the source; the target is detached. In phase primary the
# application writes to the target, so a switch back comes first.
# shellcheck shell=bash disable=SC2015

# Takes the lock; a running copy, which would hold it for hours, is stopped.
take_lock_from_copy() {
	local holder
	exec 9>>"$state/lock"
	if ! flock -w 1 9; then
		holder=$(sed -n 's/^process \([0-9]*\) (\(start\|step\): copying).*/\1/p' "$state/lock")
		[ -n "$holder" ] || die 75 "$(head -c 200 "$state/lock") is at work in $state"
		say "stopping the copy, process $holder"
		kill -TERM -- "$holder" && flock -w 60 9 || die 75 "process $holder does not stop"
	fi
	at "begun"
}

# Prints what the source would lack of the target's writes, as far as that can be known.
unapplied() {
	local target_at source_at
	target_at=$(fence target position | field position) || true
	source_at=$(fence "$(writer_of_source)" 'flow reverse' | field position) || true
	if [ -z "$target_at" ] || [ -z "$source_at" ]; then
		echo "an unknown number of transactions (one side does not answer)"
	else
		mi-gtid count "$(mi-gtid subtract "$target_at" "$source_at" 2>/dev/null)" 2>/dev/null | sed 's/.*/at most & transactions/' ||
			echo "the transactions from $source_at to $target_at"
	fi
}

# Cancels without the target (--abandon-target-writes): its writes since the source's checkpoint are lost.
abandon_target() {
	local reverse_epoch
	note "abandoning $(unapplied)"
	set_sides reverse
	trap '' PIPE
	trap close_ends EXIT
	follower reverse stop || true
	reverse_epoch=$(fence "$new" 'flow reverse' | field epoch)
	open_end hold mi-route --tell="$control" hold "$hold_limit"
	hear hold $((hold_limit + 5)) || die 75 "the router: ${said#error [0-9]* }"
	read -r _ token _ <<<"$said"
	fence "$new" "seal reverse $reverse_epoch" "programs $state/programs.primary" "make triggers" >/dev/null ||
		die 75 "the source cannot be made ready: see $state/log"
	said=$(tell mode source "$token") || die 75 "the router: $said"
	close_ends
	fence "$new" "programs $state/programs.primary" "make events" >/dev/null || note "events: see $state/log"
	log "writes are on the source again"
}

writes_to_source() {
	if [ -n "$abandon" ]; then
		need_router
		abandon_target
	elif [ -e "$state/behind" ]; then
		die 78 "the source cannot return: $(<"$state/behind"); --abandon-target-writes gives up $(unapplied)"
	else
		say "writes are on the target: switching back first"
		turn replica
	fi
}

do_cancel() { # WORD...
	options "--abandon-target-writes --evict" "$@"
	take_lock_from_copy
	mark_activity
	recover
	case $(phase) in
	cancelled | stopped) say "already $(phase)" && exit 0 ;;
	finishing | finished) die 78 "too late: the import is $(phase)" ;;
	primary) writes_to_source ;;
	esac
	leave_target cancelled
}
