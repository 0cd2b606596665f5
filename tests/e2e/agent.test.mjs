/** Widgets that an agent answers: conversations come piece by piece, and are kept in the visitor's browser alone. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { startAgent } from "./harness/agent.mjs";
import { chatkitFrame, openBrowser } from "./harness/browser.mjs";
import { until } from "./harness/until.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Frame} Frame */

/** @type {import("./harness/agent.mjs").AgentSite} */
let site;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let browser;
/** @type {import("./harness/browser.mjs").Visitor} */
let visitor;

before(
  async () => {
    site = await startAgent();
    browser = await openBrowser();
  },
  { timeout: 1_200_000 },
);
beforeEach(async () => {
  visitor = await browser.visitor();
  site.upstream.script.length = 0;
});
afterEach(() => visitor.close());
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Something that a test waits for, or lets others wait for. */
function gate() {
  /** @type {() => void} */
  let open = () => {};
  const opened = new Promise((resolve) => (open = () => resolve(undefined)));
  return { open, opened };
}

/** The chat of a page, once it takes messages. @param {Page} page */
async function chatIn(page) {
  const frame = await chatkitFrame(page);
  await frame.getByRole("button", { name: "Send", exact: true }).and(frame.locator(":enabled")).waitFor();
  return frame;
}

/** What a browser writes about a question that comes before the answer to another has ended. The visitor reads nothing. */
const BUSY = /status of 429 .*\/api\/chatkit\/chat/;

/** What was said, in turns. @param {Frame} frame */
const said = (frame) => frame.getByRole("log").locator("p[data-from]").allTextContents();

/** @param {Frame} frame @param {string} text */
async function ask(frame, text) {
  await frame.getByPlaceholder("Message the AI").fill(text);
  await frame.getByRole("button", { name: "Send", exact: true }).click();
}

/** Asks, and waits for the whole answer. @param {Frame} frame @param {string} text */
async function turn(frame, text) {
  await ask(frame, text);
  await frame.getByText(`You said: ${text}`, { exact: true }).waitFor();
  await frame.getByRole("button", { name: "Send", exact: true }).and(frame.locator(":enabled")).waitFor();
}

/** Asks, and gets the beginning of an answer. @param {Frame} frame @param {string} text */
async function breakOff(frame, text) {
  const begun = gate();
  site.upstream.script.push(async (answer) => {
    answer.say("I beg");
    await begun.opened;
    answer.cut();
  });
  await ask(frame, text);
  await frame.getByText("I beg").waitFor();
  begun.open();
  await frame.getByText("The answer could not be completed.").waitFor();
}

/** @param {string[]} questions */
const turns = (...questions) => questions.flatMap((text) => [text, `You said: ${text}`]);

/** Keys of threads in a page's storage. @param {Page} page */
const kept = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes(" thread ")));

/** How a visitor gets to the chat, by the place that it is in. @type {Record<string, () => Promise<Page>>} */
const PLACES = {
  "a page": () => visitor.open(site.page),
  async "a panel"() {
    const page = await visitor.open(await site.paste("bubble"));
    await page.getByRole("button", { name: "Chat with us" }).click();
    return page;
  },
  "the host page": async () => visitor.open(await site.paste("inline")),
  async "the host page itself, directly"() {
    const page = await visitor.open(await site.paste("direct"));
    await page.getByRole("button", { name: "Chat with us" }).click();
    return page;
  },
};

