// How prices, figures and names are shown.

import { ATTRIBUTE_NAMES } from "./names.js";

const locale = (lang) => (lang === "zh" ? "zh-CN" : "en");

/** An amount as people write it: "129.00", "CNY" → "¥129". */
export function amount(value, currency, lang) {
  const number = Number(value);
  if (!Number.isFinite(number) || !/^[A-Za-z]{3}$/.test(currency || "")) return [value, currency].filter(Boolean).join(" ");
  const whole = Number.isInteger(number);
  try {
    const options = { style: "currency", currency: currency.toUpperCase(), currencyDisplay: "narrowSymbol" };
    if (whole) Object.assign(options, { minimumFractionDigits: 0, maximumFractionDigits: 0 });
    return new Intl.NumberFormat(locale(lang), options).format(number);
  } catch {
    return `${value} ${currency}`;
  }
}

/** A price of the catalog: "129.00 CNY". */
export function money(text, lang) {
  const parts = /^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z]{3})\s*$/.exec(text || "");
  return parts ? amount(parts[1], parts[2], lang) : String(text ?? "");
}

/** A plain figure with thousands marks. */
export function figure(number, lang) {
  return new Intl.NumberFormat(locale(lang)).format(number);
}

/** A text that may be given per language. */
export function inLanguage(value, lang) {
  if (value === null || value === undefined) return "";
  if (typeof value === "object" && !Array.isArray(value)) return String(value[lang] ?? value.zh ?? value.en ?? "");
  return String(value);
}

const UNITS = { h: ["小时", "h"], min: ["分钟", "min"], l: ["升", "L"], people: ["人", "people"], days: ["天", "days"], years: ["岁", "years"], months: ["个月", "months"], pieces: ["件", "pieces"] };

/** The value of an attribute: text, number, {value, unit}, per language, or a list of such. */
export function attributeValue(value, lang) {
  if (Array.isArray(value)) return value.map((one) => attributeValue(one, lang)).join(lang === "zh" ? "、" : ", ");
  if (value && typeof value === "object" && "value" in value) {
    const unit = inLanguage(value.unit, lang);
    const known = UNITS[unit];
    return `${inLanguage(value.value, lang)} ${known ? known[lang === "zh" ? 0 : 1] : unit}`.trim();
  }
  return inLanguage(value, lang);
}

/** What people call an attribute or rule: the answer's own words first, then the usual ones, then its key made readable. */
export function attributeName(key, lang, answer) {
  const known = answer?.names?.[key] ?? answer?.dimensions?.find((dimension) => dimension.id === key)?.name;
  if (known) return inLanguage(known, lang);
  const usual = ATTRIBUTE_NAMES[key];
  if (usual) return usual[lang === "zh" ? 0 : 1];
  return String(key).replaceAll("_", " ");
}

/** Names joined into one text. */
export function joined(names, lang) {
  return names.join(lang === "zh" ? "、" : ", ");
}

/** The last part of a category path: "Apparel > Hats" → "Hats". */
export function leaf(path) {
  return String(path).split(">").at(-1).trim();
}

/** The language a text is in, as far as its letters tell. */
export function languageOf(text, otherwise) {
  if (/[㐀-鿿豈-﫿]/.test(text)) return "zh";
  return /[A-Za-z]{2}/.test(text) ? "en" : otherwise;
}

/** The number by which the conversation speaks of a card; 0 for none. */
export function numberOf(card, index) {
  return card.place === undefined ? index + 1 : card.place ?? 0;
}
