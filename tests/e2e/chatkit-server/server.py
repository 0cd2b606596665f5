"""A ChatKit server of one's own, as small as it can be: it lets in whom the site has signed a session for.

The part to take over is `verified`. The rest repeats what the visitor says, and keeps threads in memory, each
visible to the visitor who began it and to nobody else.
"""

import asyncio
import os
from collections import defaultdict
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from chatkit.types import AssistantMessageContent, AssistantMessageItem, Page, ThreadItemDoneEvent

SECRET = os.environ["CHATKIT_SERVER_SECRET"]
ISSUER = os.environ["SITE_URL"]  # the site, as in `site.url`
AUDIENCE = os.environ["SERVER_URL"]  # this server, as in `backend.url`
LEEWAY = 60  # seconds that this clock and the site's may be apart: no two are the same


def verified(authorization: str | None) -> dict:
    """The claims of a session: `sub` is the visitor, `widget` the chat. Raises if it is not the site's."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme != "Bearer":
        raise jwt.InvalidTokenError("no Bearer token")
    return jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        leeway=LEEWAY,
        options={"require": ["iss", "aud", "sub", "iat", "exp"]},
    )


class Memory(Store[str]):
    """Threads and items by visitor; the context of each call is the visitor."""

    def __init__(self):
        self.threads = defaultdict(dict)
        self.items = defaultdict(lambda: defaultdict(dict))

    async def load_thread(self, thread_id, context):
        if thread_id not in self.threads[context]:
            raise NotFoundError(f"no thread {thread_id}")
        return self.threads[context][thread_id]

    async def save_thread(self, thread, context):
        self.threads[context][thread.id] = thread

    async def load_threads(self, limit, after, order, context):
        return Page(data=list(self.threads[context].values())[:limit], has_more=False, after=None)

    async def delete_thread(self, thread_id, context):
        self.threads[context].pop(thread_id, None)
        self.items[context].pop(thread_id, None)

    async def load_thread_items(self, thread_id, after, limit, order, context):
        items = list(self.items[context][thread_id].values())
        return Page(data=items if order == "asc" else items[::-1], has_more=False, after=None)

    async def add_thread_item(self, thread_id, item, context):
        self.items[context][thread_id][item.id] = item

    async def save_item(self, thread_id, item, context):
        self.items[context][thread_id][item.id] = item

    async def load_item(self, thread_id, item_id, context):
        return self.items[context][thread_id][item_id]

    async def delete_thread_item(self, thread_id, item_id, context):
        self.items[context][thread_id].pop(item_id, None)

    async def save_attachment(self, attachment, context):
        raise NotImplementedError

    async def load_attachment(self, attachment_id, context):
        raise NotFoundError(attachment_id)

    async def delete_attachment(self, attachment_id, context):
        raise NotFoundError(attachment_id)


class Echo(ChatKitServer[str]):
    """Says what the visitor said."""

    async def respond(self, thread, input_user_message, context):
        text = "".join(getattr(part, "text", "") for part in input_user_message.content)
        yield ThreadItemDoneEvent(
            item=AssistantMessageItem(
                id=self.store.generate_item_id("message", thread, context),
                thread_id=thread.id,
                created_at=datetime.now(),
                content=[AssistantMessageContent(text=f"You said: {text}")],
            )
        )


ECHO = Echo(Memory())


async def answer(body: bytes, visitor: str) -> tuple[str, bytes]:
    """The media type and the bytes of the reply."""
    result = await ECHO.process(body, visitor)
    if isinstance(result, StreamingResult):
        return "text/event-stream", b"".join([chunk async for chunk in result])
    return "application/json", result.json


class Handler(BaseHTTPRequestHandler):
    """`POST /chatkit`, and what a browser asks before it."""

    def do_OPTIONS(self):
        self.reply(204, "text/plain", b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            claims = verified(self.headers["Authorization"])
        except jwt.InvalidTokenError as error:
            return self.reply(401, "text/plain", str(error).encode())
        print("asked by", claims["sub"][:8], "in", claims["widget"], flush=True)
        return self.reply(200, *asyncio.run(answer(body, claims["sub"])))

    def reply(self, status, media_type, body):
        self.send_response(status)
        # What a browser may see is decided by the token alone; no cookie is involved.
        self.send_header("Access-Control-Allow-Origin", "*")
        # The star is for what traces requests on a host page, and adds headers to each.
        self.send_header("Access-Control-Allow-Headers", "authorization, content-type, *")
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Headers hold tokens, and the default log would be no use either."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    print("listening on", server.server_port, flush=True)
    server.serve_forever()
