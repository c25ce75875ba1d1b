// One ticket: what was found and what proves it, what was said, and what can
// be done about it. Parts are drawn again only when what they show has changed,
// so reading and typing go on while the page lives.

import { h, fill, say } from "./dom.js";
import { t, headed, when, whenExactly, span, current } from "./words.js";
import * as api from "./api.js";
import { countdown, digits, ring } from "./clock.js";
import { drafts } from "./store.js";
import { announce, dialog, problemWords } from "./frame.js";
import { takeTicket, move, reprioritise, solve } from "./actions.js";
import { headline } from "./queue.js";
import * as report from "./report.js";

const maxRunes = 4000; // deskapi.MaxMessageRunes

export function ticketPage(app, id) {
  let page = null;          // deskapi.Page
  let gone = false;         // this page has been left
  let shown = null;         // the report version looked at; null: the newest
  let against = null;       // the version it is compared with; null: the one before
  const drawn = new Map();

  const parts = {};
  for (const name of ["head", "finding", "said", "results", "pictures", "facts", "about", "talk", "timeline"]) parts[name] = h(`div.part.at-${name}`);
  const reply = replyBox(app, id, () => page);
  const main = h("main#main.ticket", { tabindex: "-1" }, h("p.loading.soft", { role: "status" }, t("ticket.loading")));
  const body = [
    parts.head,
    h("div.columns", {},
      h("div.column", {}, parts.finding, parts.said, parts.results, parts.pictures, parts.facts, parts.about),
      h("div.column.side", {}, h("section.card.talk", { "aria-labelledby": "talk-title" },
        h("h2#talk-title", {}, t("talk.title")), parts.talk, reply.el), parts.timeline)),
  ];

  /** Draws a part again if its data is not what it was. */
  function part(name, data, draw) {
    const now = JSON.stringify(data);
    if (drawn.get(name) === now) return;
    drawn.set(name, now);
    const focus = parts[name].contains(document.activeElement) ? document.activeElement.id : "";
    fill(parts[name], draw());
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  }

  // The head stands still while the rest scrolls; the side begins below it.
  const tall = new ResizeObserver(([entry]) => main.style.setProperty("--head", `${Math.round(entry.borderBoxSize[0].blockSize)}px`));
  tall.observe(parts.head);

  function draw() {
    if (gone || !page) return;
    if (!main.contains(parts.head)) fill(main, body);
    const { ticket, status } = page;
    const files = status.files || [];
    const reports = page.reports || [];
    const newest = reports.at(-1);
    const looked = reports.find((r) => r.version === shown) || newest;
    const earlier = reports.filter((r) => looked && r.version < looked.version);
    const before = against === "none" ? null : earlier.find((r) => r.version === against) || earlier.at(-1) || null;
    const rep = looked?.report;

    part("head", [status.number, status.priority, status.state, status.agent, status.deadline, status.timeline?.[0], ticket.person, ticket.computer, ticket.findings, app.me.name, page.received_at, reports.length], () => head(app, page, () => page));
    part("finding", [ticket.findings, rep?.findings, rep?.results, reports.length], () => section("finding", t("finding.title"), report.findings(ticket, rep, reports.map((r) => r.report))));
    part("said", [ticket.words, ticket.lang], () => (ticket.words ? section("said", t("said.title"), h("blockquote", { lang: ticket.lang === "zh" ? "zh-CN" : ticket.lang }, ticket.words)) : null));
    part("results", [rep?.results, before?.report?.results, reports.map((r) => [r.version, r.at]), looked?.version, before?.version], () =>
      section("results", t("results.title"), versions(reports, looked, before, (v) => { shown = v; against = null; draw(); }, (v) => { against = v; draw(); }), report.results(rep, before?.report)));
    part("pictures", files, () => evidence(id, files));
    part("facts", rep?.facts, () => section("facts", t("facts.title"), report.facts(rep)));
    part("about", [ticket, page.received_at], () => section("about", t("about.title"), about(page)));
    part("talk", [status.messages, app.outbox.of(id), app.me.name], () => conversation(app, page, reply, parts.talk.querySelector(".messages")));
    part("timeline", status.timeline, () => section("timeline", t("timeline.title"), timeline(status)));
    reply.draw();
  }

  async function load() {
    try {
      const next = await api.page(id);
      if (gone) return;
      const heard = page ? (next.status.messages || []).filter((m) => m.from === "user" && !(page.status.messages || []).some((o) => o.id === m.id)) : [];
      page = next;
      draw();
      for (const m of heard) announce(t("talk.new", { name: m.name || t("person.unknown"), text: m.text }));
      self.title = `${status().number} ${topic(page)}`;
      app.title();
    } catch (error) {
      if (gone) return;
      const words = app.failed(error);
      if (!page && words) fill(main, h("div.empty", { role: "alert" }, h("p", {}, words), h("a", { href: app.last }, t("ticket.back"))));
    }
  }

  // Asked for at most once at a time; what comes meanwhile asks once more.
  let under = null, more = false;
  function ask() {
    if (under) { more = true; return under; }
    under = load().finally(() => {
      under = null;
      if (more && !gone) { more = false; ask(); }
    });
    return under;
  }

  const status = () => page.status;
  const able = (f) => () => { if (page) f(); };
  const self = {
    el: main, title: t("ticket.title"),
    arrive() {
      app.lastTicket = id;
      ask().then(() => { if (app.wantReply) { app.wantReply = false; reply.focus(); } else if (!gone && document.activeElement === document.body) main.focus({ preventScroll: true }); });
    },
    leave() { gone = true; tall.disconnect(); },
    heard(event) { return !event.ticket || event.ticket === id ? ask() : null; },
    pending: draw,
    keep: () => ({ page, shown, against, focus: document.activeElement?.id }),
    restore(kept) {
      ({ page, shown, against } = kept);
      draw();
      if (page) self.title = `${status().number} ${topic(page)}`;
      document.getElementById(kept.focus)?.focus({ preventScroll: true });
      ask();
    },
    keys: {
      t: able(() => takeTicket(app, status())),
      r: able(() => reply.focus()),
      s: able(() => solve(app, status())),
      w: able(() => canMove(status(), "waiting_user") && move(app, status(), "waiting_user")),
      i: able(() => canMove(status(), "in_progress") && move(app, status(), "in_progress")),
      "/": () => { location.hash = app.last; setTimeout(() => document.getElementById("search")?.focus(), 0); },
      Escape: () => { if (document.activeElement?.matches?.("input, textarea, select")) document.activeElement.blur(); else location.hash = app.last; },
    },
  };
  return self;
}

