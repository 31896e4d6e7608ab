# shellcheck shell=bash disable=SC2015,SC2034,SC2154
# check: mi-check on both sides, and on the writer where that is another server. Changes nothing.

options --ignore
mark_activity
log "check"
code=0
mi-check "${pair[@]}" -s source -t target ${writer:+--writer=writer} "${users[@]}" ${map:+"--map-db=$map"} "${filters[@]}" "${ignore[@]}" 9>&- || code=$?
log "check: exit $code"
exit "$code"
