/** A page that React renders and hydrates whole. */

import { createElement as h, useEffect, useState } from "react";

/** @param {{ src: string, title: string }} props */
export function Page({ src, title }) {
  const [count, setCount] = useState(0);
  const [isHydrated, setHydrated] = useState(false);
  useEffect(() => setHydrated(true), []);
  return h(
    "html",
    { lang: "en" },
    h("head", null, h("title", null, "Shop")),
    h(
      "body",
      null,
      h("h1", null, title),
      h("p", null, isHydrated ? "Hydrated" : "Served"),
      h("button", { onClick: () => setCount(count + 1) }, `Count ${count}`),
      h("script", { async: true, src }),
    ),
  );
}
