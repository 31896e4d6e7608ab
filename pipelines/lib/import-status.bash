# status: prints how the import stands, in lines that begin with a name. It changes nothing, and does not count
# as activity.
# shellcheck shell=bash

# Prints who holds the lock, and does not wait: that process may be at work for hours.
look_at_lock() {
	flock -n -s "$state/lock" true || head -c 200 "$state/lock"
}

line() { printf '%-10s %s\n' "$@"; }
phase_line() {
	local more=''
	if [ -e "$state/behind" ]; then more=", the source cannot return: $(<"$state/behind")"; fi
	if [ -s "$state/journal" ]; then more+=", a switch is unfinished: mi-import step ends it"; fi
	line phase "$1$more"
}
router_lines() {
	local answer list
	if answer=$(timeout 5 mi-route --tell="$control" status 2>/dev/null); then
		router_is_up=yes incompatible_age=$(sed -n 's/^incompatible_age \([0-9]*\)$/\1/p' <<<"$answer")
		line router "$(grep -E '^(sessions|busy|pinned|lag_ms) ' <<<"$answer" | tr '\n' ' ')"
		for list in incompatible lacking; do
			mi-route --tell="$control" $list 2>/dev/null | grep -v '^ok' | sed "s/^/$list /" || true
		done
	else
		line router "none answers at $control"
	fi
}

# A metric's value, or what holds a tool up, from a file of metrics.
metric_of() { sed -n "s/^$2{[^}]*} //p" "$1" 2>/dev/null; }
held_up() { sed -n 's/^mi_throttle_reason{.*why="\(.*\)"} 1$/\1/p' "$1" 2>/dev/null; }

copy_line() {
	local from=$state/forward/dump.prom to=$state/forward/load.prom part why
	[ -e "$from" ] && [ -e "$to" ] || return 0
	part=$(awk -v done="$(metric_of "$to" mi_rows_total)" -v all="$(metric_of "$from" mi_rows_expected)" \
		'BEGIN { if (all > 0 && done <= all) printf "%d %%, ", done * 100 / all }')
	why=$(held_up "$to")
	[ -n "$why" ] || why=$(held_up "$from")
	line copy "$part$(metric_of "$to" mi_rows_total) rows${why:+, $why}"
}

# How a follower that does not run is told.
follower_words() {
	case $follower_state in
	running) echo runs ;;
	failed) echo "has stopped ($follower_code): $follower_because" ;;
	*) echo "does not run: it is $follower_state${follower_because:+, $follower_because}" ;;
	esac
}
flow_line() { # DIRECTION SERVER
	local out why lag=''
	look_at_follower "$1"
	out=$(fence "$2" "flow $1") || { line flow "$1: $2 cannot be asked: see $state/log; follower $(follower_words)" && return; }
	why=$(held_up "$state/$1/apply.prom")
	[ -z "$follower_lag" ] || lag=$(for_people "$follower_lag")
	line flow "$1, epoch $(field epoch <<<"$out"), $(field state <<<"$out"), ${lag:+lag $lag, }follower $(follower_words)${why:+, $why}"
	[ ! -s "$state/$1/passed" ] || sed 's/^/passed     /; s/$/ (to be verified)/' "$state/$1/passed"
}

# Prints how far the source, where it is the writer's replica, is behind the writer.
source_line() {
	local want has
	want=$(fence writer position | field position) || true
	has=$(fence source position | field position) || true
	if [ -z "$want" ] || [ -z "$has" ]; then
		line source "the source or the writer cannot be asked: see $state/log"
	elif mi-gtid contains "$has" "$want"; then
		line source "has all that the writer has"
	else
		line source "behind the writer: it is at $(head -c 200 <<<"$has"), the writer at $(head -c 200 <<<"$want")"
	fi
}
flow_lines() { # PHASE
	case $1 in
	copying) copy_line ;;
	following | replica) flow_line forward target ;;
	primary) flow_line reverse "$(writer_of_source)" ;;
	*) return 0 ;;
	esac
	[ -z "$writer" ] || source_line
}
do_status() { # WORD...
	local now holder
	options "" "$@"
	holder=$(look_at_lock)
	now=$(phase)
	phase_line "$now"
	[ -z "$holder" ] || line at-work "$holder"
	line import "$import${map:+, ${map%%=*} is ${map#*=} at the target}"
	line mode "$(mode_value mode), epoch $(mode_value epoch)"
	router_lines
	flow_lines "$now"
	if [ -s "$state/foreign" ]; then
		line foreign "$(wc -l <"$state/foreign") transactions reached the passive side around the import; the last: $(
			tail -n 1 "$state/foreign"
		)"
	fi
	next_line "$now"
}
