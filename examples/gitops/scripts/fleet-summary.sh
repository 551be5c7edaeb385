#!/usr/bin/env bash
# fleet-summary.sh: what fleet.sh has left of all shares, each in a folder of $OUT/shares, as one text.
#   $OUT/fleet.json  each environment with its share, its result and its exit code
#   $OUT/fleet.md    how many ended how; a table of those of which there is something to tell, what went wrong
#                    first; and below it what there is to tell, as long as there is room (FLEXCTL_MAX_CHARS)
# Fails when a share is missing or an environment is in two: then nobody knows what became of all.
. "$(dirname "$0")/lib.sh"
max=${FLEXCTL_MAX_CHARS:-60000}
shopt -s nullglob
shares=("$OUT"/shares/*/share.json)
reports=("$OUT"/shares/*/reports/*.json)
jq --null-input '[inputs | { share: input_filename | rtrimstr("share.json"), of: .share }]' \
    "${shares[@]}" </dev/null >"$OUT/shares.json"
jq --null-input --slurpfile shares "$OUT/shares.json" '
    def order: ["interrupted", "failed", "no_access", "refused", "spec_errors", "usage", "drift", "changes",
        "applied", "unchanged"];
    def count($sign): if . > 0 then "\($sign)\(.)" else empty end;
    [inputs | input_filename as $file | . as $one
        | { environment, account_sid, result, exit,
            share: first($shares[0][] | select(.share as $folder | $file | startswith($folder)) | .of),
            changes: [($one.plan.counts // {}) | (.create // 0 | count("+")), (.update // 0 | count("~")),
                (.replace // 0 | count("±")), (.delete // 0 | count("-"))] | join(" "),
            differ: ($one.drift.objects // [] | length),
            file: $file }]
    | sort_by([(.result as $result | order | index($result) // -1), .environment])
    ' "${reports[@]}" </dev/null >"$OUT/fleet.json"
# What is wrong with the whole, a line each.
jq --raw-output --slurpfile shares "$OUT/shares.json" '
    ($shares[0] | map(.of | split("/") | map(tonumber))) as $there
    | ($there | map(.[1]) | unique) as $of
    | (if ($of | length) == 1 then empty
        elif $of == [] then "No share has left anything."
        else "Shares are of \($of | map(tostring) | join(" and of ")): they do not fit each other." end),
      ($of | if length == 1 then .[0] as $n | range(1; $n + 1)
            | select(. as $k | $there | map(.[0]) | index($k) | not)
            | "Share \(.)/\($n) has left nothing: nobody knows what became of its environments."
        else empty end),
      (group_by(.environment)[] | select(length > 1)
        | "Environment `\(.[0].environment)` is in \(length) shares: \(map(.share) | join(", ")).")
    ' "$OUT/fleet.json" >"$OUT/fleet.problems"
{
    jq --raw-output --argjson room "$((max / 2))" '
        def words: { unchanged: "no changes", usage: "wrong usage" }[.] // gsub("_"; " ");
        def masked: if . == null then "?" else "\(.[:2])…\(.[-4:])" end;
        def row: "| `\(.environment | gsub("[`|\\s]+"; " "))` | \(.account_sid | masked) | \(.share) "
            + "| \(.result | words) | \(if .differ > 0 then "\(.differ) differ" else .changes end) |";
        length as $all
        | (reduce .[] as $one ({}; .[$one.result] += 1) | to_entries
            | map("\(.value) \(.key | words)") | join(", ")) as $sums
        | "### \($all) environment\(if $all == 1 then "" else "s" end)\(if $all > 0 then ": " else "" end)\($sums)",
          (map(select(.result != "unchanged") | row) as $rows
            | [foreach $rows[] as $row (0; . + ($row | utf8bytelength); select(. <= $room) | $row)] as $shown
            | if $rows == [] then empty else
                "", "| environment | account | share | result | changes |", "|---|---|---|---|---|", $shown[],
                (($rows | length) - ($shown | length)
                    | if . > 0 then "", "\(.) more are not in this table." else empty end)
              end)' "$OUT/fleet.json"
    sed 's/.*/\n**&**/' "$OUT/fleet.problems"
} >"$OUT/fleet.md"
room=$((max - $(wc -c <"$OUT/fleet.md") - 200))
left=0
while IFS= read -r file; do
    text=${file%.json}.md
    size=$(wc -c <"$text")
    if [ "$size" -lt "$room" ]; then
        { printf '\n' && cat "$text"; } >>"$OUT/fleet.md"
        room=$((room - size - 1))
    else
        left=$((left + 1))
    fi
done < <(jq --raw-output '.[] | select(.result != "unchanged") | .file' "$OUT/fleet.json")
if [ "$left" -gt 0 ]; then
    printf '\nWhat there is to tell of %s more is in the reports.\n' "$left" >>"$OUT/fleet.md"
fi
summary "$OUT/fleet.md"
output markdown "$OUT/fleet.md"
cat "$OUT/fleet.md"
[ ! -s "$OUT/fleet.problems" ] || fail "$(head -n 1 "$OUT/fleet.problems")"
