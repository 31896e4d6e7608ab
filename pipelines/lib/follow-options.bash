# mi-follow's command line.
# shellcheck shell=bash

usage() {
	cat <<-'EOF_USAGE'
		usage: mi-follow start|stop|restart|status|wait|run [options] FOLDER
		Keeps one server following another, as FOLDER/follow.conf says.

		  start     run in the background, unless it runs already
		  stop      finish the transaction in hand and end
		  restart   stop, then start --force
		  status    what is going on; exits 0 when all is well, else 1
		  wait      return when all that the source has committed by now has been applied
		  run       run in the foreground

		  -f, --force            start: also after a failure that wanted a person
		  -u, --unless-stopped   start: not when stop was the last word
		  -j, --json             status: one JSON object
		  -t, --timeout=SECONDS  stop: then end it at once (60); wait: give up (never)
		  -h, --help             print this and exit
	EOF_USAGE
}

read_options() { # WORD...
	local options
	options=$(getopt -n mi-follow -o fujt:h -l force,unless-stopped,json,timeout:,help -- "$@") || exit 64
	eval set -- "$options"
	while [ "$1" != -- ]; do
		case $1 in
		-f | --force) force=yes ;;
		-u | --unless-stopped) unless_stopped=yes ;;
		-j | --json) json=yes ;;
		-t | --timeout) timeout=$2 && shift ;;
		-h | --help) usage && exit 0 ;;
		esac
		shift
	done
	shift
	[ $# -eq 2 ] || { usage >&2 && exit 64; }
	[[ $timeout =~ ^[0-9]{0,9}$ ]] || die 64 "--timeout is a number of seconds"
	[ -d "$2" ] || die 64 "there is no folder $2"
	command=$1
	folder=$(cd "$2" && pwd)
}
