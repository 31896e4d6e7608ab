# start: copies, follows, and lets reads go to the target once it has caught up. Run again after any
# interruption, it continues.
# shellcheck shell=bash

do_start() { # WORD...
	options "--ignore --threads --lock --max-rate" "$@"
	take_lock
	mark_activity
	case $(phase) in
	new | copying | following) ;;
	replica | primary) say "already in phase $(phase)" && exit 0 ;;
	*) die 78 "the import is $(phase)" ;;
	esac
	copy_rows
	follow_on
	wait_until_close 3600
	enter_replica
}
