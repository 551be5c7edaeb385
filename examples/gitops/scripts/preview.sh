#!/usr/bin/env bash
# preview.sh [OPTIONS]: what a change of the spec would do, without any secret, for pull requests from
# forks: the spec of the commit $BASE is applied to an embedded TaskRouter, and then that of HEAD planned.
#   $OUT/plan.md  the plan, and which tasks go elsewhere
# OPTIONS go to `flexctl plan`. Ends with its exit code; pending changes are no failure.
. "$(dirname "$0")/lib.sh"
for secret in "${!TWILIO_@}"; do
    unset "$secret"
done
export FLEXCTL_TARGET=emulator
out=$(cd "$OUT" && pwd)
head=$(git rev-parse HEAD)
here=$(git rev-parse --show-prefix)
scratch=$(mktemp -d)
# shellcheck disable=SC2329 # called by the trap
finish() {
    git worktree remove --force "$scratch/tree" || true
    rm -rf "$scratch"
}
trap finish EXIT
git worktree add --quiet --detach "$scratch/tree" "$BASE"
note="Planned against a new account: the spec of the target branch is not there, or has errors."
if (cd "$scratch/tree/$here" && flexctl apply --auto-approve >"$scratch/log" 2>&1); then
    note="Planned against an embedded TaskRouter that holds the spec of the target branch."
else
    tail -n 20 "$scratch/log" >&2
fi
# The embedded TaskRouter's data is not tracked, and stays.
git -C "$scratch/tree" checkout --quiet --force --detach "$head"
status=0
(cd "$scratch/tree/$here" && flexctl plan --format markdown --detailed-exitcode "$@") \
    >"$out/plan.md" || status=$?
printf '\n%s What is live in truth was not looked at.\n' "$note" >>"$out/plan.md"
summary "$out/plan.md"
output exit-code "$status"
output markdown "$OUT/plan.md"
cat "$out/plan.md"
if [ "$status" -eq 2 ]; then
    exit 0
fi
exit "$status"
