# shellcheck shell=bash
# Sourced by the scripts beside it: builds flexctl, starts its emulator on a free port and sets
#   flexctl  the program
#   base     the emulator's address
#   account, token
# The emulator ends with the script, and keeps nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cargo build --locked --quiet
flexctl=$PWD/${CARGO_TARGET_DIR:-target}/debug/flexctl
case ${CARGO_TARGET_DIR:-} in /*) flexctl=$CARGO_TARGET_DIR/debug/flexctl ;; esac
scratch=$(mktemp -d)
: >"$scratch/address"
"$flexctl" emulator --port 0 --ephemeral >"$scratch/address" 2>"$scratch/log" &
server=$!
finish() {
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT
# It may take its time on a busy machine.
for _ in $(seq 3000); do
    base=$(sed -n 's/^listening on //p' "$scratch/address")
    [ -n "$base" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$scratch/log" >&2; exit 1; }
    sleep 0.1
done
[ -n "$base" ] || { echo "the emulator did not say where it listens" >&2; exit 1; }
account=ACe0000000000000000000000000000001
token=emulator-token
export TWILIO_ACCOUNT_SID=$account TWILIO_AUTH_TOKEN=$token

# A small spec, applied, for looking at drift.
cat >"$scratch/flex.yaml" <<'SPEC'
version: 1
workspace: { friendly_name: Flex Task Assignment }
queues:
  Everyone: { target_workers: 1==1 }
  Sales: { target_workers: "routing.skills HAS 'sales'", max_reserved_workers: 1 }
SPEC
on_emulator() {
    "$flexctl" "$1" --file "$scratch/flex.yaml" --target "$base" --color never "${@:2}"
}
# Applies the spec, and the plan after it is empty.
apply_spec() {
    if ! { on_emulator apply --auto-approve && on_emulator plan --detailed-exitcode; } \
        >"$scratch/apply" 2>&1; then
        cat "$scratch/apply" >&2
        exit 1
    fi
}
# The plan shows that somebody changed a queue's max_reserved_workers.
expect_drift() {
    local status=0
    on_emulator plan --detailed-exitcode >"$scratch/plan" 2>&1 || status=$?
    if [ "$status" != 2 ] || ! grep -q max_reserved_workers "$scratch/plan"; then
        echo "the change to a queue is not in the plan (exit $status):" >&2
        cat "$scratch/plan" >&2
        exit 1
    fi
}
