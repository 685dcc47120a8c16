// One question and its answer on the page: keeps what has arrived and draws it part by part.

import { comparisonSection, dimensionSection, followUpSection, kitSection, nearestSection, noticeSection, paragraphs, questionSection } from "./answer.js";
import { makeCard, skeletonLines } from "./cards.js";
import { chipEditor, chipRow, chipsOf, waitingChips } from "./chips.js";
import { button, fill, forget, icon, node, smooth } from "./dom.js";
import { languageOf, numberOf } from "./format.js";
import { localCategoryNames } from "./categories.js";
import { say } from "./texts.js";

let count = 0;

const shares = (one, other) => one.names.some((name) => other.names.includes(name));
const secondsUntil = (time) => Math.max(0, Math.ceil((time - Date.now()) / 1000));

const SLOTS = ["chips", "editor", "kit", "products", "summary", "comparison", "nearest", "advice", "notices", "problem", "question", "follow", "working", "toolbar"];

/** `actions`: send(text), redo(turn), prefill(text, words), copy(turn), share(turn), announce(text); `picks`: the comparison's choice. */
export class Turn {
  constructor(message, pageLang, actions, picks) {
    this.number = ++count;
    this.message = message;
    this.lang = languageOf(message, pageLang);
    this.actions = actions;
    this.picks = picks;
    this.removed = [];
    this.answer = {};
    this.state = "waiting";
    this.problem = null;
    this.live = true;
    this.editing = null;
    this.cards = new Map();
    this.slots = {};
    this.heading = node("h2", { class: "asked", tabindex: "-1", id: `asked-${this.number}` }, message);
    this.element = node("article", { class: "turn", "aria-labelledby": this.heading.id, "data-testid": "turn" }, this.heading,
      ...SLOTS.map((name) => (this.slots[name] = node("div", { class: `slot slot-${name}`, hidden: true }))));
    this.render();
  }

  /** The names of what the shopper clicked away. */
  get without() {
    return this.removed.flatMap((chip) => chip.names);
  }

  get busy() {
    return this.state === "waiting" || this.state === "streaming";
  }

  /** Starts (again): what stood there stays, dimmed, until something new arrives. */
  begin() {
    this.state = "waiting";
    this.problem = null;
    this.editing = null;
    this.stale = Object.keys(this.answer).length > 0;
    this.slow = false;
    this.render();
  }

  /** Takes one event of the stream. */
  receive(name, data) {
    if (this.state === "waiting") {
      this.state = "streaming";
      if (this.stale) this.answer = {};
      this.stale = false;
      this.slow = false;
    }
    const answer = this.answer;
    if (name === "need") {
      answer.need = data.need ?? data;
      this.language(data.lang);
    } else if (name === "products") {
      answer.products = data.products ?? (Array.isArray(data) ? data : []);
      answer.kit = data.kit ?? null;
      answer.nearest = data.nearest ?? [];
      if (answer.products.length > 0) this.announce("sayProducts", { count: answer.products.length });
      this.nameCategories();
    } else if (name === "summary") {
      answer.summary = data.text;
      this.actions.announce(data.text ?? "");
    } else if (name === "dimension") {
      answer.dimensions = [...(answer.dimensions ?? []).filter((known) => !data.id || known.id !== data.id), data];
      this.announce("sayDimension", { name: data.name ?? data.id });
    } else if (name === "question") {
      answer.question = data;
    } else if (name === "notice") {
      answer.notices = [...(answer.notices ?? []), data.text];
    } else if (name === "done") {
      this.complete(data);
      this.announce("sayDone");
      return;
    }
    this.render();
  }

  /** Shows a whole answer. */
  complete(answer) {
    this.answer = answer && typeof answer === "object" ? answer : {};
    this.language(this.answer.lang);
    this.state = "done";
    this.render();
    this.nameCategories();
  }

  /** Ends without the whole answer: state is "stopped" or "failed". */
  end(state, problem = null) {
    this.state = state;
    this.stale = false;
    this.problem = problem;
    this.render();
  }

  /** A later question was asked: what leads on from here goes quiet. */
  settle() {
    this.live = false;
    this.editing = null;
    this.render();
  }

  waitLonger() {
    this.slow = true;
    this.render();
  }

  language(lang) {
    if (lang !== "zh" && lang !== "en") return;
    if (lang !== this.lang) {
      this.lang = lang;
      this.cards.clear();
      for (const slot of Object.values(this.slots)) forget(slot);
    }
    this.element.lang = lang === "zh" ? "zh-CN" : "en";
  }

  announce(key, fills) {
    this.actions.announce(say(this.lang, key, fills));
  }

