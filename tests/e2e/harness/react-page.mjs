/** A page that React renders and hydrates whole, and a script of a library that keeps the focus in a dialog. */

import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

import { Page } from "./react-page-view.mjs";

/**
 * @param {string} site origin of the loader
 * @param {string} when whether React hydrates `before` the loader, or `after` it
 * @param {string} [title] what React renders in the browser, if it is not what was served */
export async function bundled(site, when, title = "Kettles") {
  const src = `${site}/w/support.js`;
  const source = `
    import { createElement } from 'react';
    import { hydrateRoot } from 'react-dom/client';
    import { Page } from './react-page-view.mjs';
    window.errors = [];
    window.served = document.querySelector('h1');
    const hydrate = () => hydrateRoot(document, createElement(Page, ${JSON.stringify({ src, title })}), {
      onRecoverableError: (error) => window.errors.push(String(error)),
    });
    const later = () => document.querySelector('chatkit-launcher') ? hydrate() : setTimeout(later, 20);
    ${when === "after" ? "later" : "hydrate"}();`;
  const options = /** @type {const} */ ({
    bundle: true,
    write: false,
    format: "iife",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const [script, trap] = await Promise.all(
    [
      source,
      "import { createFocusTrap } from 'focus-trap'; createFocusTrap('#it', { allowOutsideClick: true }).activate();",
    ].map(async (contents) => {
      const { outputFiles } = await build({ ...options, stdin: { contents, resolveDir } });
      return outputFiles[0].text;
    }),
  );
  const html = renderToString(createElement(Page, { src, title: "Kettles" })).replace(
    "</head>",
    '<script defer src="/app.js"></script></head>',
  );
  return { html: `<!doctype html>${html}`, script, trap };
}
