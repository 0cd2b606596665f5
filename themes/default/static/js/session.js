/** Client secrets: asked for once, shared by the tabs of a browser, and asked for again in time. */

/** A secret that ends within this many seconds, or within half of its life, is not worth starting with. */
export const SPARE = 60;

/** Seconds that a visitor is made to wait in silence of the chat; more is a failure that is said. */
export const LONGEST_WAIT = 120;

/** How often a wait is followed by another. */
const ATTEMPTS = 4;

/** @import { Session, Stage } from "./types.js" */

/** Why there is no chat. */
export class Failure extends Error {
  /**
   * @param {string} code
   * @param {string} message For the owner of the site.
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Seconds that a session still has, by the clock that it was asked for with: no two machines have the same time. A
 * session from the future has none, because the clock was set back since then.
 *
 * @param {Session} session
 * @param {number} now as in `Date.now()`
 */
export function secondsLeft({ asked = Infinity, lifetime = 0 }, now) {
  return asked > now ? 0 : lifetime - (now - asked) / 1000;
}

/**
 * Whether a kept session serves this visitor for a while.
 *
 * @param {Session} session
 * @param {{ now: number, visitor: string | null | undefined, proof: string }} wanted `now` as in `Date.now()`
 */
export function isFresh(session, { now, visitor, proof }) {
  const { secret, lifetime = 0 } = session;
  const isTheirs = !visitor || session.visitor === visitor;
  const isProven = (session.proof ?? "") === proof;
  return Boolean(secret) && isTheirs && isProven && secondsLeft(session, now) > Math.min(SPARE, lifetime / 2);
}

/**
 * Seconds of a `Retry-After`, which is a number or a date. A date counts from the `Date` of the same reply, because
 * the visitor's clock may be another.
 *
 * @param {string | null} value
 * @param {string | null} date
 * @returns {number | null}
 */
export function secondsToWait(value, date) {
  const seconds = value?.trim() ? Number(value) : NaN;
  const wait = Number.isNaN(seconds) ? (Date.parse(value ?? "") - Date.parse(date ?? "")) / 1000 : seconds;
  return Number.isFinite(wait) ? Math.max(0, Math.ceil(wait)) : null;
}

/** @param {string | undefined} identity a JWT; the beginning of its signature tells it from others, and nothing else */
const proofOf = (identity) => identity?.split(".")[2]?.slice(0, 8) ?? "";

/**
 * Whom a JWT is about. Not verified: only good for telling one from another.
 *
 * @param {string | undefined} identity
 * @returns {string | undefined}
 */
export function subjectOf(identity) {
  try {
    const payload = identity?.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return payload && JSON.parse(atob(payload)).sub;
  } catch {
    return identity;
  }
}

/**
 * @param {Stage} stage
 * @param {(seconds: number) => void} onWait
 * @param {(error: unknown) => Promise<Failure>} unreached The reason why there was no answer at all.
 */
export function createSessions({ settings, store, kept, exclusively, look }, onWait, unreached) {
  /** @type {Session | undefined} The last one whose secret was handed out. */
  let last;

  /** @returns {string | undefined} */
  function reuse() {
    const session = kept.read();
    const wanted = { now: Date.now(), visitor: store.read().visitor, proof: proofOf(look.identity) };
    if (isFresh(session, wanted)) {
      last = session;
      store.write({ visitor: session.visitor ?? null });
      return session.secret;
    }
    return undefined;
  }

  /** @returns {Promise<string>} */
  async function mint(attempt = 1) {
    const visitor = store.read().visitor ?? kept.read().visitor;
    const proof = proofOf(look.identity);
    // Earlier than the session begins, so that it ends here before it ends there.
    const asked = Date.now();
    const response = await fetch(settings.backend.sessionUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      // Absent, not null: a function that knows nothing of a member refuses it.
      body: JSON.stringify({ widget: settings.widget, visitor: visitor ?? undefined, identity: look.identity }),
    }).catch(async (error) => {
      throw await unreached(error);
    });
    const reply = await response.json().catch(() => null);
    if (response.ok && typeof reply?.client_secret === "string") {
      const next = reply.visitor ?? visitor ?? null;
      last = { secret: reply.client_secret, asked, lifetime: reply.expires_in ?? 0, visitor: next, proof };
      kept.write(last);
      store.write({ visitor: next });
      return reply.client_secret;
    }
    const { status, headers } = response;
    const wait =
      status === 429 || status === 503 ? secondsToWait(headers.get("Retry-After"), headers.get("Date")) : null;
    if (wait !== null && wait <= LONGEST_WAIT && attempt < ATTEMPTS) {
      onWait(wait);
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
      return mint(attempt + 1);
    }
    const { code = status === 429 ? "rate_limited" : "other", message = `HTTP ${status}` } = reply?.error ?? {};
    throw new Failure(code, `no session: ${message}`);
  }

  return {
    /** @param {string | null} current The secret that ends, if there is one: then a new one is minted. */
    secret: (current) => exclusively(async () => (current ? undefined : reuse()) ?? mint()),
    hasEnded: () => last !== undefined && secondsLeft(last, Date.now()) <= 0,
    forget() {
      last = undefined;
      kept.clear();
    },
  };
}
