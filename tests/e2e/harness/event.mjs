/**
 * HTTP to Lambda and back: the event that `netlify dev` makes of a request (API Gateway's version 1), with
 * everything in it that has broken a typed parser before, and the reply that a function owes.
 */

import { randomUUID } from "node:crypto";

/**
 * @typedef {{ [name: string]: unknown, httpMethod: string, path: string, headers: Record<string, string>,
 *   body: string | null, isBase64Encoded: boolean }} LambdaEvent
 *
 * @typedef {object} LambdaReply
 * @property {number} statusCode
 * @property {Record<string, string | number | boolean>} [headers]
 * @property {Record<string, (string | number | boolean)[]>} [multiValueHeaders]
 * @property {string} [body]
 * @property {boolean} [isBase64Encoded]
 *
 * @typedef {object} EventOptions
 * @property {boolean} [titleCase] header names as HTTP/1 servers write them, `Content-Type`; the default is lower case
 * @property {boolean} [base64] sends the body in Base64 whatever its type
 * @property {string} [clientIp]
 * @property {Record<string, string>} [headers] added last, so they win
 */

/** @param {import("node:http").IncomingMessage} request @param {Buffer} body @param {EventOptions} [options]
 * @returns {LambdaEvent} */
export function toEvent(
  request,
  body,
  { titleCase = false, base64 = false, clientIp = "127.0.0.1", headers = {} } = {},
) {
  const host = request.headers.host ?? "localhost";
  const url = new URL(request.url ?? "/", `http://${host}`);
  /** @type {Record<string, (string | null)[]>} */
  const values = {
    .../** @type {Record<string, string[]>} */ (request.headersDistinct),
    "client-ip": [clientIp],
    "x-nf-client-connection-ip": [clientIp],
    "x-nf-account-id": [""],
    "x-nf-site-id": ["0"],
    "x-nf-request-id": [randomUUID()],
    // No geo data is known offline: a list that holds null.
    "x-nf-geo": [null],
  };
  for (const [name, value] of Object.entries(headers)) {
    values[name.toLowerCase()] = [value];
  }
  const named = Object.entries(values).map(
    ([name, list]) => /** @type {const} */ ([titleCase ? toTitleCase(name) : name, list]),
  );
  const query = [...url.searchParams.keys()].map((key) => /** @type {const} */ ([key, url.searchParams.getAll(key)]));
  const isBase64Encoded = base64 || !isText(request.headers["content-type"]);
  return {
    path: url.pathname,
    httpMethod: request.method ?? "GET",
    queryStringParameters: Object.fromEntries(query.map(([key, list]) => [key, list.join(", ")])),
    multiValueQueryStringParameters: Object.fromEntries(query),
    headers: Object.fromEntries(named.map(([name, list]) => [name, list.join(", ")])),
    multiValueHeaders: Object.fromEntries(named),
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
    rawUrl: url.href,
    rawQuery: url.search.slice(1),
    route: null,
    requestContext: {},
    resource: "",
    blobs: Buffer.from("{}").toString("base64"),
  };
}

/** A request without a type, so every GET, counts as binary: `isBase64Encoded` is true and the body null.
 * @param {string | undefined} contentType */
function isText(contentType = "") {
  return /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)|[^;]+\+(json|xml))/i.test(contentType);
}

/** @param {string} name */
function toTitleCase(name) {
  return name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

/** Reads what a function printed or posted. Anything but a well-formed reply is an error.
 * @param {string} text @returns {LambdaReply} */
export function parseReply(text) {
  /** @param {string} problem */
  const malformed = (problem) =>
    new Error(`malformed reply of the function: ${problem}: ${text.slice(0, 500) || "(nothing)"}`);
  /** @type {any} */
  let reply;
  try {
    reply = JSON.parse(text);
  } catch {
    throw malformed("not JSON");
  }
  if (reply?.errorMessage !== undefined) {
    throw new Error(`the function failed: ${reply.errorType}: ${reply.errorMessage}`);
  }
  const { statusCode, headers = {}, multiValueHeaders = {}, body = "", isBase64Encoded = false, ...rest } = reply ?? {};
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
    throw malformed("statusCode");
  }
  if (!Object.values(headers).every(isHeaderValue)) {
    throw malformed("headers");
  }
  if (!Object.values(multiValueHeaders).every((list) => Array.isArray(list) && list.every(isHeaderValue))) {
    throw malformed("multiValueHeaders");
  }
  if (typeof body !== "string") {
    throw malformed("body");
  }
  if (typeof isBase64Encoded !== "boolean") {
    throw malformed("isBase64Encoded");
  }
  if (Object.keys(rest).length > 0) {
    throw malformed(`unknown members ${Object.keys(rest)}`);
  }
  return reply;
}

/** @param {unknown} value */
function isHeaderValue(value) {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** @param {import("node:http").ServerResponse} response @param {LambdaReply} reply */
export function sendReply(
  response,
  { statusCode, headers = {}, multiValueHeaders = {}, body = "", isBase64Encoded = false },
) {
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, String(value));
  }
  for (const [name, values] of Object.entries(multiValueHeaders)) {
    response.setHeader(name, values.map(String));
  }
  response.writeHead(statusCode).end(Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
}
