// A report in words: what was found and what proves it, every result, the
// facts of the computer, and what has changed since an earlier one.

import { h } from "./dom.js";
import { t, of, headed, name, value, line, when, comma, current } from "./words.js";

const shapes = { ok: "✓", warn: "!", fail: "✕", unknown: "?", skipped: "–" };
const order = { fail: 0, warn: 1, unknown: 2, skipped: 3, ok: 4 };

/** A verdict: a shape, a colour and, for those who see neither, a word. */
export function verdict(v) {
  const known = Object.hasOwn(shapes, v) ? v : "unknown";
  const word = t("verdict." + known);
  return h(`span.verdict.${known}`, { title: word }, h("span", { "aria-hidden": "true" }, shapes[known]), h("span.sr", {}, word));
}

const checkName = (check) => name("check." + check) || h("code", {}, check);

const join = (...parts) => parts.filter(Boolean).join(current() === "zh" ? "" : " ");

/** A code's title; a code without words is shown as a technical name. */
const titleOf = (code, params) => {
  return of(code).bare ? h("code", {}, code) : headed(code, params);
};

/** What a code's sentence needs, as any of the reports knew it. */
export function paramsOf(code, reports) {
  for (const r of reports) {
    const known = (r?.findings || []).find((f) => f.code === code && f.params) || (r?.results || []).find((x) => x.code === code && x.params);
    if (known) return known.params;
  }
  return undefined;
}

/** The findings, the likeliest first, each with the results that prove it. */
export function findings(ticket, report, all) {
  const results = report?.results || [];
  let list = report?.findings || [];
  const cleared = !list.length && results.length > 0 && (ticket.findings || []).length > 0;
  if (!list.length) list = (ticket.findings || []).map((code) => ({ code, because: [] }));
  if (!list.length) return h("div.cause", {}, h("h3", {}, t("finding.none")), h("p.soft", {}, t(results.length ? "finding.none_more" : "finding.waiting")));
  return [cleared ? h("p.cleared", {}, verdict("ok"), " ", t("finding.cleared")) : null, list.map((f, at) => {
    const proof = (f.because || []).flatMap((code) => results.flatMap((r) => r.code === code ? [r] : (r.also || []).filter((x) => x.code === code).map((x) => ({ check: r.check, ...x }))));
    const w = of(f.code, f.params || proof[0]?.params || paramsOf(f.code, all));
    return h(`div.cause${at ? ".further" : ""}`, {},
      h("h3", {}, titleOf(f.code, f.params || proof[0]?.params || paramsOf(f.code, all))),
      f.symptom && name(f.symptom) ? h("p.soft.notice", {}, h("span.tag", {}, t("finding.notice")), " ", name(f.symptom)) : null,
      w.says && !w.gaps ? h("p.read", {}, h("span.tag", {}, t("finding.read")), " ", join(w.says, w.do)) : null,
      proof.length ? h("ul.proof", { "aria-label": t("finding.proof") }, proof.map((r) => h("li", {}, verdict(r.verdict), " ", h("b", {}, checkName(r.check)), " ", r.code === f.code ? null : titleOf(r.code, r.params), figures(evidence(r), 5)))) : null);
  })];
}

/** The results as a table; with an earlier report, what each said before. */
export function results(report, before) {
  const was = new Map((before?.results || []).map((r) => [r.check, r]));
  const differs = (r) => Boolean(before) && (was.get(r.check)?.code !== r.code || was.get(r.check)?.verdict !== r.verdict);
  const list = (report?.results || []).slice().sort((a, b) => differs(b) - differs(a) || (order[a.verdict] ?? 2) - (order[b.verdict] ?? 2));
  if (!list.length) return h("p.soft", {}, t("results.none"));
  return h("table.results", {},
    h("thead", {}, h("tr", {},
      h("th", { scope: "col" }, t("results.check")), before ? h("th", { scope: "col" }, t("results.before")) : null,
      h("th", { scope: "col" }, before ? t("results.now") : t("results.says")), h("th.took", { scope: "col" }, t("results.took")))),
    h("tbody", {}, list.map((r) => {
      const old = was.get(r.check);
      const changed = differs(r);
      const w = of(r.code, r.params);
      const count = Object.keys(r.detail || {}).length;
      return h("tr", { class: changed ? "changed" : "" },
        h("th.check", { scope: "row" }, checkName(r.check)),
        before ? h("td.before", {}, old ? [verdict(old.verdict), " ", titleOf(old.code, old.params)] : t("results.not_before")) : null,
        h("td", {}, verdict(r.verdict), " ", h("b", {}, titleOf(r.code, r.params)), changed ? h("span.mark", {}, t("results.changed")) : null,
          w.says && !w.gaps && (r.verdict === "fail" || r.verdict === "warn") ? h("p.soft.read", {}, h("span.tag", {}, t("finding.read")), " ", w.says) : null,
          (r.also || []).map((x) => h("p.also", {}, verdict(x.verdict), " ", titleOf(x.code, x.params))),
          count ? h("details", {}, h("summary", {}, t("results.figures", { n: count })), table(r.detail, "detail")) : null),
        h("td.took", {}, `${r.took_ms ?? 0} ms`));
    })));
}