/** The line that says what this ticket is about, its gaps filled from the report. */
function topic(page) {
  const code = (page.ticket.findings || [])[0];
  return code ? headed(code, report.paramsOf(code, (page.reports || []).map((r) => r.report))) : headline(page.ticket);
}

function section(name, title, ...content) {
  return h("section.card", { "aria-labelledby": `${name}-title` }, h(`h2#${name}-title.label`, {}, title), content);
}

// A solved ticket can be opened again; a withdrawn one is the person's own no.
const canMove = (status, state) => status.state !== state && status.state !== "withdrawn" && (state === "in_progress" || status.state !== "solved");

/** Number, headline, who and where, the deadline, and the actions. */
function head(app, page, latest) {
  const { ticket, status } = page;
  const person = ticket.person || {};
  const closed = ["solved", "withdrawn"].includes(status.state);
  const button = (id, key, words, run, more = {}) => h(`button#${id}${more.primary ? ".primary" : ""}`, { type: "button", disabled: more.off, "aria-keyshortcuts": key.toUpperCase(), onclick: async (e) => {
    e.currentTarget.disabled = true; // one press, one deed
    const b = e.currentTarget;
    try { await run(); } finally { b.disabled = Boolean(more.off); }
  } }, words, h("kbd", { "aria-hidden": "true", translate: "no" }, key.toUpperCase()));
  const mine = status.agent === app.me.name;
  const level = h("select#priority", { "aria-label": t("priority.change"), class: status.priority, onchange: async () => {
    const to = level.value;
    level.disabled = true;
    if (!await reprioritise(app, status, to)) level.value = status.priority;
    level.disabled = false;
  } }, ["p0", "p1", "p2", "p3"].map((p) => h("option", { value: p, selected: p === status.priority }, t("priority.full", { code: p.toUpperCase(), name: t("priority." + p) }))));

  return h("header.head", {},
    h("div.first", {},
    h("div.crumbs", {}, h("a", { href: app.last, class: "back" }, h("span", { "aria-hidden": "true" }, "← "), t("ticket.back")), h("span.no", {}, t("ticket.number", { number: status.number })), level,
      h(`span.state.${status.state}`, {}, t("state." + status.state)),
      h("span.agent", {}, status.agent ? t(mine ? "agent.me" : "agent.has", { agent: status.agent }) : t("agent.none"))),
    h("div.deeds", { role: "group", "aria-label": t("deeds") },
      button("take", "t", mine ? t("take.mine") : status.agent ? t("take.from") : t("take"), () => takeTicket(app, status), { primary: !status.agent && !closed, off: mine || closed }),
      button("answer", "r", t("reply"), () => document.getElementById("reply")?.focus()),
      button("in-progress", "i", status.state === "solved" ? t("reopen") : t("move.in_progress"), () => move(app, status, "in_progress"), { off: !canMove(status, "in_progress") }),
      button("waiting", "w", t("move.waiting_user"), () => move(app, status, "waiting_user"), { off: !canMove(status, "waiting_user") }),
      button("solve", "s", t("move.solved"), () => solve(app, status), { off: closed }))),
    h("div.top", {},
      h("div.titles", {},
        h("h1.clamp2", { title: topic(page) }, topic(page)),
        h("p.who.clamp2", { title: [person.name, person.room, ticket.computer].filter(Boolean).join(" · ") }, [person.name || t("person.unknown"), person.role && t("role." + (person.role === "student" ? "student" : "teacher")), person.room, ticket.computer].filter(Boolean).map((x, i) => [i ? h("span.dot", { "aria-hidden": "true" }, " · ") : null, x]),
          h("span.dot", { "aria-hidden": "true" }, " · "), h("time", { datetime: page.received_at, title: whenExactly(page.received_at) }, when(page.received_at)))),
      deadline(latest)));
}