for (const [place, open] of Object.entries(PLACES)) {
  test(`in ${place}, a conversation survives a reload, and goes on in a second tab`, async () => {
    const page = await open();
    const frame = await chatIn(page);
    for (const text of ["One", "Two", "Three"]) {
      await turn(frame, text);
    }
    assert.deepEqual(await said(frame), turns("One", "Two", "Three"));
    assert.deepEqual(site.upstream.conversation(), [...turns("One", "Two"), "Three"]);
    // In this page, whatever the chat is in: browsers keep nothing for frames of other sites, or not for long.
    assert.equal((await kept(page)).length, 2);

    await page.reload();
    // A panel that was open opens again.
    const again = await chatIn(page);
    await again.getByText("You said: Three").waitFor();
    assert.deepEqual(await said(again), turns("One", "Two", "Three"));

    const second = await chatIn(await open());
    await second.getByText("You said: Three").waitFor();
    await turn(second, "Four");
    await turn(again, "Five");
    assert.deepEqual(site.upstream.conversation(), [...turns("One", "Two", "Three", "Four"), "Five"]);
  });
}

/** Goes backwards through the page, as a visitor without a mouse does. @param {Page} page @param {import("playwright-core").Locator} to */
async function tabBackTo(page, to) {
  for (let pressed = 0; pressed < 12; pressed++) {
    if (await to.evaluate((node) => /** @type {ShadowRoot} */ (node.getRootNode()).activeElement === node)) {
      return;
    }
    await page.keyboard.press("Shift+Tab");
  }
  assert.fail("the keyboard does not get there");
}

test("a visitor reaches a person with the keyboard alone, and a failure keeps what was typed", async () => {
  site.upstream.script.push((answer) => answer.say("Write to us.").call("show_contact_form").end());
  const page = await visitor.open(site.page);
  const frame = await chatIn(page);
  await ask(frame, "Is there a person?");
  const name = frame.getByLabel("Your name");
  await name.waitFor();
  site.webhook.status = 404;
  await frame.getByPlaceholder("Message the AI").focus();
  await tabBackTo(page, name);
  await page.keyboard.type("Ada");
  await page.keyboard.press("Tab");
  await page.keyboard.type("ada@example.com");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Where is my kettle?");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await frame.getByText("Your message could not be sent.").waitFor();

  /** @param {Frame} frame */
  const typed = async (frame) => {
    const fields = ["Your name", "Your email address", "Your message"].map((label) => frame.getByLabel(label));
    const texts = await Promise.all(fields.map((field) => field.inputValue()));
    return [...texts, await frame.getByLabel("Attach this conversation").isChecked()];
  };
  const all = ["Ada", "ada@example.com", "Where is my kettle?", true];
  assert.deepEqual(await typed(frame), all);
  await page.reload();
  const again = await chatIn(page);
  await again.getByLabel("Your name").waitFor();
  assert.deepEqual(await typed(again), all);

  site.webhook.status = 200;
  await again.getByPlaceholder("Message the AI").focus();
  await tabBackTo(page, again.getByRole("button", { name: "Send message" }));
  await page.keyboard.press("Enter");
  await again.getByText("Your message has been sent.").waitFor();
  assert.equal(await again.getByLabel("Your name").count(), 0);
  const [first, second, ...more] = site.webhook.received;
  assert.deepEqual(more, []);
  assert.equal(first.id, second.id);
  assert.deepEqual(second.fields, { name: "Ada", email: "ada@example.com", message: "Where is my kettle?" });
  const texts = second.conversation.map((/** @type {{ text: string }} */ { text }) => text);
  assert.deepEqual(texts, ["Is there a person?", "Write to us."]);
  // What the visitor wrote there is not for the model.
  await turn(again, "Thanks");
  assert.ok(!JSON.stringify(site.upstream.requests.at(-1)).includes("kettle"));
});

