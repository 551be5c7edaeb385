#!/usr/bin/env bash
# show.sh: shows $OUT/plan.json, with nothing but the file, to those who approve the apply.
. "$(dirname "$0")/lib.sh"
{
    printf '### The plan to be applied\n\n````text\n'
    flexctl show "$OUT/plan.json" --color never
    printf '````\n'
} >"$OUT/show.md"
cat "$OUT/show.md"
summary "$OUT/show.md"
