# next: the command that helps, for status.
# shellcheck shell=bash

# Prints what prevents a switch that ends this flow, and what to do about it; nothing when nothing is known to.
in_the_way() { # DIRECTION
	if [ -s "$state/journal" ]; then
		echo "mi-import step, which ends the unfinished switch"
	elif [ "$follower_state" = failed ]; then
		way_past "$1"
	elif [ "$follower_state" = waiting ]; then
		echo "wait: the follower tries again, because of ${follower_because:-its beginning}"
	elif [ "$follower_state" != running ] && [ "$follower_state" != starting ]; then
		echo "mi-import step, which starts the follower"
	elif [ -z "$router_is_up" ]; then
		echo "start mi-route"
	elif [ -n "$follower_lag" ] && holds "$follower_lag * 1000 > $lag_limit"; then
		echo "wait: the lag is over $((lag_limit / 1000)) s"
	elif [ "$1" = forward ] && [ -n "$incompatible_age" ] && [ "$incompatible_age" -lt "$incompatible_limit" ]; then
		echo "mend the reads that failed at the target, or switch primary --despite-incompatible"
	fi
}
next_line() { # PHASE
	local way
	case $1 in
	new) line next "mi-import check, then mi-import start" ;;
	copying) line next "mi-import start goes on" ;;
	following)
		way='mi-import start goes on'
		[ "$follower_state" != failed ] || way=$(way_past forward)
		line next "$way"
		;;
	replica)
		way=$(in_the_way forward)
		line next "${way:-mi-import switch primary}"
		;;
	primary)
		way=$(in_the_way reverse)
		if [ -e "$state/behind" ]; then way=''; else way=${way:-mi-import switch replica}; fi
		line next "mi-import finish${way:+, or to go back: $way}"
		;;
	*) line next "nothing" ;;
	esac
}
