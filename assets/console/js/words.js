// Words: code + parameters → a title and sentences in the technician's
// language. The same files, and the same rules, as the app's own faces.

export const langs = { zh: "中文", en: "English" };

const kept = "raisehand.lang";
const books = {};
let lang = "en";
let book = { codes: {}, names: {}, ui: {} };

/** The language to begin with: the one chosen before, or the browser's. */
export function preferred() {
  let chosen = null;
  try { chosen = localStorage.getItem(kept); } catch { /* storage forbidden: ask the browser */ }
  if (chosen in langs) return chosen;
  return /^zh/i.test(navigator.language || "") ? "zh" : "en";
}

/** Loads a language and makes it the current one. */
export async function use(which, remember) {
  if (!books[which]) {
    const answer = await fetch(`/words/${which}.json`, { cache: "no-cache" });
    if (!answer.ok) throw new Error(`words: ${answer.status}`);
    books[which] = await answer.json();
  }
  lang = which;
  book = books[which];
  document.documentElement.lang = which === "zh" ? "zh-CN" : "en";
  if (remember) try { localStorage.setItem(kept, which); } catch { /* not remembered, still switched */ }
}

export const current = () => lang;

/** A word of the console's own. */
export function t(key, params) {
  const words = (book.ui || {})["console." + key];
  return words === undefined ? key : put(words, params);
}

/** The words of a code; a code without words is shown as itself (bare). gaps:
 * the sentences want a parameter that is not known here. */
export function of(code, params) {
  const says = (book.codes || {})[code];
  if (!says) return { title: code, says: "", do: "", bare: true };
  const wants = [...(says.says + says.do).matchAll(/\{([^{}]*)\}/g)].map((m) => m[1]);
  const gaps = wants.some((key) => !params || !Object.hasOwn(params, key));
  return { title: put(says.title, params), says: put(says.says, params), do: put(says.do, params), gaps };
}

/** What a technician calls a code: the desk's own neutral title, where the one
 * that everybody reads speaks to the person at the computer. */
export function headed(code, params) {
  const own = t("code." + code, params);
  return own === "code." + code ? of(code, params).title : own;
}

export const has = (code) => Boolean((book.codes || {})[code]);

/** The name of a thing, or undefined. */
export const name = (key) => (book.names || {})[key];

/** Words one parameter. */
export function value(v) {
  if (v === null || v === undefined) return "…";
  if (typeof v === "string") return v.startsWith("@") ? name(v.slice(1)) ?? v.slice(1) : told(v);
  if (typeof v === "number") return Number.isInteger(v) || Math.abs(v) >= 100 ? v.toFixed(0) : v.toFixed(1);
  if (Array.isArray(v)) return v.map(value).join(comma());
  if (typeof v === "object") return Object.keys(v).sort().map((k) => `${name(k) ?? k} ${value(v[k])}`).join(comma());
  return String(v);
}

/** A state that a check reports in a word, in the reader's language. */
const told = (v) => v.split("; ").map((part) => name("value." + part.toLowerCase().replace(/[^a-z0-9]+/g, "_")) ?? part).join(lang === "zh" ? "；" : "; ");

/** A line of several words, such as "eth0 wired on 192.0.2.7": what stands
 * first is a name and stays; the states behind it are put into words. */
export function line(text) {
  return text.replace("no answer", "no_answer").replace(/(packet passed on|answers): (true|false)/, (_, what, so) => `${what.replaceAll(" ", "_")}_${so}`)
    .split(" ").map((word, i) => {
      const [, bare, mark] = /^(.*?)([:,]?)$/s.exec(word);
      const own = i ? name("value." + bare) : undefined;
      return own === undefined ? word : own + mark;
    }).join(" ");
}

export const comma = () => (lang === "zh" ? "、" : ", ");

function put(words, params) {
  return String(words || "").replace(/\{([^{}]*)\}/g, (_, key) => (params && Object.hasOwn(params, key) ? value(params[key]) : "…"));
}

/** A moment, in the browser's zone: the hour alone for today. */
export function when(iso) {
  const at = new Date(iso);
  if (!iso || Number.isNaN(at.getTime()) || at.getUTCFullYear() < 2000) return "–";
  const today = new Date().toDateString() === at.toDateString();
  const day = today ? {} : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(locale(), { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** The same moment in full, with its zone. */
export function whenExactly(iso) {
  const at = new Date(iso);
  if (!iso || Number.isNaN(at.getTime())) return "";
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "long", hourCycle: "h23" }).format(at);
}

/** A length of time, in at most two units. */
export function span(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  if (minutes < 1) return t("span.seconds", { s: Math.floor(Math.max(0, ms) / 1000) });
  if (minutes < 60) return t("span.minutes", { m: minutes });
  if (minutes < 48 * 60) return t("span.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
  return t("span.days", { d: Math.floor(minutes / 1440), h: Math.floor((minutes % 1440) / 60) });
}

const locale = () => (lang === "zh" ? "zh-CN" : "en-GB");