test("whoever reads along is named before the first message, in the page and in a host page, and gets the texts", async () => {
  const notice = "The owner of this chat receives what is written here, and may read it.";
  const silent = await chatIn(await visitor.open(site.page));
  assert.equal(await silent.getByText(notice).count(), 0);
  const page = await visitor.open(await site.paste("direct", "", "open"));
  await page.getByRole("button", { name: "Chat with us" }).click();
  await (await chatIn(page)).getByText(notice).waitFor();

  const frame = await chatIn(await visitor.open(site.open));
  await frame.getByText(notice).waitFor();
  await frame.getByText("Answers may be wrong.").waitFor();
  site.webhook.received.length = 0;
  await turn(frame, "Who reads this?");
  await until(() => site.webhook.received.length > 0);
  const [told] = site.webhook.received;
  assert.deepEqual([told.type, told.widget], ["turn", "open"]);
  assert.deepEqual([told.question, told.answer], ["Who reads this?", "You said: Who reads this?"]);
});

test("an answer is shown as it comes, with what the agent does meanwhile", async () => {
  const [searched, spoken] = [gate(), gate()];
  site.upstream.script.push(async (answer) => {
    answer.search();
    await searched.opened;
    answer.say("Kettles ");
    await spoken.opened;
    answer.say("are hot.").end();
  });
  const frame = await chatIn(await visitor.open(site.page));
  await ask(frame, "What are kettles?");
  await frame.getByText("Searching the web…").waitFor();
  assert.deepEqual(await said(frame), ["What are kettles?"]);
  searched.open();
  await frame.getByText("Kettles", { exact: true }).waitFor();
  spoken.open();
  await frame.getByText("Kettles are hot.").waitFor();
  await frame.getByText("Searching the web…").waitFor({ state: "detached" });
});

test("the history has all conversations, to open, to rename and to delete", async () => {
  const page = await visitor.open(site.page);
  const frame = await chatIn(page);
  await turn(frame, "About kettles");
  await frame.evaluate(() => /** @type {any} */ (document.querySelector("openai-chatkit")).setThreadId(null));
  await frame.getByText("How can we help?").waitFor();
  await turn(frame, "About spoons");

  const history = frame.getByRole("list", { name: "History" });
  const titles = () =>
    history.getByRole("listitem").evaluateAll((all) => all.map((one) => one.children[0].textContent));
  await frame.getByRole("button", { name: "History" }).click();
  await history.waitFor();
  assert.deepEqual(await titles(), ["About spoons", "About kettles"]);
  await frame.getByRole("textbox", { name: "New title of About kettles" }).fill("Kettles");
  await frame.getByRole("button", { name: "Rename About kettles" }).click();
  await frame.getByRole("button", { name: "Kettles", exact: true }).waitFor();

  await frame.getByRole("button", { name: "Kettles", exact: true }).click();
  await frame.getByText("You said: About kettles").waitFor();
  assert.deepEqual(await said(frame), turns("About kettles"));
  await turn(frame, "More");
  assert.deepEqual(site.upstream.conversation(), [...turns("About kettles"), "More"]);

  await frame.getByRole("button", { name: "History" }).click();
  await history.waitFor();
  assert.deepEqual(await titles(), ["About spoons", "Kettles"]);
  await frame.getByRole("button", { name: "Delete Kettles" }).click();
  await until(async () => (await titles()).length === 1);
  assert.deepEqual(await said(frame), [], "the deleted one is no longer open");
  assert.equal((await kept(page)).length, 2);

  await page.reload();
  await chatIn(page);
  assert.equal((await kept(page)).length, 2);
});

test("an answer that breaks off says so, and another one can be had", async () => {
  const page = await visitor.open(site.page);
  const frame = await chatIn(page);
  await breakOff(frame, "One");
  await frame.getByRole("button", { name: "Retry" }).click();
  await frame.getByText("You said: One").waitFor();
  assert.deepEqual(await said(frame), turns("One"));
  await turn(frame, "Two");
  await page.reload();
  await frame.getByText("You said: Two").waitFor();
  assert.deepEqual(await said(frame), turns("One", "Two"));
});

test("a question whose answer broke off is still there after a reload", async () => {
  const page = await visitor.open(site.page);
  const frame = await chatIn(page);
  await breakOff(frame, "One");
  await page.reload();
  await chatIn(page);
  await frame.getByText("One", { exact: true }).waitFor();
  assert.deepEqual(await said(frame), ["One"]);
  await turn(frame, "Two");
  assert.deepEqual(site.upstream.conversation(), ["One", "Two"]);
});

