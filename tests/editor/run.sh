#!/usr/bin/env bash
# Proves the schema in the real YAML language server: needs node and npm, installs the server under
# target/editor/.
set -euo pipefail
cd "$(dirname "$0")/../.."
SPECS=$(ls flex.yaml examples/*/flex.yaml)
export SPECS
for version in 1.25.0 2.0.0; do
    folder=target/editor/$version
    if [ ! -f "$folder/installed" ]; then
        mkdir -p "$folder"
        echo '{ "private": true }' >"$folder/package.json"
        npm install --prefix "$folder" --no-audit --no-fund --silent "yaml-language-server@$version"
        touch "$folder/installed"
    fi
    echo "yaml-language-server $version"
    node tests/editor/check.mjs "$folder/node_modules" "$folder/work"
done
