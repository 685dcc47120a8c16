// Comparing two to four products by what their cards and records say.

import { stockText, titleOf } from "./cards.js";
import { button, icon, node, pictureAddress, webAddress } from "./dom.js";
import { attributeName, attributeValue, figure, joined, money } from "./format.js";
import { productRecord } from "./service.js";
import { say } from "./texts.js";

const MOST = 4;

/** The products that are ticked, the tray that shows them, and the table. */
export class Comparison {
  #picks = new Map();

  constructor({ tray, dialog, title, body, closer }, { pageLang, notify }) {
    Object.assign(this, { tray, dialog, title, body, pageLang, notify });
    closer.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  has(id) {
    return this.#picks.has(id);
  }

  toggle(card, { lang, answer }) {
    if (this.#picks.has(card.id)) this.#picks.delete(card.id);
    else if (this.#picks.size >= MOST) this.notify(say(lang, "compareMost"));
    else this.#picks.set(card.id, { card, lang, answer });
    this.draw();
  }

  clear() {
    this.#picks.clear();
    this.draw();
  }

  /** The tray, and the ticks of all cards on the page. */
  draw() {
    for (const tick of document.querySelectorAll("input[data-product]")) tick.checked = this.#picks.has(tick.dataset.product);
    const lang = this.pageLang();
    const count = this.#picks.size;
    this.tray.hidden = count === 0;
    document.body.classList.toggle("comparing", count > 0);
    if (count === 0) {
      this.tray.replaceChildren();
      return;
    }
    const hadFocus = this.tray.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    const open = button({ class: "button primary", "data-testid": "compare-open", disabled: count < 2 }, () => this.open(), icon("compare"), say(lang, "compare"));
    this.tray.replaceChildren(
      node("span", { class: "tray-text", role: "status" }, count < 2 ? say(lang, "compareNeed") : say(lang, "compareCount", { count })),
      open,
      button({ class: "button", "data-testid": "compare-clear" }, () => this.clear(), say(lang, "compareClear")));
    if (hadFocus) this.tray.querySelector(`[data-testid="${hadFocus}"]`)?.focus();
  }

  async open() {
    const picks = [...this.#picks.values()];
    if (picks.length < 2) return;
    const lang = picks[0].lang;
    this.title.textContent = say(lang, "compareTitle", { count: picks.length });
    this.dialog.lang = lang === "zh" ? "zh-CN" : "en";
    this.body.replaceChildren(table(picks, [], lang), node("p", { class: "compare-note", role: "status" }, say(lang, "compareLoading")));
    this.dialog.showModal();
    const records = await Promise.all(picks.map(({ card }) => productRecord(card.id).catch(() => null)));
    const partly = records.some((record) => record === null);
    this.body.replaceChildren(table(picks, records, lang), node("p", { class: "compare-note", role: "status" }, partly ? say(lang, "comparePartly") : ""));
  }
}

/** Rows of a comparison: {name, values: one per product, null when not stated, differs}. Those that differ come first. */
export function comparisonRows(picks, records, lang) {
  const cards = picks.map((pick) => pick.card);
  const rows = [];
  const add = (name, values) => {
    if (values.some((value) => value !== null && value !== "")) rows.push({ name, values: values.map((value) => value || null), differs: new Set(values).size > 1 });
  };
  const each = (name, read) => add(say(lang, name), cards.map(read));
  each("rowPrice", (card) => money(card.final_price || card.price, lang));
  if (cards.some((card) => card.final_price && card.final_price !== card.price)) each("rowListPrice", (card) => money(card.price, lang));
  each("rowRating", (card) => (typeof card.rating === "number" ? `★ ${card.rating.toFixed(1)} (${figure(card.review_count ?? 0, lang)})` : null));
  each("rowStock", (card) => stockText(card.availability, lang) || null);
  each("rowBrand", (card) => card.brand ?? null);
  each("rowSeller", (card) => (typeof card.seller === "string" ? card.seller : card.seller?.name ?? null));
  const named = (pick, key) => (pick.card[key] ?? []).map((name) => attributeName(name, lang, pick.answer));
  add(say(lang, "rowMeets"), picks.map((pick) => joined(named(pick, "meets"), lang) || null));
  add(say(lang, "rowUnstated"), picks.map((pick) => joined(named(pick, "unstated"), lang)).map((names, _, all) => names || (all.some(Boolean) ? "–" : null)));
  for (const [key, name] of attributeKeys(picks, records, lang)) add(name, records.map((record) => attributeOf(record, key, lang)));
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)];
}

/** The attributes of a record as pairs, whether given as an object or as a list. */
function attributePairs(record) {
  const attributes = record?.attributes ?? {};
  if (Array.isArray(attributes)) return attributes.map((one) => [one.name?.en ?? one.name, one.value ?? one.values, one.name]);
  return Object.entries(attributes).map(([key, value]) => [key, value, key]);
}

function attributeKeys(picks, records, lang) {
  const keys = new Map();
  records.forEach((record, index) => {
    for (const [key, , name] of attributePairs(record)) {
      if (!keys.has(key)) keys.set(key, typeof name === "object" ? attributeValue(name, lang) : attributeName(key, lang, picks[index].answer));
    }
  });
  return keys;
}

function attributeOf(record, key, lang) {
  const pair = attributePairs(record).find(([name]) => name === key);
  return pair ? attributeValue(pair[1], lang) || null : null;
}

function table(picks, records, lang) {
  const rows = comparisonRows(picks, records, lang);
  const cell = (value) => (value === null ? node("td", { class: "not-stated" }, say(lang, "notStated")) : node("td", {}, value));
  const row = (one) => node("tr", {}, node("th", { scope: "row" }, one.name), ...one.values.map(cell));
  const group = (key, some) => (some.length === 0 ? null : node("tbody", { "data-testid": key }, node("tr", { class: "group" }, node("th", { colspan: picks.length + 1, scope: "rowgroup" }, say(lang, key))), ...some.map(row)));
  return node("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": say(lang, "compareTitle", { count: picks.length }) },
    node("table", { class: "compare-table", "data-testid": "compare-table" },
      node("thead", {}, node("tr", {}, node("td", {}), ...picks.map(({ card }) => node("th", { scope: "col" }, columnHead(card, lang))))),
      group("compareDiffers", rows.filter((one) => one.differs)),
      group("compareSame", rows.filter((one) => !one.differs))));
}

function columnHead(card, lang) {
  const source = pictureAddress(card.image_link);
  const missing = () => node("span", { class: "compare-image picture-missing" }, icon("picture"));
  const image = source ? node("img", { src: source, alt: "", width: 64, height: 64, referrerpolicy: "no-referrer", class: "compare-image" }) : missing();
  image.addEventListener("error", () => image.replaceWith(missing()), { once: true });
  const address = webAddress(card.link);
  const title = titleOf(card, lang);
  return node("div", { class: "compare-head" }, image,
    address ? node("a", { href: address, target: "_blank", rel: "noopener noreferrer", "aria-label": say(lang, "openShopOf", { title }) }, title) : node("span", {}, title));
}
