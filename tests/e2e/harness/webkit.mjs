/**
 * Safari's engine for tests: WebKitGTK's own little browser on a screen of its own, driven by WebDriver. It lets nobody
 * answer its requests, so that a proxy leads to ChatKit's double; this machine is reached without, and nothing else is.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { startInternet } from "./internet.mjs";
import { until } from "./until.mjs";

/** Where Debian puts it. `WEBKIT_DRIVER` names another. */
export const WEBKIT_DRIVER = process.env.WEBKIT_DRIVER ?? "/usr/bin/WebKitWebDriver";

/** Hosts on this machine, which no proxy is asked for. */
const LOCAL = ["127.0.0.1", "localhost", "*.localhost"];

/** Keys without a character, as WebDriver names them. @type {Record<string, string>} */
const KEYS = { Tab: "\uE004", Enter: "\uE007", Escape: "\uE00C", End: "\uE010" };

/** Under this name, WebDriver tells of an element. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/**
 * @typedef {{ [ELEMENT]: string }} ElementHandle
 * @typedef {Awaited<ReturnType<Awaited<ReturnType<typeof openWebKit>>['open']>>} WebKitPage
 */

/** Starts screen and proxy. Each page has a driver and a browser of its own. */
export async function openWebKit() {
  const folder = await mkdtemp(join(tmpdir(), "webkit-"));
  const internet = await startInternet();
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const [display] = await once(/** @type {import("node:stream").Readable} */ (screen.stdio[3]), "data");
  const env = {
    ...process.env,
    DISPLAY: `:${String(display).trim()}`,
    XDG_CACHE_HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_DATA_HOME: folder,
    // Its sandbox needs more rights than containers and root have.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
    NO_AT_BRIDGE: "1",
  };
  const args = ["--automation", `--proxy=http://${internet.address}`, ...LOCAL.map((host) => `--ignore-host=${host}`)];
  /** @type {Awaited<ReturnType<typeof startSession>> | undefined} */
  let session;

  async function closePage() {
    await session?.close();
    session = undefined;
  }

  return {
    closePage,
    async close() {
      await closePage();
      await internet.close();
      await end(screen);
      await rm(folder, { recursive: true, force: true });
    },
    /** A page with a storage of its own, instead of the one before. @param {string} url @param {string[]} [more] arguments of the browser */
    async open(url, more = []) {
      await closePage();
      session = await startSession(env, [...args, ...more]);
      internet.refused.splice(0);
      const page = drive(session.address);
      await page.resize(1280, 900);
      await page.goto(url);
      return {
        ...page,
        version: `WebKitGTK ${session.version}`,
        assertLocal: () => assert.deepEqual(internet.refused, [], "requests that leave this machine"),
      };
    },
  };
}

/** Starts a driver, and a browser that waits to be driven.
 * @param {NodeJS.ProcessEnv} env @param {string[]} args of the browser @param {number} [attempts] Now and then, a browser
 *   that has just been started never calls the driver back. */
async function startSession(env, args, attempts = 3) {
  const port = await freePort();
  // A group of its own, to which the browser belongs, too.
  const driver = spawn(WEBKIT_DRIVER, [`--port=${port}`], { stdio: "ignore", detached: true, env });
  const address = `http://127.0.0.1:${port}`;
  await until(
    () =>
      command(address, "GET", "/status").then(
        () => true,
        () => false,
      ),
    "the driver answers",
  );
  // With the capability `proxy`, the browser would speak TLS with the proxy itself.
  const capabilities = { acceptInsecureCerts: true, "webkitgtk:browserOptions": { args } };
  try {
    const made = await command(address, "POST", "/session", { capabilities: { alwaysMatch: capabilities } }, 10_000);
    const own = `${address}/session/${made.sessionId}`;
    return {
      address: own,
      version: made.capabilities.browserVersion,
      async close() {
        await command(own, "DELETE", "").catch(() => {});
        await end(driver, -Number(driver.pid));
      },
    };
  } catch (error) {
    await end(driver, -Number(driver.pid));
    if (attempts > 1) {
      return startSession(env, args, attempts - 1);
    }
    throw error;
  }
}

/** What a visitor does in a page, and what is looked at. Scripts run in the frame that was entered last.
 * @param {string} session */
