// The console's composition: words → session → queue or ticket, by the address.

import { h, fill, clean } from "./dom.js";
import * as words from "./words.js";
import { t } from "./words.js";
import * as clock from "./clock.js";
import * as api from "./api.js";
import { Queue, Outbox } from "./store.js";
import { Live } from "./live.js";
import * as frame from "./frame.js";
import * as keys from "./keys.js";
import { signIn } from "./signin.js";
import { queuePage, headline, channels } from "./queue.js";
import { ticketPage } from "./ticket.js";

const root = document.getElementById("app");

const app = {
  me: null,
  queue: new Queue(),
  outbox: null,
  live: null,
  page: null,
  lastName: "",
  last: "#/", // the queue's channel that one came from

  /** A technician is in. */
  async entered(me) {
    this.me = me;
    this.outbox = new Outbox(me.name);
    this.outbox.changed = () => this.page?.pending?.();
    this.outbox.sent = (ticket) => this.page?.heard?.({ ticket, kind: "message" });
    this.build();
    this.live.start();
    this.queue.load().catch((error) => this.failed(error));
    this.flush();
  },

  /** The session is over; the address stays, so that signing in leads back. */
  expired(quietly) {
    if (!this.me && this.page) return;
    const mid = Boolean(this.me);
    this.me = null;
    document.getElementById("toasts").replaceChildren();
    this.live.stop();
    this.queue.clear();
    this.expiredMid = mid && !quietly;
    this.build();
  },

  async signOut() {
    try { await api.signOut(); } catch (error) {
      if (!(error instanceof api.Problem && error.status === 401)) { frame.toast(frame.problemWords(error), { kind: "warn" }); return; }
    }
    this.expired(true);
  },

  /** Something went wrong: the right place says so. Returns words, unless it was the session. */
  failed(error) {
    if (error instanceof api.Problem && error.status === 401) { this.expired(); return ""; }
    return frame.problemWords(error);
  },

  async speak(lang) {
    try { await words.use(lang, true); } catch { frame.toast(t("error.away"), { kind: "warn" }); return; }
    frame.hush();
    const focus = document.activeElement?.dataset?.lang;
    const y = scrollY;
    this.build(this.page?.keep?.());
    const noticed = [...document.querySelectorAll(".toast[data-ticket]")].map((el) => app.queue.items.get(el.dataset.ticket));
    document.getElementById("toasts").replaceChildren(); // in the language before
    for (const item of noticed) if (item) notice(item);
    if (focus) root.querySelector(`[data-lang="${focus}"]`)?.focus();
    scrollTo(0, y);
  },

  help() { keys.help(); },

  /** Sends what waits; when no desk is found, the next reach or poll tries again. */
  async flush() {
    try { await this.outbox?.flush(); } catch (error) { this.failed(error); }
  },

  /** Builds the whole page anew: at the start, at a change of language, of session. */
  build(kept) {
    this.page?.leave();
    if (!this.me) {
      this.bar = null;
      this.page = signIn(this, this.expiredMid);
      fill(root, this.page.el);
    } else {
      this.bar = frame.bar(this);
      this.banner = frame.banner();
      this.slot = h("div.slot");
      fill(root, this.bar.el, this.banner, this.slot);
      this.reached(api.inReach());
      this.page = null;
      this.route(kept);
      return;
    }
    if (kept) this.page.restore?.(kept); else this.page.arrive();
    this.title();
  },

  /** Shows the page of the address. */
  route(kept) {
    if (!this.me) return;
    const [, kind, what] = location.hash.split("/");
    this.page?.leave();
    if (kind === "t" && what) {
      let id = what;
      try { id = decodeURIComponent(what); } catch { /* shown as not found */ }
      this.page = ticketPage(this, id);
      for (const el of document.querySelectorAll(".toast[data-ticket]")) if (el.dataset.ticket === id) el.remove();
    } else {
      const channel = Object.hasOwn(channels, kind || "") ? kind : "open";
      this.last = kind ? location.hash : "#/";
      this.page = queuePage(this, channel);
    }
    fill(this.slot, this.page.el);
    if (kept) this.page.restore?.(kept); else { scrollTo(0, 0); this.page.arrive(); }
    this.title();
  },

  /** The tab's title: how many urgent ones wait, then where one is. */
  title() {
    const p0 = this.me ? this.queue.list().filter((item) => item.status.priority === "p0").length : 0;
    const parts = clean([this.page?.title, this.me?.team || t("bar.name")].filter(Boolean).join(" · "));
    document.title = p0 ? `(${p0}) ${parts}` : parts;
  },

  reached(yes) {
    if (this.banner) this.banner.hidden = yes;
    this.bar?.show();
  },
};

api.onReach((yes) => {
  app.reached(yes);
  if (yes && app.me) {
    app.live.wake();
    app.flush();
  }
});

app.live = new Live(
  (event) => {
    app.queue.stale();
    app.page?.heard?.(event);
  },
  () => {
    app.queue.stale();
    app.page?.heard?.({});
    app.flush();
  },
);

app.queue.watch(() => {
  app.title();
  // A notice of an urgent ticket goes when somebody has it.
  for (const el of document.querySelectorAll(".toast[data-ticket]")) {
    const item = app.queue.items.get(el.dataset.ticket);
    if (!item || item.status.agent || item.status.priority !== "p0") el.remove();
  }
});
app.queue.newP0 = (item) => frame.announce(notice(item), true);

/** The notice of an urgent ticket; it stays until somebody looks at the ticket or has it. */
function notice(item) {
  const who = [item.person?.name, item.person?.room].filter(Boolean).join(words.comma()) || item.computer;
  const said = t("p0.new", { number: item.status.number, what: headline(item), who });
  frame.toast(said, { kind: "p0", stay: true, ticket: item.status.id, href: `#/t/${encodeURIComponent(item.status.id)}`, link: t("p0.open") });
  return said;
}

// A session that ran out shows itself in whatever was asked next.
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof api.Problem || event.reason instanceof api.Away) {
    event.preventDefault();
    app.failed(event.reason);
  }
});
const load = app.queue.load.bind(app.queue);
app.queue.load = () => load().catch((error) => { app.failed(error); throw error; });

addEventListener("hashchange", () => app.route());
addEventListener("online", () => app.live?.wake());
document.addEventListener("visibilitychange", () => { if (!document.hidden && app.me && (clock.slept() || !app.live.open)) app.live.wake(); });

keys.listen((key) => {
  if (!app.me) return null;
  if (key === "?") return () => app.help();
  if (key === "g") return () => { location.hash = app.last; };
  return app.page?.keys?.[key];
});

async function begin() {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 10000)) {
    try { await words.use(words.preferred()); break; } catch {
      document.getElementById("wordless").hidden = false;
      await new Promise((r) => setTimeout(r, wait));
    }
  }
  clock.start();
  for (let wait = 1000; ; wait = Math.min(wait * 2, 10000)) {
    try {
      const me = await api.session();
      document.getElementById("wordless").hidden = true;
      await app.entered(me);
      return;
    } catch (error) {
      if (error instanceof api.Problem && error.status < 500) {
        document.getElementById("wordless").hidden = true;
        app.build();
        return;
      }
      document.getElementById("wordless").hidden = false;
      await new Promise((r) => setTimeout(r, wait));
    }
  }
}

begin();
