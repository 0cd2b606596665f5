/**
 * The preview's server as the studio sees it: the state of one site.yaml, drafts of it, differences, saving, events.
 * It checks by the JSON Schema only, and its stage is a page that says what it was asked for.
 */

import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import { parse, parseDocument } from "yaml";

import { listen, readBody, sendJson } from "../harness/http.mjs";
import { lineDiff } from "./line-diff.mjs";

const STUDIO = new URL("../../../src/preview/web/studio/", import.meta.url);
const ICONS = new URL("../../../themes/default/icons/", import.meta.url);
const THEMES = new URL("../../../themes/", import.meta.url);

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * @typedef {import("node:http").ServerResponse} ServerResponse
 * @typedef {{ path: string[], value?: any }} Edit
 * @typedef {{ path: string | null, message: string, help: string | null, file: string, line: number, column: number, rendered: string }} Problem
 * @typedef {Awaited<ReturnType<typeof startPreviewDouble>>} PreviewDouble
 */

/** Starts both origins.
 * @param {object} options
 * @param {string} options.text of site.yaml
 * @param {any} options.schema
 * @param {{ allowed: boolean, why: string | null }} [options.saving]
 * @param {{ real: boolean, why: string | null }} [options.mode]
 * @param {string | null} [options.ownHostPage] */
