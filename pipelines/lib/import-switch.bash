# switch: moves the application's writes to the other side. Everything slow comes before the hold. The rename of
# the router's mode file decides: a failure before the rename is undone; after the rename, the next command
# completes what is left to do.
# shellcheck shell=bash

do_switch() { # primary|replica WORD...
	local wanted=${1-}
	case $wanted in
	primary | replica) shift ;;
	-h | --help) usage && exit 0 ;;
	*) die 64 "switch to what? primary or replica" ;;
	esac
	options "--evict --despite-incompatible" "$@"
	take_lock
	mark_activity
	recover
	case $(phase):$wanted in
	"$wanted:$wanted") say "already in phase $wanted" && exit 0 ;;
	replica:primary | primary:replica) ;;
	following:replica)
		wait_until_close 60
		enter_replica
		exit 0
		;;
	*) die 78 "no switch to $wanted in phase $(phase)" ;;
	esac
	if [ "$wanted" = replica ] && [ -e "$state/behind" ]; then
		die 78 "the source cannot return: $(<"$state/behind")"
	fi
	turn "$wanted"
}
