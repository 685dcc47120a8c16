// What was understood of a question, as chips that can be changed, clicked away and put back.

import { button, icon, node } from "./dom.js";
import { amount, leaf } from "./format.js";
import { say } from "./texts.js";

/** Chips of a need: {kind, label, names, soft, price?, people?}. `names` is what `without` calls them; none means it stays. */
export function chipsOf(need, lang) {
  if (!need) return [];
  const paths = need.categories ?? need.category_paths ?? [];
  // What is looked for is changed by asking for something else: without it nothing is left to look for.
  const chips = [];
  paths.forEach((path, index) => merge(chips, { kind: "category", path, label: need.category_names?.[index] ?? leaf(path), names: [] }));
  if (need.party?.people) chips.push({ kind: "party", label: say(lang, "people", { count: need.party.people }), names: ["party"], people: need.party.people });
  const prices = (need.constraints ?? []).filter((constraint) => constraint.kind === "price");
  if (prices.length > 0) chips.push(priceChip(prices, lang));
  for (const constraint of need.constraints ?? []) {
    if (constraint.kind === "price") continue;
    const name = constraint.name ?? constraint.kind;
    merge(chips, { kind: "constraint", label: constraint.text || `${name} ${constraint.op ?? ""} ${constraint.value ?? ""}`.trim(), names: [name], soft: constraint.hard === false });
  }
  for (const trait of need.traits ?? []) merge(chips, { kind: "trait", label: trait.text || trait.id, names: [trait.id] });
  return chips;
}

/** Several traits of the same words ("Sanya": summer, humid, beach) are one chip. */
function merge(chips, chip) {
  const same = chips.find((other) => other.kind === chip.kind && other.label === chip.label);
  if (same) same.names.push(...chip.names);
  else chips.push(chip);
}

function priceChip(prices, lang) {
  const bound = (sign) => prices.find((price) => String(price.op).startsWith(sign));
  const shown = (price) => ({ value: price.stated?.value ?? price.value, currency: price.stated?.currency ?? price.currency });
  const written = (price) => amount(shown(price).value, shown(price).currency, lang);
  const [low, high] = [bound(">"), bound("<")];
  const SIGNS = { "<=": "≤", ">=": "≥" };
  const label = low && high
    ? say(lang, "priceBetween", { low: written(low), high: written(high) })
    : prices.map((price) => `${SIGNS[price.op] ?? price.op ?? ""} ${written(price)}`.trim()).join(" ");
  const currency = shown(prices[0]).currency;
  const price = { low: low ? shown(low).value : "", high: high ? shown(high).value : "", currency };
  return { kind: "price", label, names: ["price"], soft: prices.every((one) => one.hard === false), price };
}

/** The row of chips. `actions`: remove(chip), restore(chip), edit(chip, chipElement), refine(text). */
export function chipRow({ chips, removed, live, lang }, actions) {
  const gone = new Set(removed.flatMap((chip) => chip.names));
  const shown = chips.filter((chip) => chip.names.length === 0 || !chip.names.every((name) => gone.has(name)));
  if (shown.length === 0 && removed.length === 0) return null;
  const list = node("ul", { class: "chips", "aria-label": say(lang, "understood") });
  list.append(...shown.map((chip) => node("li", {}, live ? liveChip(chip, lang, actions) : plainChip(chip))));
  if (live) list.append(...removed.map((chip) => node("li", {}, restoreChip(chip, lang, actions))));
  return list;
}

/** Grey chips where what is understood will be. */
export function waitingChips() {
  return node("div", { class: "chips", "aria-hidden": "true" }, ...Array.from({ length: 3 }, () => node("span", { class: "chip chip-waiting" })));
}

function plainChip(chip) {
  return node("span", { class: `chip chip-${chip.kind}`, "data-testid": "chip" }, node("span", { class: "chip-text" }, chip.label));
}

function liveChip(chip, lang, actions) {
  const soft = chip.soft ? node("span", { class: "chip-note" }, say(lang, "chipSoft")) : null;
  const text = button({ class: "chip-text", "aria-label": say(lang, "chipChange", { text: chip.soft ? `${chip.label} ${say(lang, "chipSoft")}` : chip.label }), "data-testid": "chip-text" }, () => actions.edit(chip, element), chip.label, soft);
  const element = node("span", { class: `chip chip-live chip-${chip.kind}`, "data-testid": "chip", "data-names": chip.names.join(" ") || null }, text);
  if (chip.names.length > 0) {
    const label = say(lang, "chipRemove", { text: chip.label });
    element.append(button({ class: "chip-remove", "aria-label": label, title: label, "data-testid": "chip-remove" }, () => actions.remove(chip), icon("close")));
  }
  return element;
}

function restoreChip(chip, lang, actions) {
  const label = say(lang, "chipRestore", { text: chip.label });
  return button({ class: "chip chip-gone", "aria-label": label, title: label, "data-testid": "chip-restore" }, () => actions.restore(chip), icon("plus"), node("s", {}, chip.label));
}

/** A small form that changes a price or a number of people; it asks in words, as the shopper would. */
export function chipEditor(chip, lang, { refine, cancel }) {
  const price = chip.price;
  const field = (name, label, value, least) =>
    node("label", { class: "edit-field" }, node("span", {}, label),
      node("input", { type: "number", name, min: least, step: "any", inputmode: "decimal", value, "data-testid": `edit-${name}` }));
  const fields = price
    ? [field("low", say(lang, "editLow"), price.low, 0), field("high", say(lang, "editHigh"), price.high, 0)]
    : [field("people", say(lang, "editPeople"), chip.people, 1)];
  const submit = (event) => {
    event.preventDefault();
    const text = price ? priceWords(form, price.currency, lang) : peopleWords(form, lang);
    if (text) refine(text);
  };
  const escape = (event) => {
    if (event.key === "Escape") cancel();
  };
  const form = node("form", { class: "chip-editor", "data-testid": "chip-editor", on: { submit, keydown: escape } },
    ...fields,
    node("div", { class: "edit-actions" },
      node("button", { type: "submit", class: "button primary", "data-testid": "edit-apply" }, say(lang, "apply")),
      button({ class: "button", "data-testid": "edit-cancel" }, cancel, say(lang, "cancel"))));
  return form;
}

function priceWords(form, currency, lang) {
  const low = form.elements.low.value;
  const high = form.elements.high.value;
  const unit = currency === "CNY" || !currency ? say(lang, "yuan") : currency;
  if (low && high) return say(lang, "refineBetween", { low, high, unit });
  if (high) return say(lang, "refineHigh", { high, unit });
  return low ? say(lang, "refineLow", { low, unit }) : "";
}

function peopleWords(form, lang) {
  const count = Math.round(Number(form.elements.people.value));
  return count > 0 ? say(lang, "refinePeople", { count }) : "";
}
