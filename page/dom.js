// Small helpers to build elements. Data only ever becomes text nodes or checked addresses.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `node("p", {class: "lead"}, "text", child)`. Functions in `on` become listeners; null and false are left out. */
export function node(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

/** A drawing from the sprite in the page, silent for screen readers. */
export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A button with a listener. */
export function button(attributes, onClick, ...children) {
  return node("button", { type: "button", ...attributes, on: { click: onClick } }, ...children);
}

/** An http(s) address, or null: a catalog's link is never trusted to be one. */
export function webAddress(text) {
  if (typeof text !== "string" || !/^https?:\/\//i.test(text.trim())) return null;
  try {
    const url = new URL(text.trim());
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** The address of a picture: http(s), or a path under this service. */
export function pictureAddress(text) {
  if (typeof text === "string" && /^\/(?![/\\])/.test(text)) return text;
  return webAddress(text);
}

const drawn = new WeakMap();

/** Redraws the inside of an element only when what it shows has changed, so that focus and pictures stay. */
export function fill(element, data, build) {
  const signature = JSON.stringify(data ?? null);
  if (drawn.get(element) === signature) return false;
  drawn.set(element, signature);
  const children = data === null || data === undefined ? [] : [build(data)].flat().filter(Boolean);
  element.replaceChildren(...children);
  element.hidden = children.length === 0;
  return true;
}

/** Forgets what an element shows: the next `fill` draws anew. */
export function forget(element) {
  drawn.delete(element);
}

/** Whether motion is welcome. */
export function smooth() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
