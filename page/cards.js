// Product cards: everything on them is the catalog's, as the service sent it.

import { fill, icon, node, pictureAddress, webAddress } from "./dom.js";
import { attributeName, figure, joined, money } from "./format.js";
import { say } from "./texts.js";

/** A card that can be shown again with more known. `place` gives {elementId, ordinal}; `picks` is the comparison's choice. */
export function makeCard(place, lang, picks) {
  const parts = {};
  const part = (name, tag, classes) => (parts[name] = node(tag, { class: classes ?? name, hidden: true }));
  const tick = node("input", { type: "checkbox", "data-testid": "compare", on: { change: () => picks.toggle(current.card, { lang, answer: current.answer }) } });
  const tickLabel = node("label", { class: "tick" }, tick, icon("check"), node("span", {}, say(lang, "compare")));
  const element = node("article", { class: "card", id: place.elementId, tabindex: "-1", "data-testid": "card", "aria-labelledby": `${place.elementId}-title` },
    node("div", { class: "picture" }, part("image", "div", "image"), place.ordinal ? node("span", { class: "ordinal", "aria-hidden": "true" }, String(place.ordinal)) : null),
    node("div", { class: "card-body" },
      part("labels", "ul"),
      node("h4", { class: "card-title", id: `${place.elementId}-title` }, (parts.title = node("span", {}))),
      part("price", "p"), part("rating", "p"), part("facts", "p"), part("reason", "div"), part("unstated", "p"),
      node("div", { class: "card-actions" }, part("link", "p", "card-link"), tickLabel)));
  const current = {};

  const show = (card, answer) => {
    Object.assign(current, { card, answer });
    element.dataset.id = card.id;
    tick.dataset.product = card.id;
    tick.checked = picks.has(card.id);
    const title = titleOf(card, lang);
    tick.setAttribute("aria-label", say(lang, "compareThis", { title }));
    parts.title.textContent = title;
    parts.title.title = title;
    fill(parts.image, { address: card.image_link ?? "" }, ({ address }) => picture(address, lang));
    fill(parts.labels, card.labels?.length ? card.labels : null, (labels) => labels.map((label) => node("li", { class: "label" }, label)));
    fill(parts.price, [card.price, card.final_price, card.price_steps], () => price(card, lang));
    fill(parts.rating, [card.rating, card.review_count], () => rating(card, lang));
    fill(parts.facts, [card.availability, card.brand, card.seller], () => facts(card, lang));
    fill(parts.reason, { reason: card.reason, meets: card.meets, waiting: answer.waiting }, () => reason(card, answer, lang));
    fill(parts.unstated, card.unstated?.length ? card.unstated : null, (names) => say(lang, "unstated", { names: joined(names.map((name) => attributeName(name, lang, answer)), lang) }));
    fill(parts.link, { link: card.link, title }, () => link(card, title, lang));
  };
  return { element, show };
}

export function titleOf(card, lang) {
  return (typeof card.title === "string" && card.title) || card.title?.[lang] || card.title?.zh || card.title?.en || say(lang, "untitled");
}

function picture(address, lang) {
  const source = pictureAddress(address);
  const missing = () => node("span", { class: "picture-missing", role: "img", "aria-label": say(lang, "pictureMissing") }, icon("picture"));
  if (!source) return missing();
  // The service's own drawings have margins of their own and may fill the box; a shop's photo is shown whole.
  const own = source.startsWith("/");
  const image = node("img", { src: source, class: own ? "drawn" : "photo", alt: "", width: 240, height: 240, loading: "lazy", decoding: "async", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(missing()), { once: true });
  return image;
}

function price(card, lang) {
  const final = card.final_price || card.price;
  const lowered = card.final_price && card.price && card.final_price !== card.price;
  const parts = [node("strong", { class: "price-final" }, money(final, lang))];
  if (lowered) {
    parts.push(node("s", { class: "price-list" }, node("span", { class: "hidden" }, say(lang, "listPrice", { price: "" })), money(card.price, lang)));
  }
  const steps = (card.price_steps ?? []).map((step) => stepText(step, lang)).filter(Boolean);
  if (steps.length > 0) parts.push(node("span", { class: "price-steps" }, joined(steps, lang)));
  return parts;
}

const STEP_TEXTS = { sale: "stepSale", coupon: "stepCoupon", member: "stepMember" };

/** One step from list price to final price, in words: "sale −¥100". */
export function stepText(step, lang) {
  const [before, after] = [step?.before, step?.after].map((text) => /^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]{3})\s*$/.exec(text || ""));
  if (!before || !after || before[2] !== after[2]) return step?.text ?? step?.kind ?? "";
  // Whole minor units: prices are never added up as binary fractions.
  const minor = (text) => Math.round(Number(text) * 1000);
  const difference = minor(before[1]) - minor(after[1]);
  const written = money(`${Math.abs(difference) / 1000} ${before[2]}`, lang);
  if (difference < 0) return say(lang, "stepAdded", { kind: step.kind, added: written });
  return say(lang, STEP_TEXTS[step.kind] ?? "stepOther", { saved: written });
}

function rating(card, lang) {
  if (typeof card.rating !== "number") return node("span", { class: "quiet" }, say(lang, "noRating"));
  const halves = Math.round(card.rating * 2);
  const stars = Array.from({ length: 5 }, (_, index) => {
    const filled = halves - index * 2;
    return node("span", { class: "star" }, icon("star", "star-empty"), filled >= 2 ? icon("star", "star-full") : filled === 1 ? icon("star-half", "star-full") : null);
  });
  return [
    node("span", { class: "stars", role: "img", "aria-label": say(lang, "stars", { rating: card.rating }) }, ...stars),
    node("span", { class: "rating-figure", "aria-hidden": "true" }, card.rating.toFixed(1)),
    typeof card.review_count === "number" ? node("span", { class: "quiet" }, say(lang, "reviews", { count: figure(card.review_count, lang) })) : null,
  ];
}

const STOCKS = new Set(["in_stock", "out_of_stock", "preorder", "backorder"]);

export function stockText(availability, lang) {
  return STOCKS.has(availability) ? say(lang, availability) : String(availability ?? "");
}

function facts(card, lang) {
  const stock = card.availability ? node("span", { class: `stock stock-${STOCKS.has(card.availability) ? card.availability : "other"}` }, stockText(card.availability, lang)) : null;
  return [stock, ...[card.brand, card.seller].filter(Boolean).map((name) => node("span", { class: "maker" }, typeof name === "string" ? name : name.name ?? ""))];
}

/** Why it fits. The reason may come later than the card: its room is kept. */
function reason(card, answer, lang) {
  if (card.reason) return node("p", {}, card.reason);
  if (answer.waiting) return skeletonLines(3);
  const names = (card.meets ?? []).map((name) => attributeName(name, lang, answer));
  return names.length > 0 ? node("p", {}, say(lang, "fits", { names: joined(names, lang) })) : null;
}

function link(card, title, lang) {
  const address = webAddress(card.link);
  if (!address) return node("span", { class: "quiet" }, say(lang, "noLink"));
  return node("a", { class: "button shop-link", href: address, target: "_blank", rel: "noopener noreferrer", "aria-label": say(lang, "openShopOf", { title }), "data-testid": "shop-link" }, say(lang, "openShop"), icon("out"));
}

/** Grey lines where text will be. */
export function skeletonLines(count) {
  return node("span", { class: "skeleton-lines", "aria-hidden": "true" }, ...Array.from({ length: count }, () => node("span", { class: "skeleton-line" })));
}
