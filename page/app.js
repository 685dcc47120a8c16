// The chat page: holds the conversation and lets its parts talk to each other.

import { Comparison } from "./compare.js";
import { makeComposer } from "./composer.js";
import { node, smooth } from "./dom.js";
import { answerMarkdown, copyText } from "./markdown.js";
import { pageLanguage, rememberLanguage, rememberPending, rememberRemoved, rememberSession, rememberedPending, rememberedRemoved, rememberedSession, toggleTheme } from "./preferences.js";
import { eraseSession, sessionTurns, suggestions } from "./service.js";
import { ask } from "./stream.js";
import { say, writePage } from "./texts.js";
import { Turn } from "./turn.js";
import { presetGroups, presetSkeleton } from "./welcome.js";

/** After so long without an event the page says that it still waits. */
const SLOW_MS = 8_000;

const at = (id) => document.getElementById(id);
const touch = () => matchMedia("(pointer: coarse)").matches;
const state = { lang: pageLanguage(), session: null, turns: [], running: null };

const composer = makeComposer(
  { form: at("composer"), field: at("message"), grow: at("grow"), send: at("send"), stop: at("stop") },
  { onSend: send, onStop: () => state.running?.controller.abort() },
);
const comparison = new Comparison(
  { tray: at("tray"), dialog: at("compare-dialog"), title: at("compare-title"), body: at("compare-body"), closer: at("compare-close") },
  { pageLang: () => state.lang, notify: toast },
);
const actions = { send, redo, prefill: (text, words) => composer.prefill(text, words), copy, share, announce };

/** Asks a new question. False when one is still being answered. */
function send(text) {
  const message = text.trim();
  if (message === "") return false;
  if (state.running) {
    toast(say(state.lang, "stillAnswering"));
    return false;
  }
  for (const turn of state.turns) turn.settle();
  const turn = addTurn(message);
  announce(say(turn.lang, "sayAsked"));
  // Buttons that asked are gone now, and on a touch screen the keyboard would cover the answer.
  if (document.activeElement !== at("message") || touch()) turn.heading.focus({ preventScroll: true });
  run(turn);
  turn.element.scrollIntoView({ behavior: smooth(), block: "start" });
  return true;
}

/** Asks the question of a turn again, without what was clicked away. */
function redo(turn) {
  state.running?.controller.abort();
  // What was clicked is gone now.
  turn.heading.focus({ preventScroll: true });
  turn.element.scrollIntoView({ behavior: smooth(), block: "start" });
  run(turn);
}

function addTurn(message) {
  const turn = new Turn(message, state.lang, actions, comparison);
  state.turns.push(turn);
  at("conversation").append(turn.element);
  showStart();
  return turn;
}

async function run(turn) {
  const controller = new AbortController();
  const running = { controller, turn };
  state.running = running;
  composer.busy(true);
  turn.begin();
  rememberRemoved(turn.message, turn.removed);
  rememberPending(turn.message);
  let slow = 0;
  const expectMore = () => {
    clearTimeout(slow);
    slow = setTimeout(() => turn.waitLonger(), SLOW_MS);
  };
  expectMore();
  const request = { message: turn.message };
  if (state.session) request.session = state.session;
  if (turn.without.length > 0) request.without = turn.without;
  try {
    await ask(request, {
      signal: controller.signal,
      onEvent: (name, data) => {
        if (controller.signal.aborted) return;
        expectMore();
        if (typeof data.session === "string" && data.session !== "") keepSession(data.session);
        turn.receive(name, data);
      },
    });
  } catch (error) {
    // A redo of the same turn took over.
    if (state.running !== running) return;
    if (controller.signal.aborted) turn.end("stopped");
    else fail(turn, error);
  } finally {
    clearTimeout(slow);
    if (state.running === running) {
      state.running = null;
      if (turn.state === "done") rememberPending(null);
      composer.busy(false);
      if (turn.busy) turn.end("stopped");
    }
  }
}

const PROBLEMS = { network: "problemNetwork", cut: "problemCut", silent: "problemSilent", rate: "problemRate", busy: "problemBusy", server: "problemServer", rejected: "problemRejected", reported: "problemServer" };

function fail(turn, error) {
  const key = PROBLEMS[error.kind] ?? "problemServer";
  // Of a refusal the service's own words say more than ours.
  const own = error.kind === "rejected" || error.kind === "reported" ? error.text : "";
  turn.end("failed", { text: own || say(turn.lang, key), hint: own ? error.hint : "", retryAt: error.retryAt ?? null });
  if (turn.countDown()) {
    const clock = setInterval(() => {
      if (!turn.countDown()) clearInterval(clock);
    }, 1000);
  }
}