function drive(session) {
  /** @param {string} path @param {unknown} [body] */
  const post = (path, body = {}) => command(session, "POST", path, body);

  /** Runs a function in the page.
   * @template {unknown[]} Args @template Result
   * @param {(...args: Args) => Result} script @param {Args} args @returns {Promise<Result>} */
  const evaluate = (script, ...args) =>
    post("/execute/sync", { script: `return (${script}).apply(null, arguments)`, args });

  /** An element by selector and text, in shadow roots as well: waits until it is there.
   * @param {string} selector @param {string} [text] @returns {Promise<ElementHandle>} */
  async function find(selector, text = "") {
    /** @type {unknown} */
    let found;
    // One that a redraw replaces at this very moment is looked for again.
    const look = () =>
      evaluate(deepFind, selector, text).catch((error) =>
        /stale element/.test(error.message) ? null : Promise.reject(error),
      );
    await until(async () => (found = await look()), `there is ${selector} ${text}`);
    return /** @type {ElementHandle} */ (found);
  }

  /** Keys, as a keyboard sends them: one after the other, to whatever has the focus. @param {string[]} keys */
  async function press(...keys) {
    const actions = keys.flatMap((key) => ["keyDown", "keyUp"].map((type) => ({ type, value: KEYS[key] ?? key })));
    await post("/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Enters the frame in which ChatKit runs, or stays where it does. @returns {Promise<boolean>} */
  async function enterChatkitBelow() {
    if (await evaluate(() => (window.__chatkit?.instances.length ?? 0) > 0)) {
      return true;
    }
    for (const frame of /** @type {any[]} */ (await evaluate(deepFrames))) {
      await post("/frame", { id: frame });
      if (await enterChatkitBelow()) {
        return true;
      }
      await post("/frame/parent");
    }
    return false;
  }

  const leave = () => post("/frame", { id: null });

  return {
    evaluate,
    find,
    press,
    /** @param {string} text */
    type: (text) => press(...text),
    /** @param {string} url */
    goto: (url) => post("/url", { url }),
    back: () => post("/back"),
    reload: () => post("/refresh"),
    /** Of the window. @param {number} width @param {number} height */
    resize: (width, height) => post("/window/rect", { width, height }),
    /** @param {string} selector @param {string} [text] */
    async click(selector, text) {
      const { [ELEMENT]: id } = await find(selector, text);
      await post(`/element/${id}/click`);
    },
    /** @param {string} selector */
    focus: async (selector) => evaluate((element) => /** @type {any} */ (element).focus(), await find(selector)),
    /** Enters a frame. @param {string} selector */
    enter: async (selector) => post("/frame", { id: await find(selector) }),
    /** Moves the focus to an element as a visitor does. `focus` is not enough in a frame of a foreign origin: WebKit lets
     * its scripts move no focus before somebody has used that frame. @param {string} selector */
    async tabTo(selector) {
      const target = await find(selector);
      for (let count = 0; count < 12; count += 1) {
        if (await evaluate(hasFocus, target)) {
          return;
        }
        await press("Tab");
      }
      assert.fail(`Tab never reached ${selector}`);
    },
    /** Back to the page itself. */
    leave,
    /** Enters the frame, or stays in the page, in which ChatKit runs: waits for it. */
    async enterChatkit() {
      let problem = "";
      const attempt = async () => {
        await leave();
        // Frames go and come while a page loads.
        return enterChatkitBelow().catch((error) => void (problem = `: ${error.message}`));
      };
      await until(attempt, "a frame of the page runs ChatKit").catch((error) => assert.fail(error.message + problem));
    },
    /** @param {string} path of the picture */
    async screenshot(path) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await command(session, "GET", "/screenshot"), "base64");
    },
  };
}

/** Runs in the page. @param {string} selector @param {string} text @param {ParentNode} [root] @returns {Element | null} */
function deepFind(selector, text, root = document) {
  /** @param {ParentNode} parent @returns {Element | null} */
  const search = (parent) => {
    for (const element of parent.querySelectorAll("*")) {
      if (element.matches(selector) && element.textContent?.includes(text)) {
        return element;
      }
      const inner = element.shadowRoot && search(element.shadowRoot);
      if (inner) {
        return inner;
      }
    }
    return null;
  };
  return search(root);
}

/** Runs in the page. @returns {Element[]} */
function deepFrames() {
  /** @param {ParentNode} parent @returns {Element[]} */
  const search = (parent) =>
    [...parent.querySelectorAll("*")].flatMap((element) =>
      element.matches("iframe") ? [element] : element.shadowRoot ? search(element.shadowRoot) : [],
    );
  return search(document);
}

/** Runs in the page. @param {any} element WebDriver gives the element itself */
function hasFocus(element) {
  return element.getRootNode().activeElement === element;
}

/** @param {string} address @param {string} method @param {string} path @param {unknown} [body] @param {number} [patience] milliseconds
 * @returns {Promise<any>} */
async function command(address, method, path, body, patience = 20_000) {
  const signal = AbortSignal.timeout(patience);
  const response = await fetch(address + path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
  }).catch((error) => {
    throw new Error(`${method} ${path}: ${error}`);
  });
  const { value } = /** @type {any} */ (await response.json());
  if (!response.ok) {
    throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  }
  return value;
}

/** @param {import("node:child_process").ChildProcess} child @param {number} [pid] below zero, that of a group */
async function end(child, pid = Number(child.pid)) {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const exited = once(child, "exit");
  process.kill(pid);
  await exited;
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}
