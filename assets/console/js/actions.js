// What a technician does to a ticket. The desk decides; the page shows what
// the desk then says.

import { h } from "./dom.js";
import { t } from "./words.js";
import * as api from "./api.js";
import { dialog, toast, announce } from "./frame.js";

/** Does one thing and says so; false when it was not done. */
async function act(app, id, deed, done) {
  try {
    await deed();
  } catch (error) {
    const words = app.failed(error);
    if (words) { toast(words, { kind: "warn" }); announce(words, true); }
    return false;
  }
  if (done) announce(done);
  app.queue.stale();
  await app.page?.heard?.({ ticket: id });
  return true;
}

/** Takes a ticket; from somebody else only after asking. */
export async function takeTicket(app, status) {
  if (status.agent === app.me.name) return true;
  if (status.agent) {
    const yes = await dialog(t("take.from_title", { agent: status.agent }), h("p", {}, t("take.from_more")),
      [{ text: t("cancel"), value: false }, { text: t("take.from"), value: true, primary: true, focus: true, id: "take-confirm" }], "narrow");
    if (!yes) return false;
  }
  return act(app, status.id, () => api.take(status.id), t("done.taken", { number: status.number }));
}

/** Moves a ticket to another state. */
export const move = (app, status, state) => act(app, status.id, () => api.setState(status.id, state), t("done.state", { number: status.number, state: t("state." + state) }));

export const reprioritise = (app, status, priority) => act(app, status.id, () => api.setPriority(status.id, priority), t("done.priority", { number: status.number, priority: t("priority." + priority) }));

/** Says that a ticket is solved, with a last word if there is one. */
export async function solve(app, status) {
  if (status.state === "solved" || status.state === "withdrawn") return;
  const word = h("textarea#solve-words", { rows: 3, maxlength: 4000, placeholder: t("solve.words"), "aria-label": t("solve.words"), onkeydown: (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && !e.isComposing) { e.preventDefault(); document.getElementById("solve-confirm").click(); }
  } });
  const yes = await dialog(t("solve.title", { number: status.number }), [h("p.soft", {}, t("solve.more")), word],
    [{ text: t("cancel"), value: false }, { text: t("solve.yes"), value: true, primary: true, focus: true, id: "solve-confirm" }], "narrow");
  if (!yes) return;
  const text = word.value.trim();
  if (text) {
    try { await app.outbox.put(status.id, text); } catch (error) { app.failed(error); }
  }
  if (await move(app, status, "solved")) {
    toast(t("solve.done", { number: status.number }), { action: t("solve.undo"), run: () => move(app, status, "in_progress") });
  }
}
