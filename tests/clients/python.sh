#!/usr/bin/env bash
# The vendor's Python helper library, from PyPI, against `flexctl emulator`; then the drift that
# it leaves.
set -euo pipefail
. "$(dirname "$0")/serve.sh"
library=twilio==9.13.0
home=$(dirname "$(dirname "$flexctl")")/clients/python
if [ "$(cat "$home/library" 2>/dev/null)" != "$library" ]; then
    rm -rf "$home"
    python3 -m venv "$home"
    "$home/bin/pip" install --quiet --disable-pip-version-check "$library"
    echo "$library" >"$home/library"
fi
apply_spec
"$home/bin/python" tests/clients/test_python.py "$base"
expect_drift
echo "python: ok"
