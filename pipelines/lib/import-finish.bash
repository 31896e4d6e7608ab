# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# finish: the target keeps everything; the source is let go of for good.

# shellcheck source=pipelines/lib/import-ends.bash
. "$here/lib/import-ends.bash"
# shellcheck source=pipelines/lib/import-phases.bash
. "$here/lib/import-phases.bash"
# shellcheck source=pipelines/lib/import-recover.bash
. "$here/lib/import-recover.bash"
# shellcheck source=pipelines/lib/import-leave.bash
. "$here/lib/import-leave.bash"

options
mark_activity
recover
case $(phase) in
finished) say "already finished" ;;
primary | finishing) leave_source ;;
*) die 78 "finish is for phase primary, and this is $(phase)" ;;
esac
