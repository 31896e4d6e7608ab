# finish: ends the import with the application on the target; the source is detached for good.
# shellcheck shell=bash

do_finish() { # WORD...
	options "" "$@"
	take_lock
	mark_activity
	recover
	case $(phase) in
	finished) say "already finished" ;;
	primary | finishing) leave_source ;;
	*) die 78 "finish is for phase primary, and this is $(phase)" ;;
	esac
}
