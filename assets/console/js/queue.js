// The queue: channels at the left, urgent ones apart on top, then what is due
// first. Rows are changed where they stand, so that nothing jumps.

import { h, say, clean } from "./dom.js";
import { t, of, headed } from "./words.js";
import * as api from "./api.js";
import { countdown, small, digits } from "./clock.js";
import { byDue } from "./store.js";
import { announce } from "./frame.js";
import { takeTicket, solve } from "./actions.js";

/** The channels, in their order: which tickets each holds. */
export const channels = {
  p0: (i) => i.status.priority === "p0",
  open: () => true,
  p1: (i) => i.status.priority === "p1",
  p2: (i) => i.status.priority === "p2",
  p3: (i) => i.status.priority === "p3",
  free: (i) => !i.status.agent,
  mine: (i, me) => i.status.agent === me.name,
  waiting: (i) => i.status.state === "waiting_user",
  solved: null, // asked for when looked at
};

const apart = ["open", "free", "mine"]; // channels in which P0 has a lane of its own

/** One line that says what a ticket is about. */
export function headline(item) {
  const code = (item.findings || [])[0];
  if (code) return headed(code, item.params);
  return item.words ? item.words : t("finding.none");
}

export function queuePage(app, channel) {
  const search = h("input#search", {
    type: "search", "aria-label": t("queue.search"), placeholder: t("queue.search"), value: app.query || "",
    autocomplete: "off", maxlength: 200, "aria-keyshortcuts": "/", oninput: () => { app.query = search.value; look(); },
  });
  const title = h("h1", {}, t("channel." + channel));
  const count = h("span.soft.count", { role: "status" });
  const urgent = lane(app, "urgent", t("channel.p0"));
  const rest = lane(app, "rest", apart.includes(channel) ? t("queue.rest") : t("channel." + channel));
  const empty = h("div.empty", { hidden: true }, h("img", { src: "icon.svg", alt: "", width: 40, height: 40 }), h("p"), h("p.soft"));
  const nav = channelList(app, channel);
  let found = null;    // tickets found by the desk, while something is searched for
  let solved = null;   // solved tickets, in their channel
  let asked = 0;
  let timer;

  const el = h("div.queue", {}, nav.el,
    h("main#main", { tabindex: "-1" },
      h("div.head", {}, title, count, search),
      urgent.el, rest.el, empty));

  // Looks for words: at once in what is here, a moment later at the desk.
  function look() {
    clearTimeout(timer);
    const words = search.value.trim();
    if (!words) { found = null; draw(); if (channel === "solved") ask(); return; }
    draw();
    timer = setTimeout(ask, 250);
  }

  async function ask() {
    const words = search.value.trim();
    if (!words && channel !== "solved") return;
    const mine = ++asked;
    try {
      const answer = await api.queue("all", words);
      if (mine !== asked) return; // a later question is under way
      if (words) found = answer.tickets || [];
      else solved = (answer.tickets || []).filter((i) => ["solved", "withdrawn"].includes(i.status.state));
      draw();
    } catch (error) {
      if (mine === asked) app.failed(error);
    }
  }

  function items() {
    const words = search.value.trim().toLowerCase();
    if (words) {
      const here = app.queue.list().filter((i) => text(i).includes(words));
      const known = new Map(here.map((i) => [i.status.id, i]));
      for (const i of found || []) if (!known.has(i.status.id)) known.set(i.status.id, app.queue.items.get(i.status.id) || i);
      return [...known.values()].sort(byDue);
    }
    if (channel === "solved") return (solved || []).slice().sort((a, b) => ended(b) - ended(a));
    return app.queue.list().filter((i) => channels[channel](i, app.me)).sort(byDue);
  }

  function draw() {
    nav.draw();
    const searching = Boolean(search.value.trim());
    const all = items();
    const split = !searching && (apart.includes(channel) || channel === "p0");
    urgent.set(split ? all.filter(channels.p0) : []);
    rest.set(split ? all.filter((i) => !channels.p0(i)) : all);
    rest.head(split && urgent.size() && rest.size());
    say(title, searching ? t("queue.found") : t("channel." + channel));
    const ready = searching || (channel === "solved" ? solved !== null : app.queue.loaded);
    say(count, ready ? t(all.length === 1 ? "queue.count_one" : "queue.count", { n: all.length }) : t("queue.loading"));
    empty.hidden = !ready || all.length > 0;
    if (!empty.hidden) {
      const [line, more] = empty.querySelectorAll("p");
      say(line, searching ? t("empty.found") : t(channel === "solved" ? "empty.solved" : channel === "open" ? "empty.open" : "empty.channel"));
      say(more, searching ? t("empty.found_more") : channel === "open" ? t("empty.open_more") : "");
    }
  }

  // While the pointer moves over the rows they keep their places, so that a
  // click goes where it was meant to go. The channels count on.
  let moved = -Infinity, later;
  el.addEventListener("pointermove", () => { moved = performance.now(); });
  const settle = () => {
    clearTimeout(later);
    const wait = moved + 1200 - performance.now();
    if (wait > 0) { nav.draw(); later = setTimeout(settle, wait); } else draw();
  };
  const unwatch = app.queue.watch(() => { settle(); if (channel === "solved") ask(); });
  draw();
  if (channel === "solved" || app.query) ask();

  const links = () => [...el.querySelectorAll("main a.subject")];
  const at = () => links().findIndex((a) => a.closest("tr").contains(document.activeElement));
  const step = (by) => () => {
    const all = links();
    if (!all.length) return;
    const here = at();
    const next = here < 0 ? Math.max(0, all.findIndex((a) => a.dataset.id === app.lastTicket)) : Math.min(all.length - 1, Math.max(0, here + by));
    all[next].focus();
    all[next].closest("tr").scrollIntoView({ block: "nearest" });
  };
  const chosen = () => links()[at()]?.dataset.id;
  const item = (id) => app.queue.items.get(id);

  return {
    el, title: t("channel." + channel),
    arrive() {
      const back = app.lastTicket && links().find((a) => a.dataset.id === app.lastTicket);
      if (back) { back.focus({ preventScroll: true }); back.closest("tr").scrollIntoView({ block: "center" }); }
    },
    leave() { unwatch(); clearTimeout(timer); clearTimeout(later); },
    keep: () => ({ at: chosen() }),
    restore(kept) { links().find((a) => a.dataset.id === kept.at)?.focus(); },
    keys: {
      j: step(1), k: step(-1), ArrowDown: step(1), ArrowUp: step(-1),
      "/": () => { search.focus(); search.select(); },
      Escape: () => {
        if (search.value) { search.value = ""; app.query = ""; look(); }
        if (document.activeElement === search) search.blur();
      },
      t: async () => { const i = item(chosen()); if (i && await takeTicket(app, i.status)) announce(t("done.taken", { number: i.status.number })); },
      s: () => { const i = item(chosen()); if (i) solve(app, i.status); },
      r: () => { if (chosen()) { app.wantReply = true; location.hash = `#/t/${encodeURIComponent(chosen())}`; } },
    },
  };
}

