// The parts of an answer below the cards: summary, list, dimensions, what is nearest, question, follow-ups, notices.

import { button, icon, node, pictureAddress } from "./dom.js";
import { attributeName, joined, money, numberOf } from "./format.js";
import { stockText, titleOf } from "./cards.js";
import { say } from "./texts.js";

const QUOTES = [["《", "》"], ["“", "”"], ["「", "」"], ['"', '"']];

/** Every card of an answer: what fits first, then what is near. */
function shownCards(answer) {
  return [...(answer.products ?? []), ...(answer.nearest ?? []).flatMap((entry) => entry.products ?? [])];
}

/** Text in which quoted titles and "pick 2" of shown products become links to their cards. */
export function linked(text, answer, lang, jump) {
  const found = mentions(String(text ?? ""), answer, lang);
  const pieces = [];
  let from = 0;
  for (const { start, end, id } of found) {
    if (start < from) continue;
    pieces.push(text.slice(from, start), jumpLink(text.slice(start, end), id, jump));
    from = end;
  }
  pieces.push(String(text ?? "").slice(from));
  return pieces;
}

function mentions(text, answer, lang) {
  const found = [];
  for (const card of shownCards(answer)) {
    const title = titleOf(card, lang);
    for (const [open, close] of QUOTES) {
      const quoted = open + title + close;
      for (let at = text.indexOf(quoted); at >= 0; at = text.indexOf(quoted, at + quoted.length)) found.push({ start: at, end: at + quoted.length, id: card.id });
    }
  }
  for (const match of text.matchAll(/第\s?(\d{1,2})\s?款|\bpick (\d{1,2})\b/g)) {
    const number = Number(match[1] ?? match[2]);
    const card = answer.products?.find((shown, index) => numberOf(shown, index) === number);
    if (card) found.push({ start: match.index, end: match.index + match[0].length, id: card.id });
  }
  return found.sort((a, b) => a.start - b.start || b.end - a.end);
}

function jumpLink(text, id, jump) {
  // An anchor, since only inline text breaks across lines.
  const onClick = (event) => {
    event.preventDefault();
    jump(id);
  };
  return node("a", { class: "jump", href: jump.anchor(id), "data-product": id, on: { click: onClick } }, text);
}

/** Paragraphs of a text that may carry line breaks. */
export function paragraphs(text, answer, lang, jump) {
  return String(text ?? "").split(/\n{2,}/).filter((one) => one.trim()).map((one) => node("p", { class: "prose" }, ...linked(one, answer, lang, jump)));
}

/** One dimension of advice. */
export function dimensionSection(dimension, answer, lang, jump) {
  const hints = [hintList("prefer", dimension.prefer, lang), hintList("avoid", dimension.avoid, lang)].filter(Boolean);
  return node("section", { class: "dimension", "data-testid": "dimension", "data-dimension": dimension.id ?? "" },
    node("h4", { class: "dimension-name" }, dimension.name || attributeName(dimension.id ?? "", lang, answer)),
    node("div", { class: "dimension-text" },
      ...paragraphs(dimension.advice, answer, lang, jump),
      hints.length > 0 ? node("dl", { class: "hints" }, ...hints) : null,
      node("div", { class: "dimension-foot" }, productButtons(dimension.products, answer, lang, jump), evidence(dimension.evidence, answer, lang))));
}

/** So many values of a hint stand at once; the rest comes on request. */
const HINTS = 8;

function hintList(key, values, lang) {
  if (!values?.length) return null;
  const hint = node("div", { class: `hint hint-${key}` }, node("dt", {}, say(lang, key)), ...values.slice(0, HINTS).map((value) => node("dd", {}, value)));
  const rest = values.slice(HINTS);
  if (rest.length > 0) {
    const more = button({ class: "hint-more" }, () => {
      const added = rest.map((value) => node("dd", { tabindex: "-1" }, value));
      holder.replaceWith(...added);
      added[0].focus({ preventScroll: true });
    }, say(lang, "more", { count: rest.length }));
    const holder = node("dd", { class: "hint-holder" }, more);
    hint.append(holder);
  }
  return hint;
}

