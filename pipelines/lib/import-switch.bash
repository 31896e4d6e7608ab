# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# switch: the application's writes change sides. Everything slow comes before the hold; the rename of
# the router's mode file decides; what fails before it is undone, what comes after it is done by
# whoever comes next.

# shellcheck source=pipelines/lib/import-ends.bash
. "$here/lib/import-ends.bash"
# shellcheck source=pipelines/lib/import-phases.bash
. "$here/lib/import-phases.bash"
# shellcheck source=pipelines/lib/import-recover.bash
. "$here/lib/import-recover.bash"
# shellcheck source=pipelines/lib/import-turn.bash
. "$here/lib/import-turn.bash"

to=${words[0]-}
words=("${words[@]:1}")
case $to in
primary | replica) ;;
-h | --help) usage && exit 0 ;;
*) die 64 "switch to what? primary or replica" ;;
esac
options --evict --despite-incompatible
mark_activity
recover
case $(phase):$to in
"$to:$to") say "already in phase $to" && exit 0 ;;
replica:primary | primary:replica) ;;
following:replica)
	wait_until_close 60
	enter_replica
	exit 0
	;;
*) die 78 "no switch to $to in phase $(phase)" ;;
esac
if [ "$to" = replica ] && [ -e "$state/behind" ]; then
	die 78 "the source cannot return: $(<"$state/behind")"
fi
turn "$to"
