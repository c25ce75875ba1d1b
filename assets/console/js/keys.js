// The keyboard: one letter, one thing. Never while somebody types, and it can
// be switched off for those whose speech software types letters.

import { h } from "./dom.js";
import { t } from "./words.js";
import { get, set } from "./store.js";
import { dialog } from "./frame.js";

const table = [
  ["j", "k"], ["Enter"], ["/"], ["t"], ["r"], ["s"], ["w"], ["i"], ["Ctrl", "Enter"], ["Esc"], ["g"], ["?"],
];

export const on = () => get("keys") !== "off";

/** Hands single keys to verbs[key](event). */
export function listen(verbs) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.normalize("NFKC").toLowerCase() : event.key; // ？ is ? too
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing && key !== "Escape") return;
    if (key !== "Escape" && !on()) return;
    const verb = verbs(key);
    if (!verb) return;
    event.preventDefault();
    verb(event);
  });
}

export function help() {
  const choice = h("input#keys-on", { type: "checkbox", checked: on(), onchange: () => set("keys", choice.checked ? "on" : "off") });
  const rows = table.map((keys) => h("div.key", {},
    h("dt", {}, keys.map((k) => h("kbd", { translate: "no" }, k.length === 1 ? k.toUpperCase() : k))),
    h("dd", {}, t("key." + keys.join("_").toLowerCase().replace("/", "find").replace("?", "help")))));
  return dialog(t("keys.title"), [
    h("dl.keys", {}, rows),
    h("label.tick", {}, choice, " ", t("keys.on")),
  ], [{ text: t("close"), value: true, primary: true, focus: true }], "narrow");
}