/** The response deadline: a ring and digits, and whose deadline it is. */
function deadline(latest) {
  const circle = ring();
  const figure = h("span.digits"), line = h("span.soft");
  const el = h("div.deadline", { role: "timer", "aria-live": "off" }, circle.el, h("div", {}, figure, line));
  countdown(el, () => latest()?.status, (_, s) => {
    const d = latest().status.deadline;
    el.className = `deadline ${s.kind}`;
    el.hidden = s.kind === "none";
    if (el.hidden) return;
    circle.set(s.kind === "met" || s.kind === "paused" ? 1 : s.kind === "overdue" ? 0 : s.share ?? 1);
    if (s.kind === "met") {
      say(figure, t(s.late ? "due.met_late" : "due.met"));
      say(line, t("due.met_at", { time: when(d.met_at) }));
      return;
    }
    say(figure, s.kind === "paused" ? t("due.paused") : s.kind === "overdue" ? t("due.overdue", { time: digits(s.left) }) : digits(s.left));
    say(line, t(d.deadline_source === "helpdesk" ? "due.helpdesk" : "due.local", { time: when(d.response_due) }));
    if (el.title !== whenExactly(d.response_due)) el.title = whenExactly(d.response_due);
  });
  return el;
}

/** Which report is looked at, and which it is compared with. */
function versions(reports, looked, before, look, compare) {
  if (reports.length < 2) return null;
  const words = (r) => t("results.version", { n: r.version, time: when(r.at) });
  const earlier = reports.filter((r) => r.version < looked.version);
  return h("div.versions", {},
    h("label", {}, t("results.show"), " ", h("select#version", { onchange: (e) => look(Number(e.target.value)) }, reports.map((r) => h("option", { value: r.version, selected: r === looked }, words(r))))),
    earlier.length ? h("label", {}, t("results.compare"), " ", h("select#against", { onchange: (e) => compare(e.target.value === "none" ? "none" : Number(e.target.value)) },
      earlier.map((r) => h("option", { value: r.version, selected: r === before }, words(r))), h("option", { value: "none", selected: !before }, t("results.alone")))) : null);
}

