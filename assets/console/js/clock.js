// The desk's clock, and every countdown on the page: deadlines are absolute
// and the desk's, so the browser's own clock may be wrong by hours.

import { svg, say } from "./dom.js";
import { t, span, whenExactly } from "./words.js";

let base = null; // {server, at, trip}: at performance.now() = at, the desk's clock said server
let wall = 0;    // Date.now() - performance.now() when base was taken

/** Learns from an answer that was asked for at t0 and had come at t1. */
export function learn(serverTime, t0, t1) {
  const server = Date.parse(serverTime);
  if (Number.isNaN(server)) return;
  const trip = t1 - t0;
  // A slow answer tells the time worse than a quick one did, unless that was long ago.
  if (base && trip > base.trip + 50 && t1 - base.at < 120000 && !slept()) return;
  base = { server: server + trip / 2, at: t1, trip };
  wall = Date.now() - performance.now();
  tick();
}

/** Milliseconds since 1970 by the desk's clock. */
export const now = () => (base ? base.server + performance.now() - base.at : Date.now());

/** Whether the computer slept: performance.now() may stand still meanwhile. */
export const slept = () => Boolean(base) && Math.abs(Date.now() - performance.now() - wall) > 5000;

const shown = new Set();

/** How a deadline stands: {kind, left, share}. */
export function standing(status) {
  const d = status.deadline;
  const open = status.state !== "solved" && status.state !== "withdrawn";
  if (!d || !d.response_due) return { kind: "none" };
  const due = Date.parse(d.response_due);
  if (d.met_at) return { kind: "met", late: Date.parse(d.met_at) > due, left: Infinity, due };
  if (!open) return { kind: "none" };
  if (d.paused) return { kind: "paused", left: Infinity, due };
  const left = due - now();
  const began = Date.parse((status.timeline || [])[0]?.at);
  const whole = Number.isNaN(began) ? undefined : due - began;
  const share = whole > 0 ? Math.min(1, Math.max(0, left / whole)) : undefined;
  if (left <= 0) return { kind: "overdue", left, share: 0, due };
  const soon = left < 5 * 60000 || (share !== undefined && share < 0.25);
  return { kind: soon ? "soon" : "running", left, share, due };
}

/** 24:10, 1:24:10, or days and hours. Tabular digits keep it from dancing. */
export function digits(ms) {
  // Rounded so that a countdown shows 0:00 only in its last second.
  const s = ms >= 0 ? Math.ceil(ms / 1000) : Math.floor(-ms / 1000);
  if (s >= 48 * 3600) return span(s * 1000);
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  return hours ? `${hours}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}` : `${two(Math.floor(s / 60))}:${two(s % 60)}`;
}

/** Keeps el showing get()'s deadline once a second for as long as it is on the
 * page. Returns a function that shows it now. */
export function countdown(el, get, draw) {
  const one = { el, get, draw, was: false };
  shown.add(one);
  show(one);
  return () => show(one);
}

/** Draws what is on the page anew, now. */
export function tick() {
  for (const one of shown) {
    if (one.el.isConnected) one.was = true;
    else if (one.was) { shown.delete(one); continue; }
    show(one);
  }
}

function show(one) {
  const status = one.get();
  if (status) (one.draw || small)(one.el, standing(status));
}

/** The countdown of a line: a shape, then digits. */
export function small(el, s) {
  const kind = `left ${s.kind}`;
  if (el.className !== kind) el.className = kind;
  if (s.due) {
    const title = t("due.at", { time: whenExactly(new Date(s.due).toISOString()) });
    if (el.title !== title) el.title = title;
  } else el.removeAttribute("title");
  say(el, wording(s));
}

function wording(s) {
  switch (s.kind) {
    case "met": return t(s.late ? "due.met_late" : "due.met");
    case "paused": return t("due.paused");
    case "overdue": return t("due.overdue", { time: digits(s.left) });
    case "none": return "–";
  }
  return digits(s.left);
}

/** A ring that empties. */
export function ring() {
  const around = 2 * Math.PI * 20;
  const arc = svg("circle", { class: "arc", cx: 24, cy: 24, r: 20, "stroke-dasharray": around, "stroke-dashoffset": 0, transform: "rotate(-90 24 24)" });
  const el = svg("svg", { class: "ring", viewBox: "0 0 48 48", "aria-hidden": "true" }, svg("circle", { class: "track", cx: 24, cy: 24, r: 20 }), arc);
  return { el, set: (share) => arc.setAttribute("stroke-dashoffset", String(around * (1 - share))) };
}

/** Ticks on the second of the desk's clock. */
export function start() {
  const beat = () => {
    tick();
    setTimeout(beat, 1000 - (now() % 1000) + 5);
  };
  beat();
}
