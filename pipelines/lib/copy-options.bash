# mi-copy's command line.
# shellcheck shell=bash

usage() {
	cat <<-'EOF_USAGE'
		usage: mi-copy [options] STATE-FOLDER
		Copies databases from one server into another; run again, it goes on.

		  -c, --config=FILE      option file with the groups of both servers
		  -s, --source=NAME      group [client_NAME] of the source (default source)
		  -t, --target=NAME      group [client_NAME] of the target (default target)
		  -d, --databases=DB     database to copy; may be given again
		  -T, --tables=DB.TABLE  only these tables; may be given again
		  -X, --exclude=DB.TABLE but not these; may be given again
		      --map-db=OLD=NEW   database OLD is called NEW on the target; may be given again
		      --threads=N        readers and writers
		      --lock=HOW         how the snapshot is taken, as mi-dump takes it (auto)
		      --throttle=FILE    limits of both servers' loads, which may change meanwhile
		                         (STATE-FOLDER/throttle.conf)
		      --max-rate=SIZE    bytes of rows a second, at most
		      --spool=WHEN       keep the dump in the folder: auto (foreign keys), yes, no
		      --binlog-spool=MAX keep changes meanwhile, at most so much (a quarter of what is
		                         free), or no
		      --follow           when it is complete, mi-follow start
		      --ignore=ID        a finding of mi-check to accept; may be given again
		      --skip-invalid-views   leave out views that the source itself cannot read
		      --no-binlog        leave the rows out of the target's binlog
		      --no-proof         do not read rows back to prove that they are the source's
		  -h, --help             print this and exit
	EOF_USAGE
}

# Takes one option; VALUE is '' for options without a value.
take_option() { # OPTION VALUE
	case $1 in
	-c | --config) config=$2 ;;
	-s | --source) source=$2 ;;
	-t | --target) target=$2 ;;
	-d | --databases) filters+=(-d "$2") ;;
	-T | --tables) filters+=(-T "$2") ;;
	-X | --exclude) filters+=(-X "$2") ;;
	--map-db) map+=(--map-db "$2") ;;
	--threads) threads=(--threads "$2") ;;
	--lock) lock=(--lock "$2") ;;
	--throttle) throttle=$2 ;;
	--max-rate) rate=(--max-rate "$2") ;;
	--spool) spool=$2 ;;
	--binlog-spool) binlog_spool=$2 ;;
	--follow) follow=yes ;;
	--ignore) check+=(--ignore "$2") ;;
	--no-binlog) load+=(--no-binlog) ;;
	--no-proof) proof=(--no-proof) ;;
	--skip-invalid-views) check+=(--skip-invalid-views) schema_options=(--skip-invalid-views) ;;
	esac
}
read_options() { # WORD...
	local options
	options=$(getopt -n mi-copy -o c:s:t:d:T:X:h -l config:,source:,target:,databases:,tables:,exclude: \
		-l map-db:,threads:,lock:,throttle:,max-rate:,spool:,binlog-spool:,follow,ignore:,no-binlog,no-proof,skip-invalid-views,help -- "$@") || exit 64
	eval set -- "$options"
	while [ "$1" != -- ]; do
		case $1 in
		-h | --help) usage && exit 0 ;;
		--follow | --no-binlog | --no-proof | --skip-invalid-views) take_option "$1" '' ;;
		*) take_option "$1" "$2" && shift ;;
		esac
		shift
	done
	shift
	[ $# -eq 1 ] || { usage >&2 && exit 64; }
	state=$1
	case ${lock[1]-auto} in auto | flush | tables | none) ;; *) die 64 "--lock is auto, flush, tables or none" ;; esac
	case $spool in auto | yes | no) ;; *) die 64 "--spool is auto, yes or no" ;; esac
	[[ $binlog_spool =~ ^(no|[0-9]+[KMG]?)?$ ]] || die 64 "--binlog-spool is a size, as 20G, or no"
	throttle=$(readlink -m "${throttle:-$state/throttle.conf}")
	conn=(${config:+-c "$config"})
	reader=("${conn[@]}" -s "$source" "${filters[@]}")
}
