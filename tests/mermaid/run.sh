#!/usr/bin/env bash
# Proves our pictures in the real Mermaid: needs node, npm and cargo; installs Mermaid under
# target/mermaid/.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=target/mermaid
if [ ! -f "$folder/installed" ]; then
    mkdir -p "$folder"
    echo '{ "private": true }' >"$folder/package.json"
    npm install --prefix "$folder" --no-audit --no-fund --silent mermaid@11.17.2 jsdom@29.1.1
    touch "$folder/installed"
fi
cargo build --quiet
flexctl=$PWD/target/debug/flexctl
mkdir -p "$folder/pictures"
picture() { "$flexctl" --quiet "${@:2}" --format mermaid >"$folder/pictures/$1.mmd"; }
for spec in flex.yaml examples/*/flex.yaml; do
    name=$(dirname "$spec") && name=${name##*/} && name=${name/#./flex}
    ASSIGNMENT_URL=https://example.com picture "$name" -f "$spec" graph
    ASSIGNMENT_URL=https://example.com picture "$name-expanded" -f "$spec" graph --expanded
done
picture hostile -f tests/mermaid/hostile.yaml graph --expanded
picture way -f flex.yaml route Inbound customer.id=17 customer.segment=courier --at 2m30s
picture way-hostile -f tests/mermaid/hostile.yaml route 'style x fill:#fff;' \
    --task '{ "</br>": 1, "a": "\"; --> ]` %%{init: {}}%%", "b": "1. x", "c": "#quot;" }'
node tests/mermaid/check.mjs "$PWD/$folder/node_modules" "$folder"/pictures/*.mmd