  /** Category paths are English; the records of what is shown know the shop's own words. */
  async nameCategories() {
    const { need } = this.answer;
    const names = await localCategoryNames(this.answer, this.lang);
    if (!names || this.answer.need !== need) return;
    this.answer.need = { ...need, category_names: names };
    this.render();
  }

  /** Brings a product's card into view and marks it. */
  jump = Object.assign((id) => this.bringUp(id), { anchor: (id) => `#${this.cards.get(id)?.element.id ?? ""}` });

  bringUp(id) {
    const card = this.cards.get(id)?.element;
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ behavior: smooth(), block: "center", inline: "center" });
    card.classList.remove("marked");
    // Reading a size restarts the animation for a second click.
    void card.offsetWidth;
    card.classList.add("marked");
  }

  render() {
    const { answer, slots, lang, live } = this;
    // Grey boxes come with the products, which would push them down otherwise.
    const fresh = this.state === "streaming" && answer.products !== undefined;
    const dots = this.busy && (!fresh || this.slow || Boolean(answer.dimensions));
    const ids = [answer.products, ...(answer.nearest ?? []).map((entry) => entry.products)].flatMap((cards) => (cards ?? []).map((card) => card.id));
    this.element.classList.toggle("stale", Boolean(this.stale));
    this.element.classList.toggle("past", !live);
    this.element.setAttribute("aria-busy", String(this.busy));
    this.renderChips();
    // Products first: what names them links to their cards.
    this.renderProducts();
    fill(slots.nearest, answer.nearest?.length ? { nearest: answer.nearest, live, busy: this.busy } : null, () => this.nearest());
    fill(slots.kit, answer.kit ? { kit: answer.kit, ids } : null, () => kitSection(answer.kit, answer, lang, this.jump));
    fill(slots.summary, answer.summary ? { summary: answer.summary, verdict: answer.verdict, ids } : fresh ? "waiting" : null, () => (answer.summary ? paragraphs([answer.summary, answer.verdict].filter(Boolean).join("\n\n"), answer, lang, this.jump) : skeletonLines(3)));
    slots.summary.classList.add("summary");
    this.renderDimensions(fresh, ids);
    fill(slots.comparison, answer.comparison ? { comparison: answer.comparison, ids } : null, () => comparisonSection(answer.comparison, answer, lang));
    const notices = { notices: answer.notices ?? [], degraded: answer.degraded };
    fill(slots.notices, notices.notices.length > 0 || notices.degraded ? notices : null, () => noticeSection(notices, lang));
    const leads = live && !this.busy;
    fill(slots.question, leads && answer.question ? answer.question : null, () => questionSection(answer.question, lang, this.actions.send));
    fill(slots.follow, leads && answer.follow_ups?.length ? answer.follow_ups : null, () => followUpSection(answer.follow_ups, lang, this.actions.send));
    fill(slots.working, dots ? { slow: Boolean(this.slow) } : null, () => node("p", { class: "working", "data-testid": "working" }, node("span", { class: "dots", "aria-hidden": "true" }, node("i"), node("i"), node("i")), say(lang, this.slow ? "slow" : "working")));
    fill(slots.problem, this.problem || this.state === "stopped" ? { problem: this.problem, state: this.state, live } : null, () => this.problemBox());
    fill(slots.toolbar, !this.busy && answer.summary ? { state: this.state, live } : null, () => this.toolbar());
  }

  renderChips() {
    const { lang, live, removed } = this;
    const chips = chipsOf(this.answer.need, lang);
    const row = { chips, removed, live, lang };
    const waiting = this.state === "waiting" && !this.stale;
    fill(this.slots.chips, waiting ? "waiting" : chips.length > 0 || removed.length > 0 ? row : null, () => waiting ? waitingChips() : chipRow(row, {
      remove: (chip) => this.remove(chip),
      restore: (chip) => this.changeRemoved(this.removed.filter((other) => !shares(other, chip))),
      edit: (chip) => this.edit(chip),
    }));
    const { editing } = this;
    fill(this.slots.editor, editing, () => chipEditor(editing, lang, {
      refine: (text) => this.actions.send(text),
      cancel: () => {
        this.editing = null;
        this.render();
        const chip = this.slots.chips.querySelector(`[data-names="${editing.names.join(" ")}"] .chip-text`);
        (chip ?? this.heading).focus({ preventScroll: true });
      },
    }));
  }

  /** Takes a chip away, and with it those that the service knows by the same name. */
  remove(chip) {
    const gone = chipsOf(this.answer.need, this.lang).filter((other) => shares(other, chip) && !this.removed.some((known) => shares(known, other)));
    this.changeRemoved([...this.removed, ...(gone.length > 0 ? gone : [chip])]);
  }

  changeRemoved(removed) {
    this.removed = removed;
    this.actions.redo(this);
  }

  edit(chip) {
    if (chip.price || chip.people) {
      this.editing = this.editing?.label === chip.label ? null : chip;
      this.render();
      this.slots.editor.querySelector("input:last-of-type")?.focus();
      const fields = this.slots.editor.querySelectorAll("input");
      fields[fields.length - 1]?.select();
      return;
    }
    this.actions.prefill(this.message, chip.label);
  }

  renderProducts() {
    const { answer, slots, lang } = this;
    const products = answer.products ?? [];
    if (products.length === 0) {
      fill(slots.products, null, () => null);
      return;
    }
    const list = products.map((card) => card.id);
    fill(slots.products, { list, lang }, () => [
      node("h3", { class: "hidden" }, say(lang, "productsHeading")),
      this.cardList(products, "", true),
    ]);
    for (const card of products) this.cards.get(card.id)?.show(card, { ...answer, waiting: this.busy });
  }

  cardList(products, group, numbered) {
    return node("ol", { class: "cards", "data-testid": "cards" }, ...products.map((card, index) => {
      const view = makeCard({ elementId: `card-${this.number}${group}-${index + 1}`, ordinal: numbered ? numberOf(card, index) : 0 }, this.lang, this.picks);
      view.show(card, { ...this.answer, waiting: this.busy });
      if (numbered || !this.answer.products?.some((shown) => shown.id === card.id)) this.cards.set(card.id, view);
      return node("li", {}, view.element);
    }));
  }

  nearest() {
    return nearestSection(this.answer.nearest, this.answer, this.lang, this.live && !this.busy, {
      listFor: (entry, index) => this.cardList(entry.products ?? [], `-near${index + 1}`, false),
      relax: (entry) => {
        const chips = chipsOf(this.answer.need, this.lang).filter((chip) => chip.names.includes(entry.relaxed));
        this.remove(chips[0] ?? { kind: "constraint", label: entry.text || entry.relaxed, names: [entry.relaxed] });
      },
    });
  }

  renderDimensions(fresh, ids) {
    const { answer, slots, lang } = this;
    const dimensions = answer.dimensions ?? [];
    const slot = slots.advice;
    if (dimensions.length === 0) {
      fill(slot, fresh ? "waiting" : null, () => node("div", { class: "advice-waiting" }, skeletonLines(4), skeletonLines(4)));
      return;
    }
    fill(slot, { lang }, () => [node("h3", {}, say(lang, "adviceHeading")), (this.dimensionList = node("div", { class: "dimensions" }))]);
    const rows = this.dimensionList;
    while (rows.children.length > dimensions.length) rows.lastChild.remove();
    dimensions.forEach((dimension, index) => {
      if (!rows.children[index]) rows.append(node("div", { class: "dimension-row" }));
      fill(rows.children[index], { dimension, ids }, () => dimensionSection(dimension, answer, lang, this.jump));
    });
  }

  problemBox() {
    const { lang, problem, live } = this;
    const empty = !this.answer.summary && !this.answer.products?.length;
    const text = problem ? problem.text : say(lang, empty ? "stoppedEmpty" : "stopped");
    const hint = problem?.hint ? node("span", { class: "problem-hint" }, problem.hint) : null;
    const later = problem?.retryAt ? node("span", { class: "problem-hint problem-later" }, say(lang, "retryIn", { seconds: secondsUntil(problem.retryAt) })) : null;
    const retry = live ? button({ class: "button", "data-testid": "retry" }, () => this.actions.redo(this), icon("retry"), say(lang, "retry"), node("span", { class: "countdown", "aria-hidden": "true" })) : null;
    return node("div", { class: problem ? "problem" : "problem stopped", "data-testid": "problem" },
      node("p", { role: problem ? "alert" : null }, icon("alert"), node("span", {}, text, hint, later)), retry);
  }

  /** Counts down on the retry button; false when there is nothing more to count. */
  countDown() {
    if (!this.problem?.retryAt || !this.element.isConnected) return false;
    const left = secondsUntil(this.problem.retryAt);
    const clock = this.slots.problem.querySelector(".countdown");
    if (clock) clock.textContent = left > 0 ? ` ${left}` : "";
    if (left > 0) return true;
    const later = this.slots.problem.querySelector(".problem-later");
    if (later) later.textContent = say(this.lang, "retryNow");
    return false;
  }

  toolbar() {
    const { lang, live } = this;
    const tool = (name, key, act) => button({ class: "tool tool-wide", "data-testid": name }, () => act(this), icon(name === "again" ? "retry" : name), say(lang, key));
    return node("div", { class: "toolbar" },
      tool("copy", "copy", this.actions.copy),
      tool("share", "share", this.actions.share),
      live && this.state === "done" ? tool("again", "again", this.actions.redo) : null);
  }
}
