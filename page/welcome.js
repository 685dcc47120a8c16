// Preset questions to start from, by role.

import { button, icon, node } from "./dom.js";
import { say } from "./texts.js";

const ROLES = [
  ["guide", "bag", "roleGuide"],
  ["life", "home", "roleLife"],
  ["food", "pot", "roleFood"],
  ["travel", "compass", "roleTravel"],
  ["writer", "pen", "roleWriter"],
];
const MOST_OF_A_ROLE = 4;

/** The presets as groups. Roles that are not known go with the guide's. */
export function presetGroups(list, lang, send) {
  const known = new Set(ROLES.map(([role]) => role));
  return ROLES.map(([role, picture, key]) => {
    const texts = list.filter((one) => (known.has(one.persona) ? one.persona : "guide") === role).slice(0, MOST_OF_A_ROLE);
    if (texts.length === 0) return null;
    return node("section", { class: "preset-group", "aria-labelledby": `role-${role}` },
      node("h3", { id: `role-${role}` }, icon(picture), say(lang, key)),
      node("ul", {}, ...texts.map((one) => node("li", {}, button({ class: "preset", "data-testid": "preset" }, () => send(one.text), one.text)))));
  }).filter(Boolean);
}

/** Grey boxes that keep the room of the presets. */
export function presetSkeleton() {
  const boxes = (count) => Array.from({ length: count }, () => node("span", { class: "skeleton-box" }));
  return [MOST_OF_A_ROLE, 1, 1, 1, 1].map((count) => node("div", { class: "preset-group skeleton-group", "aria-hidden": "true" }, node("span", { class: "skeleton-line" }), ...boxes(count)));
}
