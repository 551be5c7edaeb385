#!/usr/bin/env bash
# drift-issue.sh TITLE: what drift.sh has found in $OUT, as the one issue with this title: opened, updated
# while drift goes on, closed when it is gone.
. "$(dirname "$0")/lib.sh"
title=$1
found=$(cat "$OUT/drift.exit")
label=flexctl-drift
marker="<!-- $title -->"
issues=$(repository)/issues
if on_gitlab; then
    one=$(get_all "$issues?state=opened&labels=$label" | ours description "$marker")
    text=description update=PUT close='{ "state_event": "close" }'
    number=$(jq .iid <<<"${one:-null}")
    labels="\"$label\""
else
    # Pull requests are in this list too.
    one=$(get_all "$issues?state=open&labels=$label" | ours body "$marker")
    text=body update=PATCH close='{ "state": "closed", "state_reason": "completed" }'
    number=$(jq .number <<<"${one:-null}")
    labels="[\"$label\"]"
fi
case $found in
2)
    {
        printf '%s\n' "$marker"
        cat "$OUT/drift.md"
        printf '\n[Last look](%s). The next one closes this issue when the drift is gone.\n' \
            "$(run_url)"
    } >"$OUT/issue.md"
    jq --raw-input --slurp --arg title "$title" --arg text "$text" --argjson labels "$labels" \
        '{ title: $title, labels: $labels, ($text): . }' <"$OUT/issue.md" >"$OUT/issue.json"
    if [ -z "$one" ]; then
        number=$(send POST "$issues" <"$OUT/issue.json" | jq '.iid // .number')
        echo "opened issue $number: $title"
    elif [ "$(jq --raw-output --arg text "$text" '.[$text]' <<<"$one" | grep -av '^\[Last look\]')" \
        != "$(grep -av '^\[Last look\]' "$OUT/issue.md")" ]; then
        send "$update" "$issues/$number" <"$OUT/issue.json" >/dev/null
        echo "updated issue $number: $title"
    else
        echo "issue $number says so already: $title"
    fi
    ;;
0)
    if [ -z "$one" ]; then
        echo "no drift, and no issue"
        exit 0
    fi
    notes=$issues/$number/comments
    on_gitlab && notes=$issues/$number/notes
    printf 'The drift is gone: live is as the spec says. [Last look](%s).' "$(run_url)" |
        jq --raw-input --slurp '{ body: . }' | send POST "$notes" >/dev/null
    send "$update" "$issues/$number" <<<"$close" >/dev/null
    echo "closed issue $number: $title"
    ;;
*) fail "drift.sh could not tell (exit $found); the issue stays as it is" ;;
esac
