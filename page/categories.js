// The shop's own words for categories, read from the records of the products shown.

import { inLanguage, leaf } from "./format.js";
import { productRecord } from "./service.js";

const known = new Map();

/** Names beside `need.categories` in Chinese, or null when there is nothing to add. */
export async function localCategoryNames(answer, lang) {
  const paths = answer.need?.categories ?? [];
  if (lang !== "zh" || answer.need?.category_names || paths.length === 0 || paths.every((path) => /[㐀-鿿]/.test(path))) return null;
  const shown = [...(answer.products ?? []), ...(answer.nearest ?? []).flatMap((entry) => entry.products ?? [])];
  for (const card of shown.slice(0, 8)) {
    if (paths.every((path) => known.has(path))) break;
    const record = await productRecord(card.id).catch(() => null);
    const type = record?.product_type;
    if (type?.en && type?.zh) known.set(type.en, inLanguage(type, "zh"));
  }
  return paths.some((path) => known.has(path)) ? paths.map((path) => leaf(known.get(path) ?? path)) : null;
}
