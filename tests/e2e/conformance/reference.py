"""OpenAI's own ChatKit server as the judge of ours.

Reads, from the file that it is given, a JSON line per thread: what was asked, and our events and replies. Lets
`stream_agent_response` answer the same questions from the same recorded stream, and prints a JSON line per thread:
`{"thread": …, "faults": [...]}`. A fault is what ChatKit's own types refuse, or what the reference answers otherwise.

What may differ: ids, times and durations; titles, which the reference leaves to its owner; progress, notices and what
only our page hears; thoughts that are open at the end, which we end and the reference does not; messages without a word,
which we do not keep; empty quotations, which we leave out.
"""

import asyncio
import json
import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

from agents import RawResponsesStreamEvent
from chatkit.agents import AgentContext, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import Page, Thread, ThreadItem, ThreadStreamEvent
from chatkit.widgets import Card, StrictWidgetComponent
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter, ValidationError

STREAMS = Path(__file__).parent / "streams"
VISITOR = "visitor"
# Of our own: nothing like it comes from `stream_agent_response`.
OURS = {"progress_update", "client_effect", "notice", "error"}

EVENT = TypeAdapter(ThreadStreamEvent)
CARD = TypeAdapter(Card)
COMPONENT = TypeAdapter(StrictWidgetComponent)
UPSTREAM_EVENT = TypeAdapter(ResponseStreamEvent)
REPLIES = {
    "threads.get_by_id": TypeAdapter(Thread),
    "threads.update": TypeAdapter(Thread),
    "threads.list": TypeAdapter(Page[Thread]),
    "items.list": TypeAdapter(Page[ThreadItem]),
}


class Memory(Store[str]):
    """The threads of one visitor, without thoughts, which we do not keep either."""

    def __init__(self):
        self.threads = {}
        self.items = defaultdict(dict)

    async def load_thread(self, thread_id, context):
        if thread_id not in self.threads:
            raise NotFoundError(f"no thread {thread_id}")
        return self.threads[thread_id]

    async def save_thread(self, thread, context):
        self.threads[thread.id] = thread

    async def load_threads(self, limit, after, order, context):
        return Page(data=list(self.threads.values())[:limit], has_more=False, after=None)

    async def delete_thread(self, thread_id, context):
        del self.threads[thread_id]

    async def load_thread_items(self, thread_id, after, limit, order, context):
        items = list(self.items[thread_id].values())
        items = items if order == "asc" else items[::-1]
        if after:
            items = items[[item.id for item in items].index(after) + 1 :]
        has_more = len(items) > limit
        items = items[:limit]
        return Page(data=items, has_more=has_more, after=items[-1].id if has_more else None)

    async def add_thread_item(self, thread_id, item, context):
        await self.save_item(thread_id, item, context)

    async def save_item(self, thread_id, item, context):
        if item.type != "workflow":
            self.items[thread_id][item.id] = item

    async def load_item(self, thread_id, item_id, context):
        return self.items[thread_id][item_id]

    async def delete_thread_item(self, thread_id, item_id, context):
        self.items[thread_id].pop(item_id, None)

    async def save_attachment(self, attachment, context):
        raise NotImplementedError

    async def load_attachment(self, attachment_id, context):
        raise NotFoundError(attachment_id)

    async def delete_attachment(self, attachment_id, context):
        raise NotFoundError(attachment_id)


class Reference(ChatKitServer[str]):
    """Answers everything with one recorded stream."""

    def __init__(self, recorded):
        super().__init__(Memory())
        self.recorded = recorded
        self.turn = 0

    async def respond(self, thread, input_user_message, context):
        self.turn += 1
        agent = AgentContext(thread=thread, store=self.store, request_context=context)
        result = SimpleNamespace(stream_events=self.stream_events)
        async for event in stream_agent_response(agent, result):
            yield event

    async def stream_events(self):
        for recorded in self.recorded:
            try:
                event = UPSTREAM_EVENT.validate_python(renamed(recorded, self.turn))
            except ValidationError:
                # The SDK passes on events that it does not know, and the reference ignores them.
                continue
            yield RawResponsesStreamEvent(data=event)

    async def add_feedback(self, thread_id, item_ids, feedback, context):
        pass

    async def ask(self, request):
        """The events, or the reply."""
        result = await self.process(json.dumps(request), VISITOR)
        if not isinstance(result, StreamingResult):
            return json.loads(result.json)
        text = b"".join([chunk async for chunk in result]).decode()
        return [json.loads(event.removeprefix("data: ")) for event in text.split("\n\n") if event]


def renamed(value, turn):
    """No two responses of OpenAI share an id."""
    if isinstance(value, list):
        return [renamed(entry, turn) for entry in value]
    if not isinstance(value, dict):
        return value
    ids = {"id", "item_id"}
    return {key: f"{entry}_{turn}" if key in ids else renamed(entry, turn) for key, entry in value.items()}