/** Pictures small, to open large; texts to read in a page of their own; everything else to fetch. */
function evidence(id, files) {
  const pictures = files.filter((f) => ["image/png", "image/jpeg", "image/webp"].includes(f.type));
  const others = files.filter((f) => !pictures.includes(f));
  if (!files.length) return null;
  return section("files", t("files.title"),
    pictures.length ? h("div.thumbs", {}, pictures.map((f, at) => h(`button#picture-${at}.thumb`, { type: "button", title: f.name, onclick: () => large(id, f) },
      h("img", { src: api.fileURL(id, f.name), alt: t("files.picture", { name: f.name }), loading: "lazy", onerror: (e) => { e.target.parentElement.classList.add("broken"); e.target.replaceWith(h("span", {}, t("files.broken"))); } }),
      h("span.clamp", {}, `${f.name} · ${report.bytes(f.bytes)}`)))) : null,
    others.length ? h("ul.files", {}, others.map((f) => h("li", {}, h("a", { href: api.fileURL(id, f.name), ...(f.type === "text/plain" ? { target: "_blank", rel: "noopener" } : { download: f.name }) }, f.name), h("span.soft", {}, report.bytes(f.bytes))))) : null);
}

function large(id, file) {
  const picture = h("img", { src: api.fileURL(id, file.name), alt: t("files.picture", { name: file.name }) });
  const frame = h("div.frame", {}, picture);
  frame.addEventListener("click", () => frame.classList.toggle("whole"));
  return dialog(file.name, [h("p.soft", {}, t("files.zoom")), frame], [{ text: t("close"), value: true, focus: true }], "wide");
}

/** Where the ticket comes from, and what the person agreed to. */
function about({ ticket, received_at }) {
  const c = ticket.consent || {};
  const how = ["first_start", "terminal", "policy"].includes(c.how) ? t("consent." + c.how) : c.how;
  const rows = [
    [t("about.consent"), [how, c.wording && h("code", {}, c.wording)], c.at && when(c.at)],
    [t("about.proposed"), ticket.proposed && ticket.proposed !== "none" ? [t("priority.full", { code: ticket.proposed.toUpperCase(), name: t("priority." + ticket.proposed) })] : null, ticket.proposed && ticket.proposed !== ticket.priority && ticket.proposed !== "none" ? t("about.chosen", { priority: t("priority." + ticket.priority) }) : null],
    [t("about.sent"), [when(ticket.created_at)], t("about.received", { time: when(received_at) })],
    [t("about.reads"), [ticket.lang === "zh" ? t("lang.zh") : t("lang.en")]],
    [t("about.app"), [h("code", {}, ticket.app || "–")]],
    [t("about.id"), [h("code", {}, ticket.id)]],
  ];
  return h("dl.list.about", {}, rows.filter(([, x]) => x && x.some(Boolean)).map(([k, x, more]) => h("div", {}, h("dt", {}, k), h("dd", {}, x.filter(Boolean).map((y, i) => [i ? " · " : null, y]), more ? h("span.soft", {}, ` · ${more}`) : null))));
}

