/**
 * Stands in for OpenAI's `chatkit.js` where there is no key: it looks and behaves much like that one, and nobody
 * answers. As that one is, this is a classic script, which brings the modules.
 */
{
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  import(new URL("element.js", src).href);
}
