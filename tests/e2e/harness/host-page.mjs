/** Foreign pages that a snippet is pasted into, on an origin that is not the site's. */

import { listen } from "./http.mjs";

/**
 * @typedef {string | { html: string, headers?: Record<string, string> }} HostPage HTML, or HTML with headers such as
 *   a Content-Security-Policy
 */

/** Serves pages from a map, which a test may change at any time.
 *
 * A port does not make a site: `127.0.0.1:1` and `127.0.0.1:2` share cookies and storage partitions. So the default
 * host name differs from that of the site server. Every name under `localhost` is a secure context and resolves to
 * this machine; for a page that is no secure context, take a name under `test` (see `browser.mjs`).
 * @param {Record<string, HostPage>} pages by path
 * @param {{ hostname?: string, headers?: Record<string, string>, port?: number }} [options] headers are for all pages */
export async function serveHostPages(pages, { hostname = "www.localhost", headers = {}, port } = {}) {
  const server = await listen(
    (request, response) => {
      const path = new URL(request.url ?? "/", "http://host").pathname;
      if (path === "/favicon.ico") {
        return response.writeHead(204).end();
      }
      if (!Object.hasOwn(pages, path)) {
        return response.writeHead(404, { "Content-Type": "text/plain" }).end("no such host page");
      }
      const page = typeof pages[path] === "string" ? { html: pages[path] } : pages[path];
      response.writeHead(200, {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        ...headers,
        ...page.headers,
      });
      return response.end(page.html);
    },
    { port },
  );
  const origin = `http://${hostname}:${server.port}`;
  return {
    origin,
    pages,
    /** The address of a page. @param {string} [path] */
    url: (path = "/") => `${origin}${path}`,
    close: server.close,
  };
}
