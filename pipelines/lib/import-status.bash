# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# status: where the import stands, a line for each thing, beginning with its name. Changes nothing; it
# is no activity.

# The holder of the lock may be at work for hours.
take_lock() {
	exec 9>>"$state/lock"
	flock -n -s 9 || holder=$(head -c 200 "$state/lock")
	flock -u 9
}
holder=''
options

line() { printf '%-10s %s\n' "$@"; }
flow_line() { # DIRECTION SERVER
	local out lag
	out=$(fence "$2" "flow $1") || { line flow "$1: $2 cannot be asked: see $state/log" && return; }
	lag=$(sed -n 's/^mi_lag_seconds[^ ]* //p' "$state/$1"/*.prom 2>/dev/null | tail -n 1)
	line flow "$1, epoch $(field epoch <<<"$out"), $(field state <<<"$out"), ${lag:+lag $lag s, }follower $(
		if follower "$1" status >/dev/null; then echo runs; else echo 'does not run'; fi
	)"
}

# What of the writer's has not come to a source that is its replica.
source_line() {
	local want has
	want=$(fence writer position | field position) || true
	has=$(fence source position | field position) || true
	if [ -z "$want" ] || [ -z "$has" ]; then
		line source "the source or the writer cannot be asked: see $state/log"
	elif mi-gtid contains "$has" "$want" 9>&-; then
		line source "has all that the writer has"
	else
		line source "behind the writer: it is at $(head -c 200 <<<"$has"), the writer at $(head -c 200 <<<"$want")"
	fi
}

now=$(phase)
extra=''
if [ -e "$state/behind" ]; then extra=", the source cannot return: $(<"$state/behind")"; fi
if [ -s "$state/journal" ]; then extra+=", a switch is unfinished: mi-import step ends it"; fi
line phase "$now$extra"
[ -z "$holder" ] || line at-work "$holder"
line import "$import${map:+, ${map%%=*} is ${map#*=} at the target}"
line mode "$(mode_value mode), epoch $(mode_value epoch)"
if router=$(timeout 5 mi-route --tell="$control" status 2>/dev/null 9>&-); then
	line router "$(grep -E '^(sessions|busy|pinned|lag_ms) ' <<<"$router" | tr '\n' ' ')"
	mi-route --tell="$control" incompatible 2>/dev/null 9>&- | grep -v '^ok' | sed 's/^/incompatible /' || true
else
	line router "none answers at $control"
fi
case $now in
following | replica) flow_line forward target ;;
primary) flow_line reverse "$(writer_of_source)" ;;
esac
case $now in
following | replica | primary) [ -z "$writer" ] || source_line ;;
esac
if [ -s "$state/foreign" ]; then
	line foreign "$(wc -l <"$state/foreign") transactions reached the passive side around the import; the last: $(tail -n 1 "$state/foreign")"
fi
line next "$(case $now in
	new) echo "mi-import check, then mi-import start" ;;
	copying | following) echo "mi-import start goes on" ;;
	replica) echo "mi-import switch primary" ;;
	primary) echo "mi-import finish, or mi-import switch replica" ;;
	*) echo "nothing" ;;
	esac)"
