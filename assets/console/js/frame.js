// What surrounds every page: the bar on top, banners, short notices, dialogs.

import { h, say, clean } from "./dom.js";
import { t, of, has, langs, current } from "./words.js";
import { Problem, Away, inReach } from "./api.js";

/** Words for whatever went wrong: what, and what next. */
export function problemWords(error) {
  if (error instanceof Away) return t("error.away");
  if (error instanceof Problem) {
    if (error.code && has(error.code)) {
      const w = of(error.code);
      return [w.says, w.do].filter(Boolean).join(current() === "zh" ? "" : " ");
    }
    if (error.status === 401) return t("error.session");
    if (error.status === 403) return t("error.forbidden");
    if (error.status === 404) return t("error.gone");
    if (error.status === 409) return t("error.changed");
    if (error.status === 413 || error.status === 422 || error.status === 400) return t("error.refused");
    if (error.status === 429) return t("error.often");
    return t("error.desk");
  }
  console.error(error);
  return t("error.page");
}

/** The choice of language: each named in itself. */
export function languages(app) {
  return h("div.languages", { role: "group", "aria-label": t("bar.language") },
    Object.entries(langs).map(([key, own]) => h("button.quiet", {
      type: "button", lang: key === "zh" ? "zh-CN" : "en", translate: "no", "data-lang": key,
      "aria-pressed": String(key === current()), onclick: () => app.speak(key),
    }, own)));
}

export function bar(app) {
  const stream = h("span.stream", { role: "status" });
  const show = () => {
    stream.classList.toggle("away", !inReach());
    say(stream, inReach() ? t("bar.live") : t("bar.away"));
  };
  show();
  return {
    show,
    el: h("header.bar", {},
      h("a.skip", { href: "#main", onclick: (e) => { e.preventDefault(); document.getElementById("main")?.focus(); } }, t("bar.skip")),
      h("a.brand", { href: "#/" }, h("img", { src: "icon.svg", alt: "", width: 28, height: 28 }), h("span.clamp", { title: app.me.team || t("bar.name") }, app.me.team || t("bar.name"))),
      stream,
      languages(app),
      h("button#help.quiet", { type: "button", "aria-keyshortcuts": "?", onclick: () => app.help() }, t("bar.help")),
      h("span.me.clamp", { title: app.me.name }, app.me.name),
      h("button#sign-out.quiet", { type: "button", onclick: () => app.signOut() }, t("bar.out"))),
  };
}

/** The desk is out of reach: said once, calmly, where it covers nothing. */
export function banner() {
  return h("div#banner.banner", { role: "status", hidden: true }, h("span.shape", { "aria-hidden": "true" }, "⋯"), h("span", {}, t("banner.away")));
}

/** A short notice in the corner. It leaves by itself; an urgent one is closed by hand. */
export function toast(text, options = {}) {
  const el = h(`div.toast${options.kind ? "." + options.kind : ""}`, { "data-ticket": options.ticket },
    h("span.text", {}, h("span.clamp3", { title: text }, text)),
    options.href && h("a", { href: options.href, onclick: () => el.remove() }, options.link),
    options.action && h("button.quiet", { type: "button", onclick: () => { el.remove(); options.run(); } }, options.action),
    h("button.quiet.close", { type: "button", "aria-label": t("close"), onclick: () => el.remove() }, "×"));
  const box = document.getElementById("toasts");
  while (box.children.length >= 4) box.firstChild.remove();
  box.append(el);
  if (!options.stay) setTimeout(() => el.remove(), 8000);
}

let spoken = 0; // how often all was forgotten

/** Says something to a screen reader. */
export function announce(text, urgent) {
  const el = document.getElementById(urgent ? "urgent" : "polite");
  const one = spoken;
  el.textContent = "";
  setTimeout(() => { if (one === spoken) el.textContent = clean(text); }, 50); // a region that was just emptied is read again
}

/** Forgets what was said: it was in another language. */
export function hush() {
  spoken++;
  for (const id of ["polite", "urgent"]) document.getElementById(id).textContent = "";
}

/** A dialog over the page; the answer of the button that was pressed, or null. */
export function dialog(title, content, buttons, cls = "") {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const el = h("dialog", { "aria-labelledby": "dialog-title", class: cls },
      h("h2#dialog-title", {}, title), content,
      h("div.actions", {}, buttons.map((b) => h(`button${b.id ? "#" + b.id : ""}${b.primary ? ".primary" : ""}`, {
        type: "button", autofocus: b.focus, onclick: () => { answer = b.value; el.close(); },
      }, b.text))));
    let answer = null;
    el.addEventListener("close", () => {
      el.remove();
      if (before && before.isConnected) before.focus({ preventScroll: true });
      resolve(answer);
    });
    el.addEventListener("click", (e) => { if (e.target === el) el.close(); });
    document.body.append(el);
    el.showModal();
  });
}
