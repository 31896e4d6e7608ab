# mi-follow's command line.
# shellcheck shell=bash

usage() {
	cat <<-'EOF_USAGE'
		usage: mi-follow start|stop|restart|resume|status|wait|run [options] FOLDER
		       mi-follow set FOLDER KEY[=VALUE] [--once]
		Keeps one server following another, as FOLDER/follow.conf says.

		  start     run in the background, unless it runs already
		  stop      finish the transaction in hand and end
		  restart   stop, then resume
		  resume    go on after a stop that wanted a person, see mi-follow(1), WHEN IT STOPS
		  set       change a setting, such as apply.on-ddl=skip; without a value: as follow.conf says
		  status    what is going on; exits 0 when all is well, else 1
		  wait      return when all that the source has committed by now has been applied
		  run       run in the foreground

		  -u, --unless-stopped   start: not when stop was the last word
		      --past=GTID        resume: without this transaction, at which it has stopped
		      --once             set apply.on-ddl: for the transaction at which it has stopped, alone
		  -j, --json             status: one JSON object
		  -t, --timeout=SECONDS  stop: then end it at once (60); wait, resume: give up
		  -h, --help             print this and exit
	EOF_USAGE
}

read_options() { # WORD...
	local options
	options=$(getopt -n mi-follow -o ujt:h -l unless-stopped,json,past:,once,timeout:,help -- "$@") || exit 64
	eval set -- "$options"
	while [ "$1" != -- ]; do
		case $1 in
		-u | --unless-stopped) unless_stopped=yes ;;
		--past) past_gtid=$2 && shift ;;
		--once) once=yes ;;
		-j | --json) json=yes ;;
		-t | --timeout) timeout=$2 && shift ;;
		-h | --help) usage && exit 0 ;;
		esac
		shift
	done
	shift
	if [ "${1-}" = set ] && [ $# -eq 3 ]; then
		setting=$3
		set -- "$1" "$2"
	fi
	case $#:${1-}:$setting in
	2:set:) usage >&2 && exit 64 ;;
	2:*) ;;
	*) usage >&2 && exit 64 ;;
	esac
	[ -z "$past_gtid" ] || [ "$1" = resume ] || die 64 "--past belongs to resume"
	[ -z "$once" ] || [ "$1" = set ] || die 64 "--once belongs to set"
	[[ $timeout =~ ^[0-9]{0,9}$ ]] || die 64 "--timeout is a number of seconds"
	[ -d "$2" ] || die 64 "there is no folder $2"
	command=$1
	folder=$(cd "$2" && pwd)
}
