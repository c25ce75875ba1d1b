// The way in.

import { h, say } from "./dom.js";
import { t } from "./words.js";
import * as api from "./api.js";
import { problemWords, languages } from "./frame.js";

/** entered(me) when the desk has said yes. expired: the session ran out mid-work. */
export function signIn(app, expired) {
  const name = h("input#sign-in-name", { name: "username", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true, value: app.lastName || "" });
  const password = h("input#sign-in-password", { name: "password", type: "password", autocomplete: "current-password", required: true, value: "" });
  const wrong = h("p#sign-in-error.wrong", { role: "alert" });
  const button = h("button#sign-in-button.primary", { type: "submit" }, t("signin.button"));

  const refuse = (words, field) => {
    say(wrong, words);
    wrong.classList.add("shown");
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", "sign-in-error");
    field.focus();
    field.select();
  };

  const submit = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    for (const field of [name, password]) field.removeAttribute("aria-invalid");
    say(wrong, "");
    wrong.classList.remove("shown");
    if (!name.value.trim()) return refuse(t("signin.name_missing"), name);
    if (!password.value) return refuse(t("signin.password_missing"), password);
    button.disabled = true;
    say(button, t("signin.busy"));
    try {
      const me = await api.signIn(name.value.trim(), password.value);
      app.lastName = name.value.trim();
      await app.entered(me);
      return;
    } catch (error) {
      // Every refusal of a name and password sounds the same: which of the two was wrong is nobody's business.
      if (error instanceof api.Problem && [400, 401, 403, 422].includes(error.status)) refuse(t("signin.wrong"), password);
      else refuse(problemWords(error), password);
    } finally {
      button.disabled = false;
      say(button, t("signin.button"));
    }
  };

  const page = h("main#main.signin", { tabindex: "-1" },
    h("form.card", { onsubmit: submit, novalidate: true, "aria-labelledby": "sign-in-title" },
      h("img.hand", { src: "icon.svg", alt: "", width: 48, height: 48 }),
      h("h1#sign-in-title", {}, t("signin.title")),
      h("p.soft", {}, expired ? t("signin.expired") : t("signin.lead")),
      h("label", { for: "sign-in-name" }, t("signin.name")), name,
      h("label", { for: "sign-in-password" }, t("signin.password")), password,
      wrong, button),
    languages(app));
  return {
    el: page,
    title: t("signin.title"),
    arrive: () => (name.value ? password : name).focus(),
    leave() {},
    // What was typed outlives a change of language.
    keep: () => ({ name: name.value, password: password.value }),
    restore(kept) { name.value = kept.name; password.value = kept.password; },
  };
}
