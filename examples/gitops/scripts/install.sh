#!/usr/bin/env bash
# install.sh: puts flexctl on the PATH of the steps that follow.
#   PROGRAM  a flexctl that is there already: a path, or a name on PATH
#   SOURCES  without one: a folder with flexctl's sources, built with cargo into $PREFIX
. "$(dirname "$0")/lib.sh"
if [ -n "${PROGRAM:-}" ]; then
    program=$(command -v "$PROGRAM") || fail "there is no program $PROGRAM"
    folder=$(cd "$(dirname "$program")" && pwd)
else
    folder=$PREFIX/bin
    if [ ! -x "$folder/flexctl" ]; then
        cargo install --locked --quiet --path "$SOURCES" --root "$PREFIX"
    fi
fi
"$folder/flexctl" --version
if [ -n "${GITHUB_PATH:-}" ]; then
    printf '%s\n' "$folder" >>"$GITHUB_PATH"
fi
