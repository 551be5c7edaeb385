"""The vendor's Python helper library against the emulator: python test_python.py BASE_URL

Every kind is created, listed, paged, updated and deleted, and what is refused raises the
library's exception with the API's code.
"""

import json
import os
import sys
from urllib.parse import urlsplit

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

BASE = sys.argv[1]


class EmulatorHttpClient(TwilioHttpClient):
    """Sends what is meant for *.twilio.com to the emulator; the Host header stays."""

    def request(self, method, url, params=None, data=None, headers=None, **rest):
        target = urlsplit(url)
        url = BASE + target.path + (f"?{target.query}" if target.query else "")
        headers = dict(headers or {}, Host=target.netloc)
        return super().request(method, url, params=params, data=data, headers=headers, **rest)


def connect(token=os.environ["TWILIO_AUTH_TOKEN"]):
    account = os.environ["TWILIO_ACCOUNT_SID"]
    return Client(account, token, http_client=EmulatorHttpClient())


def refused(status, code, action):
    try:
        action()
    except TwilioRestException as error:
        assert (error.status, error.code) == (status, code), error
        return error.msg
    except TwilioException as error:
        # A list that is refused: the library hands the response over as it is.
        response = error.args[1]
        body = json.loads(response.text)
        assert (response.status_code, body["code"]) == (status, code), error
        return body["message"]
    raise AssertionError(f"not refused with {code}")


def names(resources, field="friendly_name"):
    return [getattr(resource, field) for resource in resources]


def check_workspaces(client):
    workspaces = client.taskrouter.v1.workspaces
    made = workspaces.create(friendly_name="Python", template="FIFO", events_filter="task.created")
    assert made.default_activity_name == "Offline"
    assert names(made.task_queues.list()) == ["Sample Queue"]
    assert workspaces(made.sid).update(events_filter="").events_filter is None
    assert "Python" in names(workspaces.list())
    assert workspaces(made.sid).delete()
    refused(404, 20404, workspaces(made.sid).fetch)
    refused(404, 20404, lambda: workspaces(made.sid).activities.list())


def check_activities(workspace):
    made = workspace.activities.create(friendly_name="Lunch", available=True)
    assert made.available is True
    assert workspace.activities(made.sid).update(friendly_name="Brunch").available is True
    assert names(workspace.activities.list(friendly_name="Brunch")) == ["Brunch"]
    assert "Brunch" not in names(workspace.activities.list(available="false"))
    assert workspace.activities(made.sid).delete()
    offline = workspace.activities.list(friendly_name="Offline")[0]
    refused(400, 20001, offline.delete)


def check_channels(workspace):
    made = workspace.task_channels.create(friendly_name="Pulled", unique_name="pulled-chat")
    same = workspace.task_channels("pulled-chat").fetch()
    assert same.sid == made.sid
    assert same.update(channel_optimized_routing=True).channel_optimized_routing is True
    refused(
        400,
        20001,
        lambda: workspace.task_channels.create(friendly_name="X", unique_name="pulled-chat"),
    )
    assert workspace.task_channels(made.sid).delete()
    refused(400, 20001, workspace.task_channels("voice").delete)


def check_queues(workspace):
    for number in range(12):
        workspace.task_queues.create(
            friendly_name=f"Paged {number}", target_workers="routing.skills HAS 'sales'"
        )
    queues = workspace.task_queues
    paged = [name for name in names(queues.stream(page_size=5)) if name.startswith("Paged")]
    assert paged == [f"Paged {number}" for number in range(12)], paged
    page = queues.page(page_size=4)
    following = page.next_page()
    assert names(following.previous_page()) == names(queues.page(page_size=4))
    refused(400, 40153, lambda: list(queues.page(page_size=4, page_number=1)))
    message = refused(
        400, 20001, lambda: queues.create(friendly_name="Bad", target_workers="skill-level > 3")
    )
    assert "expecting OPERATOR" in message, message
    refused(400, 20001, lambda: queues.create(friendly_name="Paged 1"))
    found = queues.list(evaluate_worker_attributes='{"routing":{"skills":["sales"]}}')
    assert "Paged 0" in names(found)
    for queue in queues.stream(page_size=5):
        if queue.friendly_name.startswith("Paged"):
            assert queue.delete()
    assert not [name for name in names(queues.list()) if name.startswith("Paged")]


def check_workflows(workspace):
    queue = workspace.task_queues.create(friendly_name="Used")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    made = workspace.workflows.create(friendly_name="Main", configuration=configuration)
    assert made.configuration == configuration
    refused(400, 20001, queue.delete)
    assert made.update(task_reservation_timeout=30, re_evaluate_tasks="true")
    assert names(workspace.workflows.list(friendly_name="Main")) == ["Main"]
    refused(
        400, 20001, lambda: workspace.workflows.create(friendly_name="Bad", configuration="{")
    )
    assert made.delete()
    assert queue.delete()