const ended = (i) => Date.parse((i.status.timeline || []).at(-1)?.at) || 0;

// What a search finds in a line: all that the line shows, in the language shown.
function text(i) {
  return [String(i.status.number), i.person?.name, i.person?.room, i.computer, i.words, i.status.agent, ...(i.findings || []), ...(i.findings || []).flatMap((c) => [headed(c), of(c).title])]
    .filter(Boolean).join("\n").toLowerCase();
}

/** The channels at the left, each with its number; the four levels also with
 * the shortest time left. */
function channelList(app, current) {
  const lines = Object.keys(channels).map((key) => {
    const number = h("span.number");
    const left = h("span.left");
    const link = h(`a.channel.${key}`, { href: key === "open" ? "#/" : `#/${key}`, "aria-current": key === current ? "page" : undefined },
      h("span.name", {}, t("channel." + key)), levels.includes(key) ? left : null, number);
    let first = null;
    const show = levels.includes(key) ? countdown(left, () => first || none, (el, s) => {
      const runs = ["running", "soon", "overdue"].includes(s.kind);
      small(el, runs ? s : { kind: "none" });
      say(el, runs ? (s.kind === "overdue" ? "▲ " : "") + digits(s.left) : "");
    }) : () => {};
    return { link, draw() {
      if (!channels[key]) return;
      const held = app.queue.list().filter((i) => channels[key](i, app.me));
      say(number, app.queue.loaded ? String(held.length) : "");
      link.classList.toggle("some", held.length > 0);
      first = held.sort(byDue)[0]?.status || null;
      show();
    } };
  });
  const el = h("nav.channels", { "aria-label": t("channels") }, lines.map((l) => l.link));
  return { el, draw() { for (const l of lines) l.draw(); } };
}

