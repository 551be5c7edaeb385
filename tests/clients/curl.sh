#!/usr/bin/env bash
# curl against `flexctl emulator`: create, list, page, update, delete, and the drift it leaves.
set -euo pipefail
. "$(dirname "$0")/serve.sh"

# ask METHOD PATH WANTED_STATUS [curl options]: the answer is left in $answer.
ask() {
    local method=$1 path=$2 wanted=$3 status
    shift 3
    case $path in http*) ;; *) path=$base$path ;; esac
    status=$(curl -sS -o "$scratch/answer" -w '%{http_code}' -u "$account:$token" \
        -X "$method" "$path" "$@")
    answer=$(cat "$scratch/answer")
    if [ "$status" != "$wanted" ]; then
        echo "$method $path: $status instead of $wanted: $answer" >&2
        exit 1
    fi
}
# field PATH: a value of $answer, such as meta.next_page_url or workspaces.0.sid.
field() {
    python3 -c '
import json, sys
value = json.loads(sys.argv[1])
for key in sys.argv[2].split("."):
    value = value[int(key)] if isinstance(value, list) else value[key]
print("" if value is None else value)' "$answer" "$1"
}
same() {
    [ "$1" = "$2" ] || { echo "'$1' instead of '$2'" >&2; exit 1; }
}

ask GET '/v1/Workspaces?FriendlyName=Flex%20Task%20Assignment' 200
workspace=/v1/Workspaces/$(field workspaces.0.sid)
offline=$(field workspaces.0.default_activity_sid)

same "$(curl -sS -o /dev/null -w '%{http_code}' "$base/v1/Workspaces")" 401
same "$(curl -sS -o /dev/null -w '%{http_code}' -I -u "$account:$token" "$base/v1/Workspaces")" 200
ask GET "$workspace/TaskQueues?Page=1&PageSize=5" 400
same "$(field code)" 40153

ask POST "$workspace/Activities" 201 -d FriendlyName=Lunch -d Available=false
activity=$workspace/Activities/$(field sid)
ask POST "$activity" 200 -d FriendlyName=Brunch -d Available=true
same "$(field friendly_name) $(field available)" 'Brunch False'

ask POST "$workspace/TaskChannels" 201 -d 'FriendlyName=Pulled Chat' -d UniqueName=pulled-chat
ask POST "$workspace/TaskChannels/pulled-chat" 200 -d ChannelOptimizedRouting=true
same "$(field channel_optimized_routing)" True

for number in 1 2 3 4 5; do
    ask POST "$workspace/TaskQueues" 201 --data-urlencode "FriendlyName=Queue $number" \
        --data-urlencode 'TargetWorkers=routing.skills HAS "sales"'
done
queue=$(field sid)
ask POST "$workspace/TaskQueues" 400 -d 'FriendlyName=Queue 1'
same "$(field code)" 20001
found=0 next="$workspace/TaskQueues?PageSize=2"
while [ -n "$next" ]; do
    ask GET "$next" 200
    found=$((found + $(grep -o '"friendly_name":"Queue ' <<<"$answer" | wc -l)))
    next=$(field meta.next_page_url)
done
same "$found" 5

ask POST "$workspace/Workflows" 201 -d FriendlyName=Main --data-urlencode \
    "Configuration={\"task_routing\":{\"default_filter\":{\"queue\":\"$queue\"}}}"
workflow=$workspace/Workflows/$(field sid)
ask DELETE "$workspace/TaskQueues/$queue" 400
same "$(field code)" 20001
ask POST "$workflow" 200 -d TaskReservationTimeout=30
same "$(field task_reservation_timeout)" 30

ask POST "$workspace/Workers" 201 -d FriendlyName=curl@example.com -d ActivitySid="$offline" \
    --data-urlencode 'Attributes={"routing":{"skills":["sales"]}}'
worker=$workspace/Workers/$(field sid)
ask POST "$worker" 412 -H 'If-Match: "9"' -d FriendlyName=other
ask POST "$worker/Channels/voice" 200 -d Capacity=3
same "$(field configured_capacity)" 3

ask GET "$workspace/Activities?FriendlyName=Available" 200
ask POST "$worker" 200 -d "ActivitySid=$(field activities.0.sid)"
ask POST "$workspace/Tasks" 201 -d "WorkflowSid=${workflow##*/}" -d TaskChannel=voice \
    --data-urlencode 'Attributes={"topic":"curl"}'
same "$(field task_queue_friendly_name)" "Queue 5"
task=$workspace/Tasks/$(field sid)
ask GET "$workspace/Tasks?AssignmentStatus=reserved&WorkflowName=Main" 200
same "$(field tasks.0.attributes)" '{"topic":"curl"}'
ask GET "$task/Reservations" 200
offer=$task/Reservations/$(field reservations.0.sid)
ask POST "$offer" 200 -d ReservationStatus=accepted
same "$(field reservation_status)" accepted
ask POST "$task" 200 -d AssignmentStatus=completed -d Reason=done
same "$(field assignment_status)" completed
ask GET "$workspace/Events?WorkflowSid=${workflow##*/}&EventType=task.completed" 200
same "$(field events.0.resource_sid)" "${task##*/}"
ask POST "$worker" 200 -d "ActivitySid=$offline"

for path in "$task" "$worker" "$workflow" "$workspace/TaskQueues/$queue" "$workspace/TaskChannels/pulled-chat" \
    "$activity"; do
    ask DELETE "$path" 204
    ask GET "$path" 404
    same "$(field code)" 20404
done

# What curl changes is drift.
apply_spec
ask GET "$workspace/TaskQueues?FriendlyName=Sales" 200
ask POST "$workspace/TaskQueues/$(field task_queues.0.sid)" 200 -d MaxReservedWorkers=7
expect_drift
echo "curl: ok"