def check_workers(workspace):
    attributes = '{"routing": {"skills": ["sales"]}}'
    made = workspace.workers.create(friendly_name="py@example.com", attributes=attributes)
    assert made.attributes == attributes
    refused(400, 20001, lambda: workspace.workers.create(friendly_name="PY@example.com"))
    refused(412, 20412, lambda: made.update(friendly_name="x", if_match="99"))
    found = workspace.workers.list(target_workers_expression="friendly_name == 'py@example.com'")
    assert names(found) == ["py@example.com"]
    channels = workspace.workers(made.sid).worker_channels
    assert "voice" in names(channels.list(), "task_channel_unique_name")
    assert channels("voice").update(capacity=3).configured_capacity == 3
    refused(400, 20001, lambda: channels("voice").update(capacity=51))
    available = workspace.activities.list(friendly_name="Available")[0]
    offline = workspace.activities.list(friendly_name="Offline")[0]
    assert made.update(activity_sid=available.sid).available is True
    refused(400, 20001, workspace.workers(made.sid).delete)
    workspace.workers(made.sid).update(activity_sid=offline.sid)
    assert workspace.workers(made.sid).delete()


def check_tasks(workspace):
    everyone = workspace.task_queues.list(friendly_name="Everyone")[0]
    target = {"queue": everyone.sid, "expression": "worker.friendly_name == 'task@example.com'"}
    configuration = json.dumps({"task_routing": {"default_filter": target}})
    workflow = workspace.workflows.create(friendly_name="Tasks", configuration=configuration)
    attributes = '{"topic": "python"}'
    made = workspace.tasks.create(workflow_sid=workflow.sid, attributes=attributes)
    assert made.attributes == attributes and made.assignment_status == "pending"
    assert made.task_queue_friendly_name == "Everyone"
    refused(400, 20001, lambda: workspace.tasks.create(workflow_sid=workflow.sid, attributes="x"))
    refused(400, 20001, workflow.delete)
    found = workspace.tasks.list(
        evaluate_task_attributes="topic == 'python'", assignment_status=["pending", "reserved"]
    )
    assert names(found, "sid") == [made.sid]

    available = workspace.activities.list(friendly_name="Available")[0]
    offline = workspace.activities.list(friendly_name="Offline")[0]
    worker = workspace.workers.create(friendly_name="task@example.com", activity_sid=available.sid)
    task = workspace.tasks(made.sid)
    offer = task.reservations.list()[0]
    assert offer.worker_name == "task@example.com"
    assert offer.update(reservation_status="accepted").reservation_status == "accepted"
    assert workspace.workers(worker.sid).reservations.list()[0].task_sid == made.sid
    refused(400, 20001, lambda: task.update(assignment_status="canceled", reason="no"))
    assert task.update(assignment_status="completed", reason="done").reason == "done"
    events = workspace.events.list(task_sid=made.sid)
    assert "task.completed" in names(events, "event_type")
    assert names(workspace.events.list(sid=events[0].sid), "sid") == [events[0].sid]
    assert task.delete()
    workspace.workers(worker.sid).update(activity_sid=offline.sid)
    assert workspace.workers(worker.sid).delete()
    assert workspace.workflows(workflow.sid).delete()


def check_conversations(client):
    conversations = client.conversations.v1
    made = conversations.roles.create(
        friendly_name="guest", type="conversation", permission=["sendMessage", "leaveConversation"]
    )
    assert made.permissions == ["sendMessage", "leaveConversation"]
    assert made.update(permission=["sendMessage"]).permissions == ["sendMessage"]
    assert "guest" in names(conversations.roles.list(page_size=2))
    service = conversations.configuration().fetch().default_chat_service_sid
    assert "guest" in names(conversations.services(service).roles.list())
    assert conversations.roles(made.sid).delete()
    refused(400, 20001, lambda: conversations.roles.create("x", "service", ["fly"]))
    other = conversations.services.create(friendly_name="Other")
    assert "Other" in names(conversations.services.list())
    assert other.delete()


def main():
    client = connect()
    refused(401, 20003, lambda: connect("wrong").taskrouter.v1.workspaces.list())
    flex = client.flex_api.v1.configuration().fetch()
    workspace = client.taskrouter.v1.workspaces(flex.taskrouter_workspace_sid)
    assert workspace.fetch().friendly_name == "Flex Task Assignment"
    check_workspaces(client)
    check_activities(workspace)
    check_channels(workspace)
    check_queues(workspace)
    check_workflows(workspace)
    check_workers(workspace)
    check_tasks(workspace)
    check_conversations(client)
    # What the plan after this must show.
    sales = workspace.task_queues.list(friendly_name="Sales")[0]
    assert sales.update(max_reserved_workers=7).max_reserved_workers == 7


main()
