/** The session resource of OpenAI's ChatKit API: what a request may hold, and what the reply then says. */

import { randomBytes } from "node:crypto";
import { Ajv } from "ajv";

/** @param {Record<string, unknown>} properties @param {string[]} [required] */
const strict = (properties, required = []) => ({ type: "object", additionalProperties: false, required, properties });

const enabled = { type: "boolean" };
const positive = { type: "integer", minimum: 1 };

/** The body of `POST /v1/chatkit/sessions`. The API refuses what it does not know, at every level. */
export const REQUEST_SCHEMA = strict(
  {
    workflow: strict(
      {
        id: { type: "string" },
        version: { type: "string" },
        state_variables: {
          type: "object",
          maxProperties: 64,
          propertyNames: { maxLength: 64 },
          additionalProperties: {
            anyOf: [{ type: "string", maxLength: 10485760 }, { type: "number" }, { type: "boolean" }],
          },
        },
        tracing: strict({ enabled }),
      },
      ["id"],
    ),
    user: { type: "string", minLength: 1 },
    expires_after: strict({ anchor: { const: "created_at" }, seconds: { type: "integer", minimum: 1, maximum: 600 } }, [
      "anchor",
      "seconds",
    ]),
    rate_limits: strict({ max_requests_per_1_minute: positive }),
    chatkit_configuration: strict({
      automatic_thread_titling: strict({ enabled }),
      file_upload: strict({ enabled, max_file_size: { ...positive, maximum: 512 }, max_files: positive }),
      history: strict({ enabled, recent_threads: positive }),
    }),
  },
  ["workflow", "user"],
);

const validate = new Ajv({ allErrors: true }).compile(REQUEST_SCHEMA);

/** What is wrong with a request body: the parameter that the API names, and a sentence. Null when nothing is.
 * @param {unknown} body @returns {{ param: string | null, message: string } | null} */
export function findMistake(body) {
  if (validate(body)) {
    return null;
  }
  const [{ instancePath, keyword, params, message }] = /** @type {import("ajv").ErrorObject[]} */ (validate.errors);
  const parent = instancePath.slice(1).replaceAll("/", ".");
  const key = params.additionalProperty ?? params.missingProperty ?? params.propertyName;
  const param = [parent, key].filter(Boolean).join(".") || null;
  if (keyword === "additionalProperties") {
    return { param, message: `Unknown parameter: '${param}'.` };
  }
  if (keyword === "required") {
    return { param, message: `Missing required parameter: '${param}'.` };
  }
  return { param, message: `Invalid value for '${param}': ${message}.` };
}

/** The reply to a valid request, with every default filled in.
 * @param {any} body a request body in which `findMistake` found none
 * @param {number} now unix seconds */
export function createSession(body, now) {
  const { workflow, user, expires_after: expires, rate_limits: limits, chatkit_configuration: configuration } = body;
  const perMinute = limits?.max_requests_per_1_minute ?? 10;
  const upload = configuration?.file_upload ?? {};
  const uploads = upload.enabled ?? false;
  return {
    id: `cksess_${randomBytes(16).toString("hex")}`,
    object: "chatkit.session",
    expires_at: now + (expires?.seconds ?? 600),
    client_secret: `ek_${randomBytes(24).toString("hex")}`,
    workflow: {
      id: workflow.id,
      version: workflow.version ?? null,
      state_variables: workflow.state_variables ?? null,
      tracing: { enabled: workflow.tracing?.enabled ?? true },
    },
    user,
    rate_limits: { max_requests_per_1_minute: perMinute },
    max_requests_per_1_minute: perMinute,
    status: "active",
    chatkit_configuration: {
      automatic_thread_titling: { enabled: configuration?.automatic_thread_titling?.enabled ?? true },
      file_upload: {
        enabled: uploads,
        max_file_size: uploads ? (upload.max_file_size ?? 512) : null,
        max_files: uploads ? (upload.max_files ?? 10) : null,
      },
      history: {
        enabled: configuration?.history?.enabled ?? true,
        recent_threads: configuration?.history?.recent_threads ?? null,
      },
    },
  };
}
