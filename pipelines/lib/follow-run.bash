# The keeper: runs one pair after another, until it is told to end or a person must look.
# shellcheck shell=bash

write_state() { # STATE CODE REASON: into follow.state, for status and the next start
	printf 'state %s\ncode %s\ntime %(%s)T\nreason %s\n' "$1" "$2" -1 "$3" >"$folder/follow.state.new"
	mv "$folder/follow.state.new" "$folder/follow.state"
	rm -f "$folder/follow.told"
}

# Rotates the log by copying and emptying it, because the tools keep their descriptors of it.
rotate() {
	local n
	[ "$(stat -c %s "$folder/follow.log")" -gt "$log_size" ] || return 0
	for ((n = log_keep - 1; n > 0; n--)); do
		[ ! -e "$folder/follow.log.$n" ] || mv "$folder/follow.log.$n" "$folder/follow.log.$((n + 1))"
	done
	[ "$log_keep" -eq 0 ] || cp "$folder/follow.log" "$folder/follow.log.1"
	: >"$folder/follow.log"
}

# Logs a text, and prints it unless stderr is the log, too.
tell() {
	log "$@"
	[ -n "${MI_DETACHED-}" ] || say "$@"
}

# What asks us to end, both halves are asked, too.
ask_halves() {
	signal TERM "$folder/binlog.pid"
	signal TERM "$folder/apply.pid"
}

# Waits a moment, without starting a process.
tick() {
	read -rt 0.2 -u "$clock" || true
	heed
	ticks=$((ticks + 1))
	((ticks % 25)) || rotate
	[ ! -e "$folder/past" ] || settle_stop
}

position() { cat "$folder/applied.gtid" 2>/dev/null || true; }

pause_for() { # SECONDS
	local end=$((SECONDS + $1))
	while [ "$asked" -eq 0 ] && [ $SECONDS -lt $end ]; do tick; done
}

# Takes the lock, sets traps and the clock, and ends the tools that a killed keeper has left.
begin_run() {
	export MI_LOG_TIME=1 TZ=UTC
	unset MI_IMPORT MI_FLOW MI_UNTIL MI_SINCE MI_START
	whose=(--flow="$flow")
	[ -n "$flow" ] || whose=(--import="$import")
	[ -n "${MI_DETACHED-}" ] || lock_start
	exec 9>"$folder/follow.lock"
	flock -n 9 || die 75 "another one is at work in $folder"
	log_file=$folder/follow.log
	exec {clock}<> <(:)
	trap '' PIPE
	# a trap does no more than count: the end of a read's time breaks off what a trap does meanwhile
	heed_signals ask_halves
	hold_signals
	write_state starting 0 '' # before anybody can see that it runs: a failure before is history
	record "$folder/follow.pid"
	exec 8>&- # from here on `stop` finds us
	end_process "$folder/binlog.pid" "$patience" || true
	end_process "$folder/apply.pid" "$patience" || true
	tell "begins"
}

# Exits when the pair has ended for good: both tools with 0, or one with a code that a person must look at.
end_if_over() {
	if [ "$applied" -eq 0 ] && [ "$wrote" -eq 0 ]; then
		tell "mi-binlog has come to its end"
		write_state ended 0 "mi-binlog has come to its end"
		exit 0
	elif is_final "$code"; then
		tell "stays down until somebody has looked ($code): $reason"
		rm -f "$folder/past" # it has not come to that, or another stop has come before
		write_state failed "$code" "$reason"
		exit "$code"
	fi
}

do_run() {
	local pause=1 began before
	begin_run
	while [ "$asked" -eq 0 ]; do
		began=$SECONDS before=$(position)
		settle_stop
		pair_of_kept || pair_of_live
		judge
		[ "$asked" -eq 0 ] || break
		end_if_over
		[ "$(position)" = "$before" ] && [ $((SECONDS - began)) -lt 60 ] || pause=1 # the pair has applied something, or ran for a minute
		tell "again in $pause s ($code): $reason"
		write_state waiting "$code" "$reason"
		pause_for "$pause"
		pause=$((pause * 2 < longest_pause ? pause * 2 : longest_pause))
	done
	tell "ended by a signal"
	write_state ended 75 "ended by a signal"
	return 75
}
