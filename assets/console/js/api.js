// Speaking with the desk: every answer is data, a Problem with a code, or Away.

import { learn } from "./clock.js";

/** The desk answered, and refused. */
export class Problem extends Error {
  constructor(status, code) {
    super(code || `status ${status}`);
    this.status = status;
    this.code = code || "";
  }
}

/** No answer from the desk: no network, or something else answered in its place. */
export class Away extends Error {}

let csrf = "";
let who = "";
let reached = true;
const watchers = new Set();

/** Calls f(true|false) when the desk comes into reach or goes out of it. */
export const onReach = (f) => watchers.add(f);

export const inReach = () => reached;

function reach(yes) {
  if (reached === yes) return;
  reached = yes;
  for (const f of watchers) f(yes);
}

export async function call(method, path, body, again) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  const t0 = performance.now();
  let answer, text;
  try {
    answer = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(15000),
    });
    text = await answer.text();
  } catch (error) {
    reach(false);
    throw new Away(error.message);
  }
  const t1 = performance.now();
  const json = /json/.test(answer.headers.get("Content-Type") || "");
  // A gateway without a desk behind it, or a portal that answers for everyone.
  if ((!json && [502, 503, 504].includes(answer.status)) || (answer.ok && text && !json)) {
    reach(false);
    throw new Away(`status ${answer.status}`);
  }
  let data = null;
  try { data = text && json ? JSON.parse(text) : null; } catch { throw new Away("not JSON"); }
  reach(true);
  if (!answer.ok) {
    const code = data && typeof data.code === "string" ? data.code : "";
    if (code === "desk.csrf" && !again) {
      // Somebody signed in anew in another tab. The same person: go on; another: begin anew.
      const before = who;
      await session();
      if (who === before) return call(method, path, body, true);
      location.reload();
    }
    throw new Problem(answer.status, code);
  }
  const said = data && (data.server_time || (data.status && data.status.server_time));
  if (said) learn(said, t0, t1);
  return data;
}

const ticket = (id) => `/v1/desk/tickets/${encodeURIComponent(id)}`;

export async function signIn(name, password) {
  const me = await call("POST", "/v1/desk/session", { name, password });
  ({ csrf, name: who } = me);
  return me;
}

export async function session() {
  const me = await call("GET", "/v1/desk/session");
  ({ csrf, name: who } = me);
  return me;
}

export const signOut = () => call("DELETE", "/v1/desk/session");
export const queue = (state, q) => call("GET", `/v1/desk/tickets?state=${state}&q=${encodeURIComponent(q || "")}`);
export const page = (id) => call("GET", ticket(id));
export const take = (id) => call("POST", `${ticket(id)}/take`, {});
export const setState = (id, state) => call("POST", `${ticket(id)}/state`, { state });
export const setPriority = (id, priority) => call("POST", `${ticket(id)}/priority`, { priority });
export const message = (id, m) => call("POST", `${ticket(id)}/messages`, m);
export const fileURL = (id, name) => `${ticket(id)}/files/${encodeURIComponent(name)}`;
export const eventsURL = "/v1/desk/events";

/** A random UUID; the browser's own where it offers one. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
