# leave: detaches one side, for finish, cancel or step. Each action may be repeated without harm, so that a
# later command can continue an interrupted one.
# shellcheck shell=bash

# The router forgets the side. A router is needed, else the users file would keep the side's passwords.
detach() { # SIDE
	need_router
	tell detach "$1" >/dev/null || die 75 "the router cannot detach the $1"
}
# The session of a copy that was ended may still roll back at the server, and holds the tables until then.
drop_books() { # SERVER
	local code=75 end=$((SECONDS + 60))
	[ -e "$state/my.cnf" ] || return 0
	while [ "$code" -eq 75 ] && [ $SECONDS -lt $end ]; do
		code=0
		fence "$1" drop-books >>"$state/log" || code=$?
	done
	[ "$code" -ne 78 ] || return 0 # the server has nothing of the import
	[ "$code" -eq 0 ] || die 75 "the bookkeeping tables on the $1 cannot be dropped: see $state/log (it goes on with mi-import step)"
}
drop_folders() { rm -rf "$state/forward" "$state/reverse" "$state"/foreign.*; }

# In phase primary: the application stays on the target.
leave_source() {
	at "leaving the source"
	[ "$(phase)" = finishing ] || set_phase finishing
	need_router
	[ "$(mode_value mode)" = target ] || tell mode target >/dev/null || die 75 "the router stays in mode $(mode_value mode)"
	follower reverse stop || true
	drop_books "$(writer_of_source)"
	drop_books target
	detach source
	forget_credentials target
	save route.cnf "$(grep -vE '^(user|password)[ \t]*=' "$state/route.cnf")"
	drop_folders
	set_phase finished
	note "finished: everything is on the target; the source and its credentials are let go"
}

# The application writes to the source. The target's rows stay as they are.
leaving_to() { cat "$state/leaving" 2>/dev/null || echo cancelled; }
leave_target() { # cancelled | stopped
	at "leaving the target"
	[ "$(phase)" = cancelling ] || { save leaving "$1" && set_phase cancelling; }
	if [ "$(mode_value mode)" != source ]; then
		need_router
		tell mode source >/dev/null || die 75 "the router stays in mode $(mode_value mode)"
	fi
	follower forward stop || true
	drop_books target
	drop_books "$(writer_of_source)"
	if tell status >/dev/null 2>&1 || [ -e "$state/users" ]; then detach target; fi
	forget_credentials "$(writer_of_source)"
	drop_folders
	set_phase "$1"
	note "$1: everything is on the source; the target and its credentials are let go"
}