const levels = ["p0", "p1", "p2", "p3"];
const none = { state: "solved" };

/** A table of tickets under one heading. */
function lane(app, name, heading) {
  const rows = new Map();
  const body = h("tbody");
  const head = h(`h2#lane-${name}`, {}, name === "urgent" ? h("span.shape", { "aria-hidden": "true" }, "!") : null, h("span", {}, heading));
  const el = h(`section.lane.${name}`, { "aria-labelledby": `lane-${name}`, hidden: true }, head,
    h("table", { onclick: (e) => {
      const tr = e.target.closest("tbody tr");
      if (tr && !e.target.closest("a") && !String(getSelection())) tr.querySelector("a.subject").click();
    } },
      h("thead", {}, h("tr", {}, ["number", "left", "what", "who", "state"].map((c) => h(`th.${c}`, { scope: "col" }, t("column." + c))))),
      body));

  function set(items) {
    const focused = document.activeElement;
    const here = new Set(items.map((i) => i.status.id));
    for (const [id, row] of rows) if (!here.has(id)) { row.el.remove(); rows.delete(id); }
    const first = rows.size === 0;
    items.forEach((item, at) => {
      let one = rows.get(item.status.id);
      if (!one) {
        one = row(app);
        rows.set(item.status.id, one);
        if (!first) { one.el.classList.add("arrived"); setTimeout(() => one.el.classList.remove("arrived"), 4000); }
      }
      one.set(item);
      if (body.children[at] !== one.el) body.insertBefore(one.el, body.children[at] || null);
    });
    el.hidden = items.length === 0;
    // A row that moves would lose the keyboard's place.
    if (focused && focused !== document.activeElement && body.contains(focused)) focused.focus({ preventScroll: true });
  }
  return { el, set, size: () => rows.size, head: (shown) => head.classList.toggle("sr", !shown) };
}

function row(app) {
  let item;
  const level = h("span.level"), number = h("span.no");
  const left = h("span.left");
  const open = h("a.subject.clamp"), more = h("span.words.clamp");
  const unread = h("span.unread");
  const who = h("span.clamp"), room = h("span.soft.clamp");
  const state = h("span.state.clamp"), agent = h("span.soft.clamp");
  const el = h("tr", {},
    h("td.number", {}, h("div", {}, number, level)),
    h("td.left", {}, left),
    h("td.what", {}, h("div", {}, h("div.line", {}, open, unread), more)),
    h("td.who", {}, h("div", {}, who, room)),
    h("td.state", {}, h("div", {}, state, agent)));

  function set(next) {
    item = next;
    const s = item.status;
    const priority = t("priority." + s.priority);
    say(level, priority);
    level.className = `level ${s.priority}`;
    say(number, String(s.number));
    el.dataset.id = open.dataset.id = s.id;
    el.dataset.number = s.number;
    open.href = `#/t/${encodeURIComponent(s.id)}`;
    titled(open, headline(item));
    titled(more, (item.findings || []).length ? item.words || also(item) : "");
    say(unread, item.unread ? t("queue.unread", { n: item.unread }) : "");
    unread.hidden = !item.unread;
    titled(who, item.person?.name || t("person.unknown"));
    titled(room, [item.person?.room, item.computer].filter(Boolean).join(" · "));
    titled(state, t("state." + s.state));
    state.className = `state clamp ${s.state}`;
    titled(agent, s.agent || (s.state === "received" ? t("agent.none") : ""));
    el.classList.toggle("mine", s.agent === app.me?.name);
    show();
  }
  const show = countdown(left, () => item?.status, (span, s) => { small(span, s); el.classList.toggle("overdue", s.kind === "overdue"); });
  return { el, set };
}

function also(item) {
  const others = item.findings.slice(1).map((c) => headed(c));
  return others.length ? t("queue.also", { what: others }) : "";
}

/** Text that may be cut off is whole in its title. */
export function titled(el, text) {
  say(el, text);
  const whole = clean(text);
  if (el.title !== whole) el.title = whole;
}
