#!/usr/bin/env bash
# plan.sh [OPTIONS]: plans, and keeps the plan.
#   $OUT/plan.json  the saved plan, for an apply
#   $OUT/plan.md    the same as a comment; also when there is no plan, with the reason
# OPTIONS go to `flexctl plan`. Ends with its exit code; pending changes are no failure.
. "$(dirname "$0")/lib.sh"
rm -f "$OUT/plan.json"
status=0
flexctl plan --format markdown --detailed-exitcode --out "$OUT/plan.json" "$@" \
    >"$OUT/plan.md" || status=$?
summary "$OUT/plan.md"
output exit-code "$status"
output markdown "$OUT/plan.md"
if [ -e "$OUT/plan.json" ]; then
    output plan "$OUT/plan.json"
    flexctl show "$OUT/plan.json" --color never
else
    cat "$OUT/plan.md"
fi
if [ "$status" -eq 2 ]; then
    exit 0
fi
exit "$status"
