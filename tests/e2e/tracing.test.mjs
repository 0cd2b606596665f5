/**
 * Host pages whose tracing library wraps `fetch` and adds headers to each request. A browser then asks the server first
 * whether it takes them. No request is intercepted here, because playwright would answer that in the server's place.
 */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { greeted, allowed, browser, launcher, product, snippets, useProduct } from "./suite.mjs";
import { chatkitFrame } from "./harness/browser.mjs";
import { startInternet } from "./harness/internet.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Of Sentry, OpenTelemetry (W3C and B3), Datadog, New Relic, Elastic, Application Insights, and of people's own. */
const HEADERS = [
  "sentry-trace",
  "baggage",
  "traceparent",
  "tracestate",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-sampled",
  "x-datadog-origin",
  "x-datadog-parent-id",
  "x-datadog-sampling-priority",
  "x-datadog-trace-id",
  "newrelic",
  "elastic-apm-traceparent",
  "request-id",
  "request-context",
  "x-request-id",
  "x-correlation-id",
];

/** @type {import("./harness/internet.mjs").Internet} */
let internet;
/** @type {import("./harness/browser.mjs").Visitor} */
let visitor;

useProduct({ answer: allowed });
before(async () => {
  internet = await startInternet();
});
after(() => internet?.close());
beforeEach(async () => {
  visitor = await browser.visitor({ internet });
  await visitor.context.addInitScript((names) => {
    const { fetch } = window;
    window.fetch = (input, init = {}) => {
      const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
      names.forEach((name) => headers.set(name, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
      return fetch(input, { ...init, headers });
    };
  }, HEADERS);
});
afterEach(() => visitor.close());

test("a server that was not asked whether it takes them refuses them, so nobody answers preflights in its place", async () => {
  const page = await visitor.open(product.paste(""));
  visitor.expectError(/blocked by CORS policy/);
  visitor.expectError(/ERR_FAILED/);
  const outcome = await page.evaluate(
    (url) =>
      fetch(url).then(
        () => "answered",
        () => "refused",
      ),
    `${product.site.url}/w/support.js`,
  );
  assert.equal(outcome, "refused");
});

for (const kind of ["bubble", "direct"]) {
  test(`${kind}: the chat starts, and its session is minted`, async () => {
    const minted = product.openai.requests.length;
    const page = await visitor.open(product.paste(snippets[kind]));
    await launcher(page).click();
    const frame = await greeted(page);
    await frame.getByRole("textbox").fill("Hello");
    await frame.getByRole("button", { name: "Send" }).click();
    await frame.getByText("You said: Hello").waitFor();
    assert.equal(product.openai.requests.length - minted, 1);
  });
}

test("direct: a server of the owner that takes any header answers", async () => {
  const page = await visitor.open(product.paste(await product.snippet("docs", "direct")));
  await page.getByRole("button", { name: "Ask the docs" }).click();
  await (await chatkitFrame(page)).getByText("What are you looking for in the docs?").waitFor();
  await page.getByRole("button", { name: "Send" }).and(page.locator(":enabled")).waitFor();
  const { headers } = product.server.requests.at(-1);
  assert.match(headers.authorization, /^Bearer /);
  assert.ok(headers.traceparent);
});