export async function startPreviewDouble({
  text,
  schema,
  saving = { allowed: true, why: null },
  mode = { real: false, why: "OPENAI_API_KEY is not set" },
  ownHostPage = null,
}) {
  const token = "a-token-of-the-test";
  const check = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
  // As its YAML library writes it, so that a difference is what an edit did.
  let site = parseDocument(text).toString({ lineWidth: 0 });
  let demo = true;
  let quiet = false;
  /** @type {{ response: ServerResponse, draft: string | null }[]} */
  const listeners = [];
  /** Every call of the API, in order. @type {{ name: string, body: any }[]} */
  const calls = [];
  /** Texts by revision, so that edits against an old state can be shown. @type {Map<string, string>} */
  const known = new Map();
  /** How long a draft takes. */
  let delay = 0;

  const revisionOf = (/** @type {string} */ source) =>
    `r${[...source].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7).toString(36)}`;

  /** @param {string} source @param {any} value @returns {Problem[]} */
  function problemsOf(source, value) {
    if (check(value)) {
      return [];
    }
    const seen = new Set();
    return (check.errors ?? []).flatMap(({ instancePath, message, params }) => {
      const more = params?.missingProperty ?? params?.additionalProperty;
      const path = instancePath.slice(1).replaceAll("/", ".");
      if (seen.has(path)) {
        return [];
      }
      seen.add(path);
      const key = path.split(".").pop() ?? "";
      const line = Math.max(1, source.split("\n").findIndex((each) => each.includes(`${key}:`)) + 1);
      const said = params?.additionalProperty ? `unknown key \`${more}\`` : `\`${key}\` ${message}`;
      return [
        {
          path,
          message: said,
          help: null,
          file: "site.yaml",
          line,
          column: 1,
          rendered: `error: ${said}\n --> site.yaml:${line}:1`,
        },
      ];
    });
  }

  /** @param {string} source @returns {{ value: any, problems: Problem[] }} */
  function read(source) {
    const document = parseDocument(source);
    if (document.errors.length > 0) {
      const [{ message, linePos }] = document.errors;
      const line = linePos?.[0].line ?? 1;
      return {
        value: {},
        problems: [
          {
            path: null,
            message: message.split("\n")[0],
            help: null,
            file: "site.yaml",
            line,
            column: 1,
            rendered: `error: ${message}\n --> site.yaml:${line}:1`,
          },
        ],
      };
    }
    const value = document.toJS() ?? {};
    return { value, problems: problemsOf(source, value) };
  }

  /** @param {string} source @param {Edit[]} edits */
  function edited(source, edits) {
    const document = parseDocument(source);
    for (const { path, value } of edits) {
      if (value === undefined) {
        document.deleteIn(path);
      } else {
        document.setIn(path, typeof value === "object" ? document.createNode(value) : value);
      }
    }
    return document.toString({ lineWidth: 0 });
  }

  /** @param {any} value */
  function widgetsOf(value) {
    return Object.entries(value.widgets ?? {}).map(([name, written]) => ({
      name,
      file: "site.yaml",
      backend: written?.backend?.type ?? value.defaults?.backend?.type ?? null,
      written: written ?? {},
      inherited: merge(
        { chatkit: { theme: { radius: "round" } }, ...(value.site?.brand && { brand: value.site.brand }) },
        value.defaults ?? {},
      ),
    }));
  }

  /** @param {string} name @param {unknown} data @param {string} [draft] */
  function send(name, data, draft) {
    for (const listener of listeners) {
      if (draft === undefined || listener.draft === draft) {
        listener.response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      }
    }
  }

  function changed() {
    const { problems } = read(site);
    known.set(revisionOf(site), site);
    if (!quiet) {
      send("site", { revision: revisionOf(site), ok: problems.length === 0, problems });
    }
  }
  known.set(revisionOf(site), site);

  /** @param {string} name @param {any} body @returns {Promise<[status: number, body: unknown]>} */
  async function call(name, body) {
    const revision = revisionOf(site);
    switch (name) {
      case "state": {
        const { value, problems } = read(site);
        return [
          200,
          {
            revision,
            config: "site.yaml",
            site: value.site ?? {},
            defaults: value.defaults ?? {},
            widgets: Object.keys(value.widgets ?? {}),
            problems,
            schema,
            icons: await icons(),
            themes: await themes(),
            mode: { demo, ...mode },
            saving,
            stage: stage.url,
            own_host_page: ownHostPage,
          },
        ];
      }
      case "widgets": {
        const { value } = read(known.get(body.revision) ?? site);
        return [200, { widgets: widgetsOf(value).filter(({ name }) => body.names.includes(name)) }];
      }
      case "draft": {
        if (delay > 0) {
          await new Promise((resolve) => setTimeout(resolve, delay));
        }
        if (body.revision !== revisionOf(site)) {
          return [409, { error: { code: "stale", message: "the files have changed" } }];
        }
        const source = edited(site, body.edits);
        const { value, problems } = read(source);
        const edits = body.edits.filter((/** @type {Edit} */ { path }) => path[0] === "widgets");
        const names = [body.widget, ...edits.map((/** @type {Edit} */ { path }) => path[1])];
        const widgets = widgetsOf(value).filter(({ name }) => names.includes(name));
        const snippets = Object.fromEntries(widgets.map((each) => [each.name, snippetsOf(each.name)]));
        if (problems.length === 0) {
          send("change", { prefix: `/~${body.id}`, stamps: {} }, body.id);
        }
        return [200, { ok: problems.length === 0, problems, prefix: `/~${body.id}`, widgets, snippets }];
      }
      case "diff": {
        const before = known.get(body.revision);
        if (before === undefined) {
          return [409, { error: { code: "stale", message: "the files have changed" } }];
        }
        return [200, { files: files(before, edited(before, body.edits)) }];
      }
      case "save": {
        if (!saving.allowed) {
          return [403, { error: { code: "saving_is_off", message: saving.why } }];
        }
        const before = known.get(body.revision) ?? site;
        if (body.revision !== revision) {
          known.set(revision, site);
          const error = { code: "changed_on_disk", message: "the files have changed since" };
          return [
            409,
            {
              error,
              theirs: files(before, site),
              mine: files(before, edited(before, body.edits)),
              revision,
              merges: true,
            },
          ];
        }
        const source = edited(site, body.edits);
        const { problems } = read(source);
        if (problems.length > 0) {
          return [422, { problems }];
        }
        site = source;
        changed();
        return [200, { revision: revisionOf(site) }];
      }
      case "starters":
        return [200, STARTERS];
      case "logo":
        return body.startsWith("<svg")
          ? [200, { name: "logo.svg" }]
          : [400, { error: { code: "not_a_logo", message: "this file is not a picture" } }];
      case "website":
        return body.address.includes("morrow")
          ? [200, { name: "Morrow", language: "de", color: "#0a7d55", font: "Inter, sans-serif", logo: null }]
          : [400, { error: { code: "not_read", message: "failed to read it: the site cannot be reached" } }];
      case "import": {
        if (!body.text.includes("{")) {
          return [
            422,
            {
              problems: [
                {
                  path: null,
                  message: "no options in there",
                  help: "copy the whole code",
                  file: "pasted",
                  line: 1,
                  column: 1,
                  rendered: "error: no options in there\n --> pasted:1:1",
                },
              ],
            },
          ];
        }
        const base = ["widgets", body.widget, "chatkit"];
        return [
          200,
          {
            edits: [
              { path: [...base, "theme", "density"], value: "compact" },
              { path: [...base, "startScreen", "greeting"], value: "Pasted greeting" },
            ],
            notes: [{ line: 12, message: "`api` is left out: the back end decides it" }],
          },
        ];
      }
      case "mode":
        demo = body.demo;
        send("mode", { demo, down: false });
        return [200, { demo }];
      case "network":
        send("mode", { demo, down: body.down });
        return [200, { down: body.down }];
      case "knowledge":
        return [200, {}];
      default:
        return [404, { error: { code: "not_found", message: "no such call" } }];
    }
  }

  const stage = await listen((request, response) => {
    const url = new URL(request.url ?? "/", "http://stage");
    if (url.pathname === "/stage.js") {
      return response.writeHead(200, { "Content-Type": TYPES[".js"] }).end(STAGE_SCRIPT);
    }
    const asked = [...url.searchParams].map(([key, value]) => `${key}=${value}`).join(" ");
    response.writeHead(200, { "Content-Type": TYPES[".html"] });
    response.end(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A host page</title><main><h1>A host page</h1><p id="asked">${asked}</p><ul id="told"></ul></main><script src="/stage.js"></script>`,
    );
  });

  const main = await listen(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://preview");
    if (url.pathname === "/_/events") {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.write(": here\n\n");
      const listener = { response, draft: url.searchParams.get("draft") };
      listeners.push(listener);
      request.on("close", () => listeners.splice(listeners.indexOf(listener), 1));
      return;
    }
    if (url.pathname.startsWith("/_/api/")) {
      if (request.headers["x-preview-token"] !== token) {
        return sendJson(response, 403, { error: { code: "wrong_token", message: "load the page anew" } });
      }
      const name = url.pathname.slice("/_/api/".length);
      const text = (await readBody(request)).toString();
      const isJson = request.headers["content-type"] === "application/json";
      const body = request.method === "POST" ? (isJson ? JSON.parse(text) : text) : undefined;
      calls.push({ name, body });
      return sendJson(response, ...(await call(name, body)), { "Cache-Control": "no-store" });
    }
    const name = url.pathname === "/" ? "index.html" : /^\/_\/studio\/([\w.-]+)$/.exec(url.pathname)?.[1];
    const file = name ? await readFile(new URL(name, STUDIO), "utf8").catch(() => null) : null;
    // The drawings belong to another part of the preview, which is not here.
    if (url.pathname === "/_/demo/icons.js") {
      return response
        .writeHead(200, { "Content-Type": TYPES[".js"] })
        .end('export const ICONS = { star: ["M12 3l3 6 6 1-4.5 4 1 6-5.5-3-5.5 3 1-6L3 10l6-1z"] };');
    }
    const shared = /^\/_\/(shared\/\w+\.js)$/.exec(url.pathname)?.[1];
    if (shared) {
      return response
        .writeHead(200, { "Content-Type": TYPES[".js"] })
        .end(await readFile(new URL(`../${shared}`, STUDIO)));
    }
    if (url.pathname === "/_/shared/lucide.json") {
      return sendJson(response, 200, { package: ["M4 7l8-4 8 4v10l-8 4-8-4z"], rocket: ["M12 3v18"] });
    }
    if (!name || file === null) {
      return response.writeHead(404).end();
    }
    response.writeHead(200, {
      "Content-Type": TYPES[extname(name)] ?? "text/plain",
      "Cache-Control": "no-store",
      ...(name === "index.html" && { "Content-Security-Policy": policy(stage.url) }),
    });
    response.end(file.replace("{{ token }}", token));
  });

  return {
    url: main.url,
    stage: stage.url,
    calls,
    /** site.yaml as it is on the disk. */
    text: () => site,
    /** Changes site.yaml, as an editor would. @param {string} from @param {string} to */
    async change(from, to) {
      if (!site.includes(from)) {
        throw new Error(`site.yaml has no ${from}`);
      }
      site = site.replace(from, to);
      changed();
    },
    /** Says nothing of changes on the disk, as if they were not noticed yet. @param {boolean} now */
    setQuiet: (now) => void (quiet = now),
    /** @param {number} ms */
    setDelay: (ms) => void (delay = ms),
    send,
    /** How many pages listen to events. */
    listeners: () => listeners.length,
    close: () => Promise.all([main.close(), stage.close()]),
  };
}

/** Two templates, one of them in two languages. */
const STARTERS = {
  language: "de",
  templates: [
    starter("support", "support", { de: "Guten Tag", en: "Hello" }),
    starter("internal", "help", { en: "What do you need?" }),
  ],
};

/** @param {string} name @param {string} widget @param {Record<string, string>} greetings by language */
function starter(name, widget, greetings) {
  const languages = Object.entries(greetings).map(([language, greeting]) => [
    language,
    {
      backend: { type: "agent", domain_key: "domain_pk_example", instructions: greeting },
      chatkit: { startScreen: { greeting } },
      page: { title: greeting, language },
    },
  ]);
  return { name, about: `About ${name}`, widget, languages: Object.fromEntries(languages) };
}

/** @param {string} stage */
const policy = (stage) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; font-src 'self'; frame-src 'self' ${stage}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`;

/** @param {string} before @param {string} after */
const files = (before, after) => (before === after ? [] : [{ path: "site.yaml", diff: lineDiff(before, after) }]);

/** @param {string} name */
function snippetsOf(name) {
  const script = `<script async src="https://chat.example.com/w/${name}.js"></script>\n`;
  return [
    { kind: "bubble", code: script },
    {
      kind: "popup",
      code: `<a href="https://chat.example.com/w/${name}/" data-chat-open="${name}">Chat with us</a>\n${script}`,
    },
    { kind: "inline", code: `<chatkit-widget widget="${name}"></chatkit-widget>\n${script}` },
    { kind: "iframe", code: `<iframe src="https://chat.example.com/w/${name}/" title="Chat"></iframe>\n` },
    { kind: "link", code: `<a href="https://chat.example.com/w/${name}/">Chat with us</a>\n` },
  ];
}

async function icons() {
  const names = ["book-open", "circle-help", "life-buoy", "message-circle", "message-square", "sparkles"];
  return Promise.all(names.map(async (name) => ({ name, svg: await readFile(new URL(`${name}.svg`, ICONS), "utf8") })));
}

/** The shipped themes, with all variables. */
async function themes() {
  const entries = await readdir(THEMES, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const read = async (/** @type {string} */ name) =>
    parse(await readFile(new URL(`${name}/theme.yaml`, THEMES), "utf8"));
  const below = await read("default");
  return Promise.all(
    names.sort().map(async (name) => {
      const own = await read(name);
      const variables = /** @type {Record<string, any>} */ (merge(below.variables, own.variables));
      return {
        name,
        description: own.description,
        defaults: merge(below.defaults, own.defaults),
        variables: Object.entries(variables)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, { description, value, on = null, brand = null }]) => ({
            name: key,
            description,
            kind: typeof value === "object" || value.startsWith("#") ? "color" : /\d/.test(value) ? "length" : "fonts",
            value,
            on,
            brand,
          })),
      };
    }),
  );
}

/** @param {any} under @param {any} over @returns {any} */
function merge(under, over) {
  const isMap = (/** @type {any} */ value) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMap(under) || !isMap(over)) {
    return over ?? under;
  }
  return Object.fromEntries(
    [...new Set([...Object.keys(under), ...Object.keys(over)])].map((key) => [
      key,
      key in over ? merge(under[key], over[key]) : under[key],
    ]),
  );
}

/** Says that it is there, and what it was told. */
const STAGE_SCRIPT = `
parent.postMessage({ preview: 'ready' }, '*');
addEventListener('message', (event) => {
  if (event.data?.preview !== 'do') return;
  document.getElementById('told').append(Object.assign(document.createElement('li'), { textContent: event.data.what }));
  parent.postMessage({ preview: 'event', name: 'chat:thread-changed', detail: { widget: 'support' }, time: Date.now() }, '*');
});
`;
