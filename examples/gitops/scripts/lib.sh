# shellcheck shell=bash
# Sourced by the scripts beside it. Settings come from the environment, secrets too: none is ever an
# argument, which other processes could read, and none is printed.
#   OUT         the folder for what a run leaves behind, flexctl-out by default
#   FLEXCTL_…   flexctl's own settings (FLEXCTL_FILE, FLEXCTL_ENV, …), TWILIO_… its credentials
# In GitHub Actions: GITHUB_TOKEN, and what the runner sets (GITHUB_API_URL, GITHUB_REPOSITORY, …).
# In GitLab CI: GITLAB_TOKEN, and what the runner sets (CI_API_V4_URL, CI_PROJECT_ID, …).
set -euo pipefail
OUT=${OUT:-flexctl-out}
mkdir -p "$OUT"
# A setting that a workflow leaves empty is none.
for setting in "${!FLEXCTL_@}" "${!TWILIO_@}"; do
    [ -n "${!setting}" ] || unset "$setting"
done

fail() {
    if [ -n "${GITHUB_ACTIONS:-}" ]; then
        printf '::error::%s\n' "$*"
    fi
    printf '%s\n' "$*" >&2
    exit 1
}

# output NAME VALUE: hands a value to the steps that follow.
output() {
    if [ -n "${GITHUB_OUTPUT:-}" ]; then
        printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
    fi
}

# summary FILE: shows a text on the page of the run.
summary() {
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        cat "$1" >>"$GITHUB_STEP_SUMMARY"
    fi
}

on_gitlab() {
    [ -n "${GITLAB_CI:-}" ]
}

# What the API's paths of this repository begin with.
repository() {
    if on_gitlab; then
        printf '%s/projects/%s' "$CI_API_V4_URL" "$CI_PROJECT_ID"
    else
        printf '%s/repos/%s' "${GITHUB_API_URL:-https://api.github.com}" "$GITHUB_REPOSITORY"
    fi
}

# The headers of a request. They go to curl through a pipe.
headers() {
    if on_gitlab; then
        printf 'PRIVATE-TOKEN: %s\n' "$GITLAB_TOKEN"
    else
        printf 'Authorization: Bearer %s\n' "$GITHUB_TOKEN"
        printf '%s\n' 'Accept: application/vnd.github+json' 'X-GitHub-Api-Version: 2022-11-28'
    fi
    printf 'Content-Type: application/json\n'
}

# get URL: what the API answers.
get() {
    curl --silent --show-error --fail --globoff --max-time 60 --retry 3 \
        --header @<(headers) "$1"
}

# send METHOD URL <JSON: what the API answers. Sent once: a second comment would be worse than none.
send() {
    curl --silent --show-error --fail --max-time 60 --header @<(headers) \
        --request "$1" --data-binary @- "$2"
}

# get_all URL: the items of all pages, one JSON value a line. The URL has a query already.
get_all() {
    local page=1 items
    while :; do
        items=$(get "$1&per_page=100&page=$page")
        jq --compact-output '.[]' <<<"$items"
        [ "$(jq length <<<"$items")" -eq 100 ] || break
        page=$((page + 1))
    done
}

# Who we are to the API. Only what we have written is ever changed: anybody may begin a comment
# with our marker. GitHub does not tell the token of a workflow, so there it is a setting.
me() {
    if on_gitlab; then
        get "$CI_API_V4_URL/user" | jq --raw-output .username
    else
        printf '%s' "${GITHUB_BOT:-github-actions[bot]}"
    fi
}

# ours FIELD MARKER <ITEMS: the oldest of them that we have written and that begins with the marker.
ours() {
    jq --null-input --compact-output --arg field "$1" --arg marker "$2" --arg me "$(me)" '
        [inputs
            | select((.user.login // .author.username) == $me)
            | select((.[$field] // "") | startswith($marker))][0] // empty'
}

# The page of this run, for people.
run_url() {
    if on_gitlab; then
        printf '%s' "$CI_JOB_URL"
    else
        printf '%s/%s/actions/runs/%s' "$GITHUB_SERVER_URL" "$GITHUB_REPOSITORY" "$GITHUB_RUN_ID"
    fi
}
