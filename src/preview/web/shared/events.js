/** The server's events, for as long as somebody looks. */

/** Milliseconds after which a server that has sent us away is asked again. */
const RETRY = 2000;

/**
 * Listens while the page is seen. In the background and in the browser's cache of pages it would only hold one of the
 * few connections that a browser has to one host. Whoever comes back has missed something: `opened` finds out what.
 *
 * @param {string} address
 * @param {{ opened: () => void } & Record<string, (data: any) => void>} handlers by the event's name
 */
export function follow(address, { opened, ...handlers }) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout>} */
  let retry;

  const close = () => {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    if (document.visibilityState === "hidden") {
      return;
    }
    // A page of somebody's own may have another base than its address.
    const own = (source = new EventSource(new URL(address, location.origin)));
    own.onopen = opened;
    own.onerror = () => {
      // A browser tries again by itself, unless it was answered with something else than events.
      if (own === source && own.readyState === EventSource.CLOSED) {
        retry = setTimeout(open, RETRY);
      }
    };
    for (const [name, handle] of Object.entries(handlers)) {
      own.addEventListener(name, ({ data }) => own === source && handle(JSON.parse(data)));
    }
  };

  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", ({ persisted }) => persisted && open());
  open();
}

/**
 * Work that is done once at a time. What comes meanwhile is one more time, and not several.
 *
 * @template Argument
 * @param {(argument: Argument) => Promise<void>} work
 * @returns {(argument: Argument) => void}
 */
export function oneAtATime(work) {
  let isRunning = false;
  /** @type {{ argument: Argument } | null} */
  let next = null;
  const run = async (/** @type {Argument} */ argument) => {
    isRunning = true;
    try {
      await work(argument);
    } catch (error) {
      console.warn("preview:", error);
    }
    isRunning = false;
    if (next) {
      const { argument } = next;
      next = null;
      run(argument);
    }
  };
  return (argument) => {
    if (isRunning) {
      next = { argument };
    } else {
      run(argument);
    }
  };
}