function timeline(status) {
  const steps = status.timeline || [];
  const began = Date.parse(steps[0]?.at);
  return h("ol.steps", {}, steps.map((s, i) => h(`li.${s.state}`, {},
    h("span.what", {}, t("state." + s.state)),
    h("time.soft", { datetime: s.at, title: whenExactly(s.at) }, when(s.at), i && began ? t("timeline.after", { span: span(Date.parse(s.at) - began) }) : ""),
    s.by ? h("span.soft.by", {}, s.by) : null)));
}

/** All that was said, with what is still on its way. */
function conversation(app, { ticket, status }, reply, before) {
  const said = status.messages || [];
  const waiting = app.outbox.of(ticket.id).filter((m) => !said.some((x) => x.id === m.id));
  if (!said.length && !waiting.length) return h("p.soft.silent", {}, t("talk.none"));
  const list = h("ol.messages", { "aria-label": t("talk.title"), tabindex: "0" },
    said.map((m) => h(`li.${m.from === "technician" ? "ours" : "theirs"}`, {},
      h("p.by", {}, h("b", {}, m.name || (m.from === "technician" ? t("talk.us") : ticket.person?.name || t("person.unknown"))), " ", h("time.soft", { datetime: m.at, title: whenExactly(m.at) }, when(m.at))),
      h("p.text", {}, m.text))),
    waiting.map((m) => h("li.ours.waiting", {},
      h("p.by", {}, h("b", {}, app.me.name), " ", h("span.soft", {}, m.refused ? t("talk.refused") : t("talk.sending"))),
      h("p.text", {}, m.text),
      m.refused ? h("p.refused", {}, problemWords(new api.Problem(Number(m.refused) || 422, Number(m.refused) ? "" : m.refused)), " ",
        h("button.quiet", { type: "button", onclick: () => reply.giveBack(app.outbox.takeBack(m.id)) }, t("talk.edit"))) : null)));
  // At its end, unless somebody is reading further up.
  const up = before && before.scrollHeight - before.scrollTop - before.clientHeight > 24 ? before.scrollTop : null;
  requestAnimationFrame(() => { list.scrollTop = up ?? list.scrollHeight; });
  return list;
}

/** The box to write in. What is typed is kept on this computer until sent. */
function replyBox(app, id, latest) {
  const me = app.me.name;
  const area = h("textarea#reply", { rows: 4, "aria-label": t("reply.label"), placeholder: t("reply.hint"), "aria-keyshortcuts": "R" });
  area.value = drafts.read(me, id);
  const note = h("span.soft.note", { role: "status" });
  const button = h("button#send.primary", { type: "submit" }, t("send"), h("kbd", { "aria-hidden": "true", translate: "no" }, "Ctrl ↵"));

  const typed = () => {
    drafts.write(me, id, area.value);
    const over = [...area.value].length - maxRunes;
    say(note, over > 0 ? t("reply.long", { n: over }) : "");
    note.classList.toggle("wrong", over > 0);
    button.disabled = !area.value.trim() || over > 0;
  };
  area.addEventListener("input", typed);
  area.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !e.isComposing) { e.preventDefault(); el.requestSubmit(); }
  });

  const el = h("form.reply", { onsubmit: async (event) => {
    event.preventDefault();
    typed();
    if (button.disabled) return;
    const text = area.value.trim();
    area.value = ""; // into the outbox with its ID: pressing again sends nothing again
    typed();
    area.focus();
    try {
      await app.outbox.put(id, text);
      announce(t("talk.sent"));
    } catch (error) { app.failed(error); } // it waits in the conversation
  } }, area, h("div.under", {}, note, button));
  typed();

  return {
    el,
    focus() { area.focus(); area.scrollIntoView({ block: "nearest" }); },
    giveBack(text) { area.value = [text, area.value].filter(Boolean).join("\n"); typed(); area.focus(); },
    draw() {
      const page = latest();
      const lang = page?.ticket.lang;
      const other = lang && lang !== current() ? t("reply.reads", { lang: t("lang." + (lang === "zh" ? "zh" : "en")) }) : "";
      area.placeholder = other || t("reply.hint");
    },
  };
}