// What proves most stands first; how the examination went about it stands last.
const telling = ["device", "muted", "volume", "port", "socket_empty", "level", "peak", "voice", "other", "other_level", "playing", "program", "holder", "app",
  "first_frame", "identical_frames", "luma_mean", "desk", "gateway", "dns", "rtt", "loss", "jitter", "udp", "up", "down", "signal", "mem_used", "cpu_load", "disk_free", "error"];
const aside = ["server", "backend", "microphones", "monitors", "outputs", "holder_pid", "kind", "heard", "zeros"];

/** The figures of a result in the order of what they prove: the device, by its
 * own name, then what its code speaks of. */
function evidence(r) {
  const named = Object.fromEntries(["device", "other", "program", "app"].filter((k) => typeof r.params?.[k] === "string").map((k) => [k, r.params[k]]));
  const about = r.code.split(/[._]/).slice(1);
  const rank = ([k]) => {
    const { stem } = split(k);
    if (k !== "device" && about.includes(k.split("_")[0])) return 0.5;
    const at = Math.max(telling.indexOf(k), telling.indexOf(stem));
    return at >= 0 ? at : aside.includes(k) || aside.includes(stem) ? telling.length + 1 : telling.length;
  };
  return Object.fromEntries(Object.entries({ ...r.detail, ...named }).sort((a, b) => rank(a) - rank(b)));
}

/** The first figures of a result, on one line. */
function figures(detail, most) {
  const plain = Object.entries(detail || {}).filter(([, v]) => v === null || typeof v !== "object").slice(0, most);
  if (!plain.length) return null;
  return h("span.figures", {}, plain.map(([k, v]) => h("span.figure", {}, label(k, "detail"), " ", amount(k, v))));
}

/** The facts of the computer: single ones in a list, lists as small tables. */
export function facts(report) {
  const all = Object.entries(report?.facts || {}).sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b));
  if (!all.length) return h("p.soft", {}, t("facts.none"));
  const plain = all.filter(([, v]) => !nested(v));
  const deep = all.filter(([, v]) => nested(v));
  return [
    h("dl.list", {}, plain.map(([k, v]) => h("div", {}, h("dt", {}, label(k, "fact")), h("dd", {}, amount(k, v))))),
    h("div.lists", {}, deep.map(([k, v]) => h("figure", {}, h("figcaption", {}, label(k, "fact")), inner(v, "fact")))),
  ];
}

// What one looks for first.
const first = ["host_name", "model", "os", "os_version", "kernel", "arch", "cpu", "cores", "cpu_", "mem", "swap", "disk", "system_disk", "uptime", "battery", "on_battery", "clock", "time_zone"];
const place = (key) => { const at = first.findIndex((p) => key.startsWith(p)); return at < 0 ? first.length : key.startsWith("top_") ? 99 : at; };

const nested = (v) => v !== null && typeof v === "object" && !(Array.isArray(v) && v.every((x) => x === null || typeof x !== "object"));

function inner(v, kind) {
  if (Array.isArray(v)) return v.length && v.every((x) => x && typeof x === "object" && !Array.isArray(x)) ? grid(v, kind) : h("p", {}, value(v));
  return table(v, kind);
}

