# shellcheck shell=bash disable=SC2154
# check: mi-check on both sides, and on the writer where that is another server.

options --ignore
mark_activity
log "check"
code=0
mi-check "${pair[@]}" -s source -t target "${ignore[@]}" 9>&- || code=$?
if [ -n "$writer" ] && [ "$code" -le 1 ]; then
	say "the writer:"
	mi-check "${pair[@]}" -s writer "${ignore[@]}" 9>&- || code=$?
fi
log "check: exit $code"
exit "$code"