function productButtons(ids, answer, lang, jump) {
  const cards = (ids ?? []).map((id) => [id, (answer.products ?? []).findIndex((card) => card.id === id)]).filter(([, place]) => place >= 0);
  if (cards.length === 0) return null;
  return node("span", { class: "named" }, node("span", { class: "named-label" }, say(lang, "goesFor")), ...cards.map(([id, place]) => {
    const title = titleOf(answer.products[place], lang);
    const number = numberOf(answer.products[place], place);
    const label = say(lang, "namedProduct", { place: number, title });
    return button({ class: "named-product", title, "aria-label": label, "data-product": id, "data-testid": "named-product" }, () => jump(id), thumbnail(answer.products[place]), node("span", { class: "ordinal" }, String(number)));
  }));
}

/** A small picture, or nothing where there is none to be had. */
function thumbnail(card) {
  const source = pictureAddress(card.image_link);
  if (!source) return null;
  const image = node("img", { src: source, alt: "", width: 28, height: 28, loading: "lazy", decoding: "async", referrerpolicy: "no-referrer", class: "thumbnail" });
  image.addEventListener("error", () => image.remove(), { once: true });
  return image;
}

function evidence(list, answer, lang) {
  if (!list?.length) return null;
  return node("details", { class: "evidence" },
    node("summary", {}, say(lang, "evidence")),
    node("ul", {}, ...list.map((one) => node("li", {}, evidenceName(one, answer, lang), one.text ? node("span", { class: "evidence-text" }, one.text) : null, one.kind === "facet" ? null : node("code", {}, one.ref ?? "")))));
}

function evidenceName(one, answer, lang) {
  const [reference] = String(one.ref ?? "").split("#");
  const product = () => {
    const card = shownCards(answer).find((known) => known.id === reference);
    return card ? titleOf(card, lang) : reference;
  };
  switch (one.kind) {
    case "guide": return say(lang, "evidenceGuide");
    case "scene": return say(lang, "evidenceScene");
    case "facet": return say(lang, "evidenceFacet", { name: attributeName(reference, lang, answer) });
    case "review": return say(lang, "evidenceReview", { name: product() });
    case "product": return say(lang, "evidenceProduct", { name: product() });
    default: return String(one.kind ?? "");
  }
}

/** The list of a scene: what, how many, what it costs, and the sum. */
export function kitSection(kit, answer, lang, jump) {
  const nameOf = (one) => (typeof one === "string" ? one : one?.name ?? one?.text ?? "");
  const note = (key, list) => (list?.length ? node("p", { class: "kit-note" }, say(lang, key, { names: joined(list.map(nameOf), lang) })) : null);
  return node("section", { class: kit.ideas ? "kit kit-ideas" : "kit", "data-testid": "kit" },
    node("div", { class: "kit-head" }, node("h3", {}, say(lang, "kitHeading")), kit.people > 1 ? node("span", { class: "quiet" }, say(lang, "kitPeople", { count: kit.people })) : null),
    kit.ideas ? node("p", { class: "kit-note" }, say(lang, "kitIdeas")) : null,
    node("ol", { class: "kit-rows" }, ...(kit.slots ?? []).map((slot) => kitRow(slot, kit, answer, lang, jump))),
    kit.total ? node("p", { class: "kit-total" }, node("span", {}, say(lang, "kitTotal")), node("strong", {}, money(kit.total, lang))) : null,
    note("kitMissing", kit.missing), note("kitLeftOut", kit.left_out));
}

function kitRow(slot, kit, answer, lang, jump) {
  const card = shownCards(answer).find((known) => (slot.products ?? []).includes(known.id));
  return node("li", { class: "kit-row" },
    node("div", { class: "kit-what" },
      node("span", { class: "kit-name" }, slot.name ?? "", slot.optional && !kit.ideas ? node("span", { class: "tag" }, say(lang, "kitOptional")) : null),
      card ? jumpLink(titleOf(card, lang), card.id, jump) : null,
      slot.why ? node("span", { class: "kit-why" }, slot.why) : null),
    slot.quantity && !kit.ideas ? node("span", { class: "kit-quantity" }, `×${slot.quantity}`) : null,
    node("span", { class: "kit-cost" }, slot.cost ? money(slot.cost, lang) : ""));
}