/** A list of like things: a column for each of their fields. */
function grid(list, kind) {
  const keys = [...new Set(list.flatMap((x) => Object.keys(x)))];
  const rank = (k) => ["name", "width", "height"].findIndex((p) => k.startsWith(p)) >>> 0; // not found: last
  keys.sort((a, b) => rank(a) - rank(b));
  const numeric = new Set(keys.filter((k) => list.every((x) => typeof x[k] === "number" || x[k] === undefined)));
  return h("table.grid", {},
    // A name and a figure with its unit speak for themselves.
    keys.length === 2 && keys[0] === "name" && !split(keys[1]).stem ? null :
      h("thead", {}, h("tr", {}, keys.map((k) => h("th", { scope: "col", class: numeric.has(k) ? "num" : "" }, label(k, kind))))),
    h("tbody", {}, list.map((x) => h("tr", {}, keys.map((k) => h("td", { class: numeric.has(k) ? "num" : "" }, nested(x[k]) ? inner(x[k], kind) : amount(k, x[k])))))));
}

function table(object, kind) {
  return h("table.pairs", {}, h("tbody", {}, Object.entries(object || {}).map(([k, v]) =>
    h("tr", {}, h("th", { scope: "row" }, label(k, kind)), h("td", {}, nested(v) ? inner(v, kind) : amount(k, v))))));
}

// The unit is the key's end: "rtt_ms" is shown as "rtt … 43 ms".
const units = {
  ms: "ms", s: "s", h: "h", us: "µs", min: "min", hz: "Hz", khz: "kHz", mhz: "MHz", ghz: "GHz", db: "dB", dbfs: "dBFS", dbm: "dBm",
  percent: "%", pct: "%", b: "B", kb: "kB", mb: "MB", gb: "GB", kib: "KiB", mib: "MiB", gib: "GiB", mb_s: "MB/s", kbps: "kbit/s", mbps: "Mbit/s", px: "px", fps: "fps", c: "°C", v: "V", w: "W", mwh: "mWh",
};

function split(key) {
  if (Object.hasOwn(units, key) && key.length > 1) return { stem: "", unit: key };
  const at = key.endsWith("_mb_s") ? key.length - 5 : key.lastIndexOf("_");
  const unit = at > 0 ? key.slice(at + 1) : "";
  return Object.hasOwn(units, unit) || ["bytes", "at", "seconds"].includes(unit) ? { stem: key.slice(0, at), unit } : { stem: key, unit: "" };
}

/** A figure's name: its word, or its technical name when it has none. */
function label(key, kind) {
  const { stem, unit } = split(key);
  for (const k of [key, stem].filter(Boolean)) for (const p of [kind, "fact", "detail", "check"]) {
    const w = name(`${p}.${k}`);
    if (w) return unit ? w.replace(/\s*[（(][^（）()]*[）)]$/, "") : w; // the unit stands at the figure
  }
  return stem ? h("code", {}, stem.replaceAll("_", " ")) : "";
}

// Lists whose lines hold a name, states and figures.
const lines = new Set(["links", "dns_servers", "services", "turn", "proxies"]);

/** A figure with its unit. */
export function amount(key, v) {
  const { unit } = split(key);
  if (v === null || v === undefined || v === "") return "–";
  if (typeof v === "boolean") return t(v ? "yes" : "no");
  if (typeof v === "string" && unit === "at" || typeof v === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(v)) return when(v);
  if (Array.isArray(v)) return v.map((x) => amount(key, x)).join(comma());
  if (typeof v === "string" && lines.has(key)) return line(v);
  if (typeof v === "number") {
    if (unit === "bytes") return bytes(v);
    if (unit === "s" || unit === "seconds") return v >= 120 ? duration(v) : `${trim(v)} s`;
    if (unit === "h") return duration(v * 3600);
    if (unit === "mb" && v >= 10240) return `${trim(v / 1024)} GB`;
    return units[unit] ? `${trim(v)} ${units[unit]}` : trim(v);
  }
  return value(v);
}

const duration = (s) => (s < 7200 ? t("span.minutes", { m: Math.round(s / 60) }) : s < 172800 ? t("span.hours", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) }) : t("span.days", { d: Math.floor(s / 86400), h: Math.floor((s % 86400) / 3600) }));

const trim = (n) => (Number.isInteger(n) ? String(n) : String(Number(n.toFixed(Math.abs(n) >= 100 ? 0 : Math.abs(n) >= 1 ? 1 : 3))));

/** A size that a person can grasp. */
export function bytes(n) {
  for (const [unit, size] of [["GB", 1 << 30], ["MB", 1 << 20], ["kB", 1 << 10]]) if (n >= size) return `${trim(n / size)} ${unit}`;
  return `${n} B`;
}