function keepSession(id) {
  state.session = id;
  rememberSession(id);
}

/** Forgets the conversation on this page. */
function startOver() {
  state.running?.controller.abort();
  state.running = null;
  composer.busy(false);
  state.session = null;
  rememberSession(null);
  rememberPending(null);
  state.turns = [];
  at("conversation").replaceChildren();
  comparison.clear();
  showStart();
  loadSuggestions();
  scrollTo({ top: 0 });
  composer.focus();
}

/** The welcome is there when nothing has been asked, the tools for a conversation when something has. */
function showStart() {
  const empty = state.turns.length === 0;
  at("welcome").hidden = !empty;
  at("new-conversation").hidden = empty;
  at("erase").hidden = empty;
  at("message").dataset.placeholder = empty ? "placeholder" : "placeholderNext";
  at("message").placeholder = say(state.lang, at("message").dataset.placeholder);
}

async function loadSuggestions() {
  const box = at("suggestions");
  const lang = state.lang;
  box.setAttribute("aria-busy", "true");
  if (box.childElementCount === 0) box.replaceChildren(...presetSkeleton());
  const list = await suggestions(lang).catch(() => []);
  if (lang !== state.lang) return;
  box.replaceChildren(...presetGroups(list, lang, send));
  box.setAttribute("aria-busy", "false");
}

/** The conversation of this tab, after a reload. */
async function restore(id) {
  at("welcome").hidden = true;
  let turns = null;
  try {
    turns = await sessionTurns(id);
  } catch {
    toast(say(state.lang, "historyFailed"));
    state.session = id;
  }
  if (turns === null || turns.length === 0) {
    if (!state.session) rememberSession(null);
    showStart();
    return;
  }
  keepSession(id);
  // A question asked again without one of its wishes is one question.
  const shown = turns.filter((turn, index) => turn?.question && turn.question !== turns[index + 1]?.question);
  shown.forEach(({ question, answer }, index) => {
    const turn = addTurn(question);
    const last = index === shown.length - 1;
    if (last) turn.removed = rememberedRemoved(question);
    turn.complete(answer);
    if (!last) turn.settle();
  });
  state.turns.at(-1)?.element.scrollIntoView({ block: "start" });
}

async function copy(turn) {
  const copied = await copyText(answerMarkdown(turn.message, turn.answer, turn.lang));
  toast(say(turn.lang, copied ? "copied" : "copyFailed"));
}

async function share(turn) {
  const address = `${location.origin}/?q=${encodeURIComponent(turn.message)}`;
  if (navigator.share && touch()) {
    await navigator.share({ text: turn.message, url: address }).catch(() => {});
    return;
  }
  toast((await copyText(address)) ? say(turn.lang, "shared") : address);
}

/** Tells a screen reader; what was said is cleared away now and then. */
function announce(text) {
  if (!text) return;
  const log = at("announcer");
  log.append(node("p", {}, text));
  while (log.childElementCount > 12) log.firstChild.remove();
}

let toastTimer = 0;
function toast(text) {
  const box = at("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (box.hidden = true), 3500);
}

function wireTools() {
  at("theme-toggle").addEventListener("click", toggleTheme);
  at("lang-toggle").addEventListener("click", () => {
    state.lang = state.lang === "zh" ? "en" : "zh";
    rememberLanguage(state.lang);
    writePage(state.lang);
    showStart();
    comparison.draw();
    loadSuggestions();
  });
  at("new-conversation").addEventListener("click", startOver);
  at("erase").addEventListener("click", () => {
    at("erase-problem").textContent = "";
    at("erase-dialog").showModal();
  });
  at("erase-confirm").addEventListener("click", async () => {
    const confirm = at("erase-confirm");
    confirm.disabled = true;
    try {
      state.running?.controller.abort();
      if (state.session) await eraseSession(state.session);
      at("erase-dialog").close();
      startOver();
      toast(say(state.lang, "eraseDone"));
    } catch {
      at("erase-problem").textContent = say(state.lang, "eraseFailed");
    } finally {
      confirm.disabled = false;
    }
  });
}

function start() {
  writePage(state.lang);
  wireTools();
  showStart();
  loadSuggestions();
  const question = new URLSearchParams(location.search).get("q")?.trim();
  if (question) {
    // A shared question starts a conversation of its own, and a reload does not ask it again.
    history.replaceState(null, "", location.pathname);
    rememberSession(null);
    send(question.slice(0, 2000));
    return;
  }
  const id = rememberedSession();
  if (id) restore(id);
  const pending = rememberedPending();
  if (pending) composer.prefill(pending);
  else if (!id && !touch()) composer.focus();
}

start();