class Names:
    """Numbers for ids, in the order in which they come."""

    def __init__(self):
        self.ids = []

    def number(self, name):
        if name not in self.ids:
            self.ids.append(name)
        return f"#{self.ids.index(name)}"

    def normal(self, value):
        """The value without what may differ."""
        if isinstance(value, list):
            return [self.normal(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        # A tag's id is the visitor's own.
        ids = set() if value.get("type") == "input_tag" else {"id", "thread_id", "item_id", "after"}
        members = {}
        for key, entry in value.items():
            if key in ids:
                members[key] = self.number(entry)
            elif key == "created_at":
                members[key] = "time"
            elif key == "duration":
                members[key] = "seconds"
            elif key == "quoted_text" and entry == "":
                # ChatKit's page sends it for no quotation, and we leave it out.
                continue
            elif key != "title" or "status" not in value:
                members[key] = self.normal(entry)
        return members


def translated(request, ours, theirs):
    """The request with the reference's ids in the place of ours."""
    text = json.dumps({"type": request["type"], "params": request["params"]})
    for own, other in zip(ours.ids, theirs.ids):
        text = text.replace(f'"{own}"', f'"{other}"')
    return json.loads(text)


def without_open_end(events, reference):
    """Our events without the end of thoughts that the reference leaves open."""
    own = ends_of_thoughts(events)
    extra = own[-1:] if len(own) == len(ends_of_thoughts(reference)) + 1 else []
    return [event for event in events if event not in extra]


def ends_of_thoughts(events):
    return [e for e in events if e["type"] == "thread.item.done" and e["item"]["type"] == "workflow"]


def refused(adapter, value):
    """What the type refuses, and what it does not know."""
    try:
        parsed = adapter.validate_json(json.dumps(value))
    except ValidationError as error:
        return [f"{error} in {json.dumps(value)}"]
    again = adapter.dump_python(parsed, mode="json", by_alias=True, exclude_none=True)
    if without_times(again) != without_times(value):
        return [f"other members than {json.dumps(again)} in {json.dumps(value)}"]
    return []


def refused_in_widgets(value):
    """What is wrong with the widgets in a value. ChatKit's types for items let any component pass."""
    entries = value if isinstance(value, list) else value.values() if isinstance(value, dict) else []
    faults = [fault for entry in entries for fault in refused_in_widgets(entry)]
    if isinstance(value, dict) and value.get("type") == "widget":
        faults += refused_in_component(CARD, value["widget"])
    return faults


def refused_in_component(adapter, component):
    faults = refused(adapter, {**component, "children": []} if "children" in component else component)
    return faults + [fault for child in component.get("children", []) for fault in refused_in_component(COMPONENT, child)]


def without_times(value):
    """Times may be written in several ways, all of them texts."""
    if isinstance(value, list):
        return [without_times(entry) for entry in value]
    if isinstance(value, dict):
        return {key: type(entry) if key == "created_at" else without_times(entry) for key, entry in value.items()}
    return value


def difference(what, ours, theirs):
    if ours == theirs:
        return []
    if not isinstance(ours, list) or not isinstance(theirs, list):
        ours, theirs = [ours], [theirs]
    pairs = [*zip(ours, theirs)]
    at = next((at for at, (one, other) in enumerate(pairs) if one != other), len(pairs))
    lines = [json.dumps((events[at : at + 1] or [None])[0], ensure_ascii=False) for events in (ours, theirs)]
    return [f"{what}, number {at}:\n  ours      {lines[0]}\n  reference {lines[1]}"]


async def judge(thread):
    faults = []
    for turn in thread["turns"]:
        for event in turn["events"]:
            faults += refused(EVENT, event) + refused_in_widgets(event)
    for reply in thread["replies"]:
        adapter = REPLIES.get(reply["ask"]["type"])
        faults += refused(adapter, reply["reply"]) + refused_in_widgets(reply["reply"]) if adapter else []
    # The reference has no form of its own.
    if faults or thread["stream"] == "contact" or thread["stream"].startswith("lenient-"):
        return faults
    lines = (STREAMS / f"{thread['stream']}.jsonl").read_text("utf-8").split("\n")
    recorded = [json.loads(line) for line in lines if line]
    reference = Reference(recorded[: thread.get("length")])
    ours, theirs = Names(), Names()
    for turn in thread["turns"]:
        events = await reference.ask(translated(turn["ask"], ours, theirs))
        left = [event for event in turn["events"] if event["type"] not in OURS]
        faults += difference(turn["ask"]["type"], ours.normal(without_open_end(left, events)), theirs.normal(events))
        if faults:
            return faults
    for reply in thread["replies"]:
        found = await reference.ask(translated(reply["ask"], ours, theirs))
        faults += difference(reply["ask"]["type"], ours.normal(reply["reply"]), theirs.normal(found))
    return faults


async def main(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            thread = json.loads(line)
            name = " ".join(str(thread[key]) for key in ("stream", "length") if key in thread)
            print(json.dumps({"thread": name, "faults": await judge(thread)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
