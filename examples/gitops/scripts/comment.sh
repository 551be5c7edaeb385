#!/usr/bin/env bash
# comment.sh TITLE FILE: the one comment with this title on a pull request (merge request); it is made the
# first time and updated from then on.
#   PULL_REQUEST  its number, if not the one of the pipeline or that in $OUT/pull-request; without any nothing
#                 is done
#   COMMIT        what the text is about, if not the commit of the pipeline
. "$(dirname "$0")/lib.sh"
title=$1 file=$2
number=${PULL_REQUEST:-${CI_MERGE_REQUEST_IID:-$(cat "$OUT/pull-request" 2>/dev/null || true)}}
if [ -z "$number" ]; then
    echo "no pull request to comment on"
    exit 0
fi
marker="<!-- $title -->"
commit=${COMMIT:-${GITHUB_SHA:-${CI_COMMIT_SHA:-}}}
{
    printf '%s\n' "$marker"
    cat "$file"
    printf '\n%s · commit %s · [run](%s)\n' "$title" "${commit:0:12}" "$(run_url)"
} >"$OUT/comment.md"
jq --raw-input --slurp '{ body: . }' <"$OUT/comment.md" >"$OUT/comment.json"
if on_gitlab; then
    notes=$(repository)/merge_requests/$number/notes
    one=$(get_all "$notes?sort=asc" | ours body "$marker")
    method=PUT url=$notes/
else
    notes=$(repository)/issues/$number/comments
    one=$(get_all "$notes?" | ours body "$marker")
    method=PATCH url=$(repository)/issues/comments/
fi
if [ -z "$one" ]; then
    send POST "$notes" <"$OUT/comment.json" >/dev/null
    echo "commented on $number: $title"
else
    id=$(jq .id <<<"$one")
    send "$method" "$url$id" <"$OUT/comment.json" >/dev/null
    echo "updated the comment on $number: $title"
fi
