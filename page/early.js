// Runs before the first paint, so that a remembered theme or language does not flash.
(function early() {
  const root = document.documentElement;
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const theme = read("daogou.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const language = read("daogou.lang") || (/^zh\b/i.test(navigator.language || "zh") ? "zh" : "en");
  root.lang = language === "zh" ? "zh-CN" : "en";
})();
