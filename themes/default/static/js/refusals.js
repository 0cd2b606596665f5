/** What the browser says that a policy keeps from this page. */

/** @type {Map<string, string>} What keeps out whom, by the directive (or nothing) and the origin. */
const refusals = new Map();

/** @param {string} address Some browsers tell the origin alone. */
const originOf = (address) => address.split("/", 3).join("/");

/** @param {any} violation of the page's Content-Security-Policy */
function ofPolicy({ disposition, blockedURI, effectiveDirective }) {
  const directive = effectiveDirective.replace(/-elem$/, "");
  if (disposition === "enforce") {
    refusals.set(`${directive} ${originOf(blockedURI)}`, `${directive} of its Content-Security-Policy`);
  }
}

/** @param {any} report Chromium has its members in the JSON alone. */
function ofEmbedding({ body }) {
  const { disposition, blockedURL } = body.toJSON();
  if (disposition === "enforce") {
    refusals.set(` ${originOf(blockedURL)}`, "its Cross-Origin-Embedder-Policy");
  }
}

/** Listens from now on: browsers tell nobody who comes later. */
export function watchRefusals() {
  document.addEventListener("securitypolicyviolation", ofPolicy);
  // Not in Firefox.
  const Observer = /** @type {any} */ (window).ReportingObserver;
  if (Observer) {
    new Observer((/** @type {any[]} */ reports) => reports.forEach(ofEmbedding), {
      types: ["coep"],
      buffered: true,
    }).observe();
  }
}

/**
 * What keeps an address out of this page, if the browser said so.
 *
 * @param {string} address
 * @param {"connect-src" | "frame-src" | "script-src"} directive
 * @returns {string | undefined}
 */
export function refusalOf(address, directive) {
  const origin = originOf(address);
  return refusals.get(`${directive} ${origin}`) ?? refusals.get(` ${origin}`);
}
