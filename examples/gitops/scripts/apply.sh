#!/usr/bin/env bash
# apply.sh [OPTIONS]: carries out $OUT/plan.json as it was shown, or nothing.
#   $OUT/apply.md  what became of it; of a plan that no longer stands, what has moved
# OPTIONS go to `flexctl apply`. Ends with its exit code.
. "$(dirname "$0")/lib.sh"
status=0
flexctl apply "$OUT/plan.json" --format markdown "$@" >"$OUT/apply.md" || status=$?
if [ "$status" -eq 5 ]; then
    printf '\nRun this pipeline by hand: it plans what is merged anew, for approval.\n' >>"$OUT/apply.md"
fi
summary "$OUT/apply.md"
output exit-code "$status"
output plan "$OUT/plan.json"
output markdown "$OUT/apply.md"
cat "$OUT/apply.md"
exit "$status"
