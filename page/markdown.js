// An answer as Markdown, for copying.

import { attributeName, joined, money, numberOf } from "./format.js";
import { stockText, titleOf } from "./cards.js";
import { webAddress } from "./dom.js";
import { say } from "./texts.js";

/** A catalog's text is text in Markdown too. */
const plain = (text) => String(text ?? "").replace(/\s+/g, " ").replace(/[\\`*_{}[\]<>#|]/g, "\\$&");

function product(card, lang) {
  const title = plain(titleOf(card, lang));
  const address = webAddress(card.link);
  const facts = [money(card.final_price || card.price, lang)];
  if (typeof card.rating === "number") facts.push(`★ ${card.rating} (${card.review_count ?? 0})`);
  if (card.availability) facts.push(stockText(card.availability, lang));
  const named = address ? `[${title}](${address.replace(/[()]/g, encodeURIComponent)})` : title;
  return `${named} — ${facts.map(plain).join(" · ")}${card.reason ? `\n   ${plain(card.reason)}` : ""}`;
}

/** The whole answer with its links. */
export function answerMarkdown(message, answer, lang) {
  const blocks = [`## ${plain(message)}`];
  if (answer.summary) blocks.push(plain(answer.summary));
  if (answer.products?.length) blocks.push(answer.products.map((card, index) => `${numberOf(card, index) || index + 1}. ${product(card, lang)}`).join("\n"));
  if (answer.kit?.slots?.length) {
    const rows = answer.kit.slots.map((slot) => `- ${plain(slot.name)}${answer.kit.ideas ? "" : ` ×${slot.quantity}`} — ${money(slot.cost, lang)}`);
    if (answer.kit.total) rows.push(`- **${say(lang, "kitTotal")} ${money(answer.kit.total, lang)}**`);
    blocks.push(rows.join("\n"));
  }
  for (const entry of answer.nearest ?? []) {
    const heading = say(lang, "nearestText", { text: plain(entry.text), count: entry.count });
    blocks.push([heading, ...(entry.products ?? []).map((card) => `- ${product(card, lang)}`)].join("\n"));
  }
  for (const dimension of answer.dimensions ?? []) {
    const lines = [`### ${plain(dimension.name || attributeName(dimension.id, lang, answer))}`, "", plain(dimension.advice)];
    for (const key of ["prefer", "avoid"]) {
      if (dimension[key]?.length) lines.push("", `${say(lang, key)}: ${plain(joined(dimension[key], lang))}`);
    }
    blocks.push(lines.join("\n"));
  }
  if (answer.notices?.length) blocks.push(answer.notices.map((notice) => `> ${plain(notice)}`).join("\n"));
  return `${blocks.join("\n\n")}\n`;
}

/** Copies, also where the clipboard interface is closed because the page came over plain HTTP. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "hidden";
    area.setAttribute("readonly", "");
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
