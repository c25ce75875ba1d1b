// Elements from data. Text from outside only ever becomes a text node, so a
// name such as "<img onerror=…>" is shown, never run.

const svgNS = "http://www.w3.org/2000/svg";

// What steers a page rather than being read: control characters, and those that
// turn the writing direction of all that follows.
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text as it may be shown. */
export const clean = (text) => String(text).replace(steering, "");

/** h("button.primary#take", {type: "button", onclick: f}, "Take") */
export function h(what, attrs, ...kids) {
  const [, tag, id, classes] = /^([a-z0-9]+)(?:#([\w-]+))?((?:\.[\w-]+)*)$/i.exec(what);
  const el = document.createElement(tag);
  if (id) el.id = id;
  if (classes) el.className = classes.slice(1).replaceAll(".", " ");
  dress(el, attrs);
  add(el, kids);
  return el;
}

/** svg("circle", {r: 5}) */
export function svg(tag, attrs, ...kids) {
  const el = document.createElementNS(svgNS, tag);
  dress(el, attrs);
  add(el, kids);
  return el;
}

/** Puts new children in the place of the old ones. */
export function fill(el, ...kids) {
  el.replaceChildren();
  add(el, kids);
  return el;
}

/** Sets text only when it differs: a screen reader need not hear it again. */
export function say(el, text) {
  const shown = clean(text);
  if (el.textContent !== shown) el.textContent = shown;
}

const addresses = /^(href|src|data-.*)$/; // must lead where they lead

function dress(el, attrs) {
  for (const [key, value] of Object.entries(attrs || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (key === "value") el.value = value;
    else if (key === "class") el.classList.add(...value.split(" ").filter(Boolean));
    else el.setAttribute(key, value === true ? "" : addresses.test(key) ? String(value) : clean(value));
  }
}

function add(el, kids) {
  for (const kid of kids.flat(Infinity)) {
    if (kid === undefined || kid === null || kid === false) continue;
    el.append(kid instanceof Node ? kid : clean(kid));
  }
}
