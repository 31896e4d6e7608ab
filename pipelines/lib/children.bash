# Children, and signals that come while one is made.
#
# What asks a script to end must reach its children. Between the fork and the moment when the child is known (its
# number is kept, its file is there, it has our traps no more) a signal finds nobody: the script would end and leave
# the child, or wait for a child that nobody has told. So the traps are set before the fork, signals are held
# meanwhile, and what they ask for is done when all children that belong together are known.

# shellcheck shell=bash

asked=0       # signals that asked for the end
heeded=0      # so many of them have been acted on
holding=''    # "yes": they are only counted
when_asked=() # the command that does what they ask for
child=''      # the process that spawn has made

on_signal() {
	asked=$((asked + 1))
	[ -n "$holding" ] || heed
}
heed() {
	[ "$asked" -gt "$heeded" ] || return 0
	heeded=$asked
	"${when_asked[@]}"
}
heed_signals() { # COMMAND...: what to do when a signal asks for the end
	when_asked=("$@") holding=''
	trap on_signal TERM INT HUP
}
hold_signals() { holding=yes; }
release_signals() {
	holding=''
	heed
}
# Runs FUNCTION in a child and returns when the child is known: in `child` and, unless that is empty, in FILE.
# Called between hold_signals and release_signals.
spawn() { # FILE FUNCTION WORD...
	local file=$1
	shift
	[ -z "$file" ] || rm -f "$file"
	(
		[ -z "$file" ] || record "$file"
		"$@"
	) &
	child=$!
	until [ -z "$file" ] || [ -e "$file" ] || ! kill -0 "$child" 2>/dev/null; do sleep 0.01; done
}
