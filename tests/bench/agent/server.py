"""What most people write for ChatKit: `openai-chatkit` and the Agents SDK behind FastAPI."""

import os
import socket
import sys
from collections import defaultdict

import uvicorn
from agents import Agent, Runner
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import Page
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse


class Memory(Store[None]):
    """Threads and items, for everybody."""

    def __init__(self):
        self.threads = {}
        self.items = defaultdict(dict)

    async def load_thread(self, thread_id, context):
        return self.threads[thread_id]

    async def save_thread(self, thread, context):
        self.threads[thread.id] = thread

    async def load_threads(self, limit, after, order, context):
        return Page(data=list(self.threads.values())[:limit])

    async def delete_thread(self, thread_id, context):
        del self.threads[thread_id]

    async def load_thread_items(self, thread_id, after, limit, order, context):
        items = list(self.items[thread_id].values())
        return Page(data=(items if order == "asc" else items[::-1])[:limit])

    async def add_thread_item(self, thread_id, item, context):
        self.items[thread_id][item.id] = item

    async def save_item(self, thread_id, item, context):
        self.items[thread_id][item.id] = item

    async def load_item(self, thread_id, item_id, context):
        return self.items[thread_id][item_id]

    async def delete_thread_item(self, thread_id, item_id, context):
        del self.items[thread_id][item_id]

    async def save_attachment(self, attachment, context):
        raise NotImplementedError

    async def load_attachment(self, attachment_id, context):
        raise NotFoundError(attachment_id)

    async def delete_attachment(self, attachment_id, context):
        raise NotImplementedError


class Answers(ChatKitServer[None]):
    """Answers with a model."""

    agent = Agent[AgentContext](name="support", instructions="Answer briefly.", model="gpt-6-luna")

    async def respond(self, thread, input_user_message, context):
        agent_context = AgentContext(thread=thread, store=self.store, request_context=context)
        items = await self.store.load_thread_items(thread.id, None, 30, "asc", context)
        question = await simple_to_agent_input(items.data)
        result = Runner.run_streamed(self.agent, question, context=agent_context)
        async for event in stream_agent_response(agent_context, result):
            yield event


app = FastAPI()
server = Answers(Memory())


@app.post("/api/chatkit/chat")
async def chat(request: Request):
    result = await server.process(await request.body(), None)
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=2048)
    print(f"listening on :{listener.getsockname()[1]}", file=sys.stderr, flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])
