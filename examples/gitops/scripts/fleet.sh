#!/usr/bin/env bash
# fleet.sh COMMAND [OPTIONS]: plan, apply or drift of many environments (FLEXCTL_ENV), or of a share of them
# (FLEXCTL_SHARD).
#   $OUT/share/share.json  which share it was, and flexctl's exit code
#   $OUT/share/reports     NAME.json and NAME.md of each environment
# CREDENTIALS has a line NAME=VALUE for each variable that an `env_prefix` of the spec asks for. OPTIONS go to
# the command. Ends with flexctl's exit code; pending changes and drift are no failure.
. "$(dirname "$0")/lib.sh"
command=$1
shift
while IFS='=' read -r name value; do
    value=${value%$'\r'}
    # No part of a line is printed: it may be a secret that stands in the wrong place.
    case $name in
    '') ;;
    *[!A-Z0-9_]*) fail "CREDENTIALS has a line that is not NAME=VALUE" ;;
    *TWILIO_*) export "$name=$value" ;;
    *) fail "CREDENTIALS has a line that sets no variable of Twilio's" ;;
    esac
done <<<"${CREDENTIALS:-}"
unset CREDENTIALS
rm -rf "$OUT/share/reports"
mkdir -p "$OUT/share/reports"
args=(--report-dir "$OUT/share/reports" --max-chars "${REPORT_CHARS:-5000}")
if [ "$command" = apply ]; then
    args+=(--auto-approve)
fi
status=0
flexctl "$command" "${args[@]}" "$@" || status=$?
jq --null-input --arg command "$command" --arg share "${FLEXCTL_SHARD:-1/1}" --argjson exit "$status" \
    '{ $command, $share, $exit }' >"$OUT/share/share.json"
output exit-code "$status"
if [ "$status" -eq 2 ]; then
    exit 0
fi
exit "$status"
