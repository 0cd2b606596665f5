/** Loads the page anew once the files have become right, or other things are wrong with them. */

const events = new EventSource("/_/events");

events.addEventListener("site", () => location.reload());

// What happened while the preview was away is not told again.
events.addEventListener("error", () => events.addEventListener("open", () => location.reload(), { once: true }), {
  once: true,
});

addEventListener("pagehide", () => events.close());