/** What is near when nothing fits; its cards are put into `listFor(entry)`. */
export function nearestSection(nearest, answer, lang, live, { listFor, relax }) {
  return node("section", { class: "nearest", "data-testid": "nearest" },
    node("h3", {}, say(lang, "nearestHeading")),
    ...nearest.map((entry, index) => node("div", { class: "nearest-entry" },
      node("p", { class: "nearest-text" }, node("span", {}, say(lang, "nearestText", { text: entry.text || attributeName(entry.relaxed ?? "", lang, answer), count: entry.count ?? entry.products?.length ?? 0 })),
        live && entry.relaxed ? button({ class: "button", "data-testid": "nearest-apply" }, () => relax(entry), say(lang, "nearestApply")) : null),
      listFor(entry, index))));
}

/** A comparison the service made. */
export function comparisonSection(comparison, answer, lang) {
  const cards = (comparison.products ?? []).map((id) => answer.products?.find((card) => card.id === id) ?? { id, title: id });
  const cell = (value) => (value === null || value === undefined ? node("td", { class: "not-stated" }, say(lang, "notStated")) : node("td", {}, shownValue(value, lang)));
  const rows = [...(comparison.rows ?? [])].sort((a, b) => Number(Boolean(b.differs)) - Number(Boolean(a.differs)));
  return node("section", { class: "comparison", "data-testid": "comparison" },
    node("h3", {}, say(lang, "comparisonHeading")),
    comparison.verdict ? node("p", { class: "prose" }, comparison.verdict) : null,
    node("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `${say(lang, "comparisonHeading")}: ${joined(cards.map((card) => titleOf(card, lang)), lang)}` },
      node("table", { class: "compare-table" },
        node("thead", {}, node("tr", {}, node("th", { scope: "col" }, say(lang, "rowItem")), ...cards.map((card) => node("th", { scope: "col" }, titleOf(card, lang))))),
        node("tbody", {}, ...rows.map((row) => node("tr", { class: row.differs ? "differs" : "same" }, node("th", { scope: "row" }, attributeName(row.name, lang, answer)), ...cards.map((card) => cell(row.values?.[card.id]))))))));
}

function shownValue(value, lang) {
  const text = Array.isArray(value) ? joined(value, lang) : String(value);
  return /^[a-z]+_[a-z]+$/.test(text) ? stockText(text, lang) : money(text, lang);
}

/** The one question, as buttons. */
export function questionSection(question, lang, send) {
  return node("section", { class: "question", "data-testid": "question" },
    node("h3", {}, question.text ?? ""),
    node("div", { class: "options" }, ...(question.options ?? []).map((option) => {
      const value = typeof option === "string" ? option : option.value;
      return button({ class: "option", "data-testid": "question-option" }, () => send(value), value, option.count > 0 ? node("span", { class: "count" }, say(lang, "countOf", { count: option.count })) : null);
    })));
}

export function followUpSection(texts, lang, send) {
  return node("section", { class: "follow-ups", "aria-label": say(lang, "followUps") },
    node("h3", {}, say(lang, "followUps")),
    node("div", { class: "options" }, ...texts.map((text) => button({ class: "option", "data-testid": "follow-up" }, () => send(text), text))));
}

/** What was relaxed or could not be checked, and why a configured model did not write. */
export function noticeSection({ notices, degraded }, lang) {
  const lines = [...notices, degraded ? say(lang, "degraded", { reason: degraded }) : null].filter(Boolean);
  return node("section", { class: "notices", "aria-label": say(lang, "noticesHeading"), "data-testid": "notices" }, ...lines.map((line) => node("p", {}, icon("alert"), node("span", {}, line))));
}