test("a visitor who loses the network in the middle of an answer can ask again once it is back", async () => {
  const page = await visitor.open(site.page);
  const frame = await chatIn(page);
  await turn(frame, "One");
  const left = gate();
  site.upstream.script.push(async (answer) => {
    for (; !answer.isGone; answer.say("on and ")) {
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    left.open();
  });
  await ask(frame, "Two");
  await frame.getByText("on and").waitFor();
  visitor.expectError(/INTERNET_DISCONNECTED/);
  visitor.allowError(/NETWORK_CHANGED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|Failed to fetch|network error/);
  visitor.allowError(BUSY);
  await visitor.context.setOffline(true);
  // Chromium alone does not end what has begun.
  site.site.cut();
  const retry = frame.getByRole("button", { name: "Retry" });
  await retry.click();
  await left.opened;
  await retry.waitFor();
  await visitor.context.setOffline(false);
  await retry.click();
  await frame.getByText("You said: Two").waitFor();
  assert.deepEqual(await said(frame), turns("One", "Two"));
  assert.deepEqual(site.upstream.conversation(), [...turns("One"), "Two"]);
});

test("a session that ends in the middle of an answer does not end it, and the next question has another", async () => {
  const ended = gate();
  site.upstream.script.push(async (answer) => {
    answer.say("I ");
    await ended.opened;
    answer.say("end.").end();
  });
  const page = await visitor.open(site.page);
  const frame = await chatIn(page);
  await ask(frame, "One");
  await frame.getByText("I", { exact: true }).waitFor();
  /** @type {string[]} What is asked, in its order. */
  const asked = [];
  page.on("request", (request) => {
    const [, endpoint] = /\/api\/chatkit\/(\w+)/.exec(request.url()) ?? [];
    asked.push(...(endpoint && request.method() === "POST" ? [endpoint] : []));
  });
  // As the function answers a token that has ended.
  const refused = { status: 401, json: { error: { code: "invalid_session", message: "" } } };
  await page.route("**/api/chatkit/chat", (route) => route.fulfill(refused), { times: 1 });
  ended.open();
  await frame.getByText("I end.", { exact: true }).waitFor();
  visitor.expectError(/status of 401 .*\/api\/chatkit\/chat/);
  await turn(frame, "Two");
  assert.deepEqual(asked, ["chat", "session", "chat"]);
  assert.deepEqual(await said(frame), ["One", "I end.", ...turns("Two")]);
  assert.deepEqual(site.upstream.conversation(), ["One", "I end.", "Two"]);
});

test("an answer that is stopped ends, and the next question is answered at once", async () => {
  const stopped = gate();
  site.upstream.script.push(async (answer) => {
    // Who is gone is noticed with the next words.
    for (; !answer.isGone; answer.say("on and ")) {
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    stopped.open();
  });
  const frame = await chatIn(await visitor.open(site.page));
  visitor.allowError(BUSY);
  await ask(frame, "One");
  await frame.getByText("on and").waitFor();
  await frame.getByRole("button", { name: "Stop" }).click();
  await turn(frame, "Two");
  await stopped.opened;
  assert.deepEqual(site.upstream.conversation(), ["One", "Two"]);
});

test("two tabs go on with one conversation at the same time, and both questions stay", async () => {
  const page = await visitor.open(site.page);
  const one = await chatIn(page);
  await turn(one, "One");
  const two = await chatIn(await visitor.open(site.page));
  await two.getByText("You said: One").waitFor();
  const asked = gate();
  site.upstream.script.push(async (answer, question) => {
    await asked.opened;
    answer.say("You said: ", question).end();
  });
  await ask(one, "Two");
  await one.getByText("Two", { exact: true }).waitFor();
  // There is one answer at a time: the second waits for the first.
  visitor.expectError(BUSY);
  await ask(two, "Three");
  await until(() => visitor.errors.some((error) => BUSY.test(error)));
  asked.open();
  await Promise.all([one.getByText("You said: Two").waitFor(), two.getByText("You said: Three").waitFor()]);
  await page.reload();
  const all = await chatIn(page);
  await all.getByText("You said: Three").waitFor();
  assert.deepEqual((await said(all)).sort(), turns("One", "Two", "Three").sort());
});

for (const place of ["a page", "a panel"]) {
  test(`in ${place}, where storage is refused, a conversation lasts as long as the page`, async () => {
    await visitor.context.addInitScript(() => {
      Object.defineProperty(window, "localStorage", {
        get() {
          throw new DOMException("refused", "SecurityError");
        },
      });
    });
    const page = await PLACES[place]();
    const frame = await chatIn(page);
    await turn(frame, "One");
    await turn(frame, "Two");
    assert.deepEqual(site.upstream.conversation(), [...turns("One"), "Two"]);
  });
}

test("in a panel, a host page that is late, or gets a script late, keeps its conversations", async () => {
  let page = await PLACES["a panel"]();
  await turn(await chatIn(page), "One");
  await page.close();

  let scripts = 0;
  await visitor.context.route("**/threads*.js*", (route) =>
    route.request().frame().parentFrame() || scripts++ > 0 ? route.continue() : route.abort(),
  );
  visitor.expectError(/ERR_FAILED/);
  page = await PLACES["a panel"]();
  let frame = await chatIn(page);
  await frame.getByText("You said: One").waitFor();
  assert.equal(scripts, 2);

  // One question of the frame is lost.
  await page.evaluate(() => {
    const lose = (/** @type {MessageEvent} */ event) => {
      if (event.data?.type === "threads") {
        event.stopImmediatePropagation();
        removeEventListener("message", lose, true);
      }
    };
    addEventListener("message", lose, true);
  });
  await turn(frame, "Two");
  assert.deepEqual(site.upstream.conversation(), [...turns("One"), "Two"]);
  await page.reload();
  frame = await chatIn(page);
  await frame.getByText("You said: Two").waitFor();
});

test("what one user said, another user of the same browser does not see", async () => {
  const page = await PLACES["a panel"]();
  const frame = await chatIn(page);
  /** @param {string} name */
  const identify = async (name) => {
    await page.evaluate((token) => window.ChatWidget("identify", token), site.identityOf(name));
    await frame.waitForFunction(
      () => window.__chatkit.instances.filter(({ element }) => element.isConnected).length === 1,
    );
    await chatIn(page);
    await frame.getByText("How can we help?").waitFor();
    const button = page.getByRole("dialog").getByRole("button", { name: "Earlier conversations" });
    await button.click();
    const history = frame.locator("ul.history");
    await history.waitFor({ state: "attached" });
    const titles = await history.locator("li > :first-child").allTextContents();
    await button.click();
    await history.waitFor({ state: "detached" });
    return titles;
  };
  assert.deepEqual(await identify("ann"), []);
  await turn(frame, "About my order");
  assert.deepEqual(await identify("bob"), []);
  await turn(frame, "About his order");
  assert.deepEqual(await identify("ann"), ["About my order"]);
});

test("reset forgets all conversations, whether the chat has loaded or not", async () => {
  for (const isLoaded of [true, false]) {
    const page = await PLACES["a panel"]();
    await turn(await chatIn(page), "One");
    assert.equal((await kept(page)).length, 2);
    if (!isLoaded) {
      await page.evaluate(() => sessionStorage.clear());
      await page.reload();
    }
    await page.evaluate(() => window.ChatWidget("reset"));
    await until(async () => (await kept(page)).length === 0, "nothing is kept");
    await page.close();
  }
});
