# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# start: copies, follows, and lets reads go to the target once it has caught up. Run again after any
# interruption, it goes on.

# shellcheck source=pipelines/lib/import-phases.bash
. "$here/lib/import-phases.bash"

options --ignore --threads
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
