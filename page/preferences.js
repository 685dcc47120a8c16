// What this browser remembers: theme and language for good, the session for this tab.

function read(storage, key) {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function write(storage, key, value) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // Storage may be switched off; the page works without.
  }
}

const lasting = () => localStorage;
const forTab = () => sessionStorage;

/** The language of the page itself: chosen before, else the browser's. */
export function pageLanguage() {
  const chosen = read(lasting, "daogou.lang");
  if (chosen === "zh" || chosen === "en") return chosen;
  return /^zh\b/i.test(navigator.language || "zh") ? "zh" : "en";
}

export function rememberLanguage(lang) {
  write(lasting, "daogou.lang", lang);
}

/** Turns dark into light and back, from whatever is in force now. */
export function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  write(lasting, "daogou.theme", root.dataset.theme);
}

export function rememberedSession() {
  return read(forTab, "daogou.session");
}

export function rememberSession(id) {
  write(forTab, "daogou.session", id);
  if (id === null) write(forTab, "daogou.without", null);
}

/** The question that is being answered, so that a reload in the middle does not lose it. */
export function rememberedPending() {
  return read(forTab, "daogou.pending");
}

export function rememberPending(message) {
  write(forTab, "daogou.pending", message);
}

/** What the shopper clicked away from the last question, so that it stays away after a reload. */
export function rememberedRemoved(message) {
  try {
    const kept = JSON.parse(read(forTab, "daogou.without"));
    return kept?.message === message && Array.isArray(kept.removed) ? kept.removed : [];
  } catch {
    return [];
  }
}

export function rememberRemoved(message, removed) {
  write(forTab, "daogou.without", removed.length > 0 ? JSON.stringify({ message, removed }) : null);
}
