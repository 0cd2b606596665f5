/** What most people write for ChatKit's sessions: express and OpenAI's own SDK. */

import { createHmac, randomUUID } from "node:crypto";
import express from "express";
import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 1, timeout: 8000 });
const workflow = { id: process.env.CHATKIT_WORKFLOW_ID };
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function sign(claims) {
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  const mac = createHmac("sha256", process.env.CHATKIT_SERVER_SECRET).update(text).digest("base64url");
  return `${text}.${mac}`;
}

const app = express();
app.use(express.json({ limit: "8kb" }));
app.post("/api/chatkit/session", async (request, response) => {
  const user = request.body.visitor ?? `visitor_${randomUUID()}`;
  if (request.body.widget === "docs") {
    const exp = Math.floor(Date.now() / 1000) + 600;
    return response.json({ client_secret: sign({ sub: user, exp }), expires_at: exp, expires_in: 600, visitor: user });
  }
  const session = await client.beta.chatkit.sessions.create({ workflow, user });
  response.json({
    client_secret: session.client_secret,
    expires_at: session.expires_at,
    expires_in: 600,
    visitor: user,
  });
});

const api = process.env.AWS_LAMBDA_RUNTIME_API;
if (api) {
  await fetch(`http://${api}/2018-06-01/runtime/invocation/next`);
}
const server = app.listen(process.env.PORT, "127.0.0.1", () =>
  console.error(`listening on :${server.address().port}"}`),
);
