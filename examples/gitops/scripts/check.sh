#!/usr/bin/env bash
# check.sh [OPTIONS]: everything that can be said offline, without a secret.
#   $OUT/validate.sarif  problems and lints, for code scanning
#   $OUT/tests.xml       the routing tests, for test reports
# In GitHub Actions problems are annotations beside their lines. OPTIONS go to `flexctl validate`
# and `flexctl test`. Ends with the exit code of the first of the two that fails.
. "$(dirname "$0")/lib.sh"
format=text
if [ -n "${GITHUB_ACTIONS:-}" ]; then
    format=github
fi
status=0
flexctl validate --format sarif "$@" >"$OUT/validate.sarif" || true
flexctl validate --format "$format" "$@" || status=$?
# Tests of a spec with errors would only repeat the errors.
if [ "$status" -eq 0 ]; then
    flexctl test --out "$OUT/tests.xml" "$@" >/dev/null 2>&1 || true
    flexctl test --format "$format" "$@" || status=$?
fi
output exit-code "$status"
exit "$status"
