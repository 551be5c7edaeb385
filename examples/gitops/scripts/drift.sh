#!/usr/bin/env bash
# drift.sh [OPTIONS]: looks whether live is as the spec says.
#   $OUT/drift.md  what differs, and by whom
# OPTIONS go to `flexctl drift`. Ends with 0 when that is known, drift or not; otherwise with
# flexctl's exit code. The output `exit-code`, and $OUT/drift.exit, is 2 when there is drift.
. "$(dirname "$0")/lib.sh"
status=0
flexctl drift --format markdown "$@" >"$OUT/drift.md" || status=$?
printf '%s\n' "$status" >"$OUT/drift.exit"
summary "$OUT/drift.md"
output exit-code "$status"
output markdown "$OUT/drift.md"
cat "$OUT/drift.md"
if [ "$status" -eq 2 ]; then
    exit 0
fi
exit "$status"
