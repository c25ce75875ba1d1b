// What the console knows: the open tickets, and what was typed but has not
// reached the desk. Pages read it and are told when it changes.

import * as api from "./api.js";
import { standing } from "./clock.js";

const prefix = "raisehand.";

/** The open tickets, asked for at most once at a time and once a second. */
export class Queue {
  constructor() {
    this.items = new Map(); // id → QueueItem
    this.loaded = false;
    this.watchers = new Set();
    this.newP0 = () => {};
  }

  watch(f) {
    this.watchers.add(f);
    return () => this.watchers.delete(f);
  }

  clear() {
    this.items = new Map();
    this.loaded = false;
    clearTimeout(this.timer);
    this.timer = null;
  }

  /** Soon asks the desk again; many calls become one. */
  stale() {
    if (this.timer) return;
    const since = performance.now() - (this.asked || -Infinity);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.load().catch(() => { /* the reach banner and the sign-in page say so */ });
    }, Math.max(60, 700 - since));
  }

  async load() {
    this.asked = performance.now();
    const answer = await api.queue("open", "");
    const before = this.items;
    this.items = new Map((answer.tickets || []).map((item) => [item.status.id, item]));
    if (this.loaded) {
      for (const [id, item] of this.items) {
        if (item.status.priority === "p0" && before.get(id)?.status.priority !== "p0") this.newP0(item);
      }
    }
    this.loaded = true;
    for (const f of this.watchers) f();
  }

  list() { return [...this.items.values()]; }
}

/** Orders by what is due first; what nobody waits for comes after. */
export function byDue(a, b) {
  const x = standing(a.status), y = standing(b.status);
  const wx = x.left ?? Infinity, wy = y.left ?? Infinity;
  if (wx !== wy) return wx - wy;
  const rank = rankOf(a.status) - rankOf(b.status);
  if (rank) return rank;
  return a.status.priority.localeCompare(b.status.priority) || a.status.number - b.status.number;
}

// Among those without a running deadline: ours to act on before theirs.
const ranks = { received: 0, assigned: 1, in_progress: 1, waiting_user: 2, solved: 3, withdrawn: 3 };
const rankOf = (status) => ranks[status.state] ?? 1;

/** Typed words, kept on this computer until they are sent. One per person and ticket. */
export const drafts = {
  read: (who, ticket) => get(`draft.${who}.${ticket}`) || "",
  write: (who, ticket, text) => (text ? set(`draft.${who}.${ticket}`, text) : drop(`draft.${who}.${ticket}`)),
};

/** Messages on their way. Each has its ID from the start, so that one that is
 * sent twice, over a bad network or from two windows, is said once. */
export class Outbox {
  constructor(who) {
    this.key = `outbox.${who}`;
    this.changed = () => {};
    this.sent = () => {};
  }

  all() {
    try { return JSON.parse(get(this.key) || "[]"); } catch { return []; }
  }

  of(ticket) { return this.all().filter((m) => m.ticket === ticket); }

  put(ticket, text) {
    this.save([...this.all(), { id: api.uuid(), ticket, text, at: Date.now() }]);
    return this.flush();
  }

  /** Forgets a refused message and gives its text back. */
  takeBack(id) {
    const found = this.all().find((m) => m.id === id);
    this.save(this.all().filter((m) => m.id !== id));
    return found ? found.text : "";
  }

  save(list) {
    if (list.length) set(this.key, JSON.stringify(list)); else drop(this.key);
    this.changed();
  }

  /** Sends what waits, in order; stops at the first that finds no desk. */
  async flush() {
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    try {
      for (const m of this.all()) {
        if (m.refused) continue;
        try {
          await api.message(m.ticket, { id: m.id, text: m.text });
          this.save(this.all().filter((x) => x.id !== m.id));
          this.sent(m.ticket);
        } catch (error) {
          if (!(error instanceof api.Problem) || error.status === 401 || error.status === 429 || error.status >= 500) throw error;
          this.save(this.all().map((x) => (x.id === m.id ? { ...x, refused: error.code || String(error.status) } : x)));
        }
      }
    } finally {
      this.busy = false;
    }
    if (this.again) { this.again = false; await this.flush(); }
  }
}

// Storage may be forbidden; then typed words live as long as the page does.
const memory = new Map();
export function get(key) {
  try { return localStorage.getItem(prefix + key); } catch { return memory.get(key) ?? null; }
}
export function set(key, value) {
  try { localStorage.setItem(prefix + key, value); } catch { memory.set(key, value); }
}
export function drop(key) {
  try { localStorage.removeItem(prefix + key); } catch { memory.delete(key); }
}
