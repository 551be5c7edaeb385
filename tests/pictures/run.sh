#!/usr/bin/env bash
# Proves our pictures where they are looked at: in the real Mermaid, and the page in a browser's
# document. Needs node, npm and cargo; installs what it needs under target/pictures/.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=target/pictures
if [ ! -f "$folder/installed" ]; then
    mkdir -p "$folder"
    echo '{ "private": true }' >"$folder/package.json"
    npm install --prefix "$folder" --no-audit --no-fund --silent mermaid@11.17.2 jsdom@29.1.1
    touch "$folder/installed"
fi
cargo build --quiet
flexctl=$PWD/target/debug/flexctl
rm -rf "$folder/drawn"
mkdir -p "$folder/drawn"
export ASSIGNMENT_URL=https://example.com
draw() { "$flexctl" --quiet "${@:2}" >"$folder/drawn/$1"; }
draw flex.mmd graph
for spec in examples/*/flex.yaml; do
    name=$(dirname "$spec")
    draw "${name##*/}.mmd" -f "$spec" graph --expanded
done
hostile=tests/pictures/hostile.yaml
draw hostile.mmd -f $hostile graph --expanded
draw way.mmd route Inbound customer.id=17 customer.segment=courier --at 2m30s --format mermaid
draw way-hostile.mmd -f $hostile route 'style x fill:#fff;' --format mermaid \
    --task '{ "</br>": 1, "a": "\"; --> ]` %%{init: {}}%%", "b": "1. x", "c": "#quot;" }'
draw flex.html graph --format html
draw hostile.html -f $hostile graph --format html
node tests/pictures/mermaid.mjs "$PWD/$folder/node_modules" "$folder"/drawn/*.mmd
node tests/pictures/page.mjs "$PWD/$folder/node_modules" "$folder/drawn"
