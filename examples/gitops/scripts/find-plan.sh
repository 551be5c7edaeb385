#!/usr/bin/env bash
# find-plan.sh: the plan that was reviewed with the pull request (merge request) whose merge this commit is.
#   $OUT/pull-request  its number
#   run, artifact      outputs (GitHub): the run, and the name of the artifact that the plan is
#   $OUT/plan.json     (GitLab) the plan itself
# Plans of forks do not count, and none that was made after the merge. Fails when there is none.
. "$(dirname "$0")/lib.sh"
environment=${FLEXCTL_ENV:-default}
way_out="plan by hand and let it be approved: run this pipeline yourself (docs/gitops.md)"

if on_gitlab; then
    sha=$CI_COMMIT_SHA
    merged=$(get "$(repository)/repository/commits/$sha/merge_requests" | jq --compact-output \
        --arg sha "$sha" 'first(.[] | select(.state == "merged")
            | select([.merge_commit_sha, .squash_commit_sha, .sha] | index($sha)))')
    [ -n "$merged" ] || fail "commit $sha is no merge of a merge request; $way_out"
    number=$(jq .iid <<<"$merged") at=$(jq --raw-output .merged_at <<<"$merged")
    echo "$number" >"$OUT/pull-request"
    pipelines=$(get_all "$(repository)/merge_requests/$number/pipelines?" |
        jq --argjson project "$CI_PROJECT_ID" 'select(.project_id == $project) | .id')
    found=
    for pipeline in $pipelines; do
        job=$(get_all "$(repository)/pipelines/$pipeline/jobs?scope[]=success" | jq --null-input \
            --arg name "plan $environment" --arg at "$at" \
            '[inputs | select(.name == $name and .finished_at <= $at) | .id][0] // empty')
        if [ -n "$job" ]; then
            # Pipelines are listed newest first.
            found=$job
            break
        fi
    done
    [ -n "$found" ] || fail "no plan of $environment was made for merge request $number; $way_out"
    get "$(repository)/jobs/$found/artifacts/$OUT/plan.json" >"$OUT/plan.json" ||
        fail "the plan of job $found is gone; $way_out"
    echo "the plan of $environment that was reviewed in merge request $number: job $found"
else
    sha=$GITHUB_SHA
    merged=$(get "$(repository)/commits/$sha/pulls" | jq --compact-output --arg sha "$sha" \
        'first(.[] | select(.merged_at != null and .merge_commit_sha == $sha))')
    [ -n "$merged" ] || fail "commit $sha is no merge of a pull request; $way_out"
    number=$(jq .number <<<"$merged") at=$(jq --raw-output .merged_at <<<"$merged")
    commit=$(jq --raw-output .head.sha <<<"$merged")
    echo "$number" >"$OUT/pull-request"
    name=flexctl-plan-$environment-$commit
    run=$(get "$(repository)/actions/artifacts?name=$name&per_page=100" | jq --arg at "$at" \
        --arg commit "$commit" '[.artifacts[]
            | select(.expired | not)
            | select(.created_at <= $at)
            | select(.workflow_run.head_sha == $commit)
            | select(.workflow_run.head_repository_id == .workflow_run.repository_id)]
            | max_by(.created_at) | .workflow_run.id // empty')
    [ -n "$run" ] || fail "no plan of $environment is kept for pull request $number; $way_out"
    output run "$run"
    output artifact "$name"
    echo "the plan of $environment that was reviewed in pull request $number: run $run"
fi
