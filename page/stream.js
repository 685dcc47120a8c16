// Asking over server-sent events. EventSource cannot POST, so the body of a fetch is parsed here.

/** Without a byte for so long (heartbeats come every 15 s) the connection counts as dead. */
const SILENCE_MS = 45_000;

/** Why an answer failed: kind is network | rate | busy | server | rejected | cut | silent | reported. */
export class ChatFailure extends Error {
  constructor(kind, { status = 0, text = "", hint = "", retryAt = null } = {}) {
    super(text || kind);
    this.kind = kind;
    this.status = status;
    this.text = text;
    this.hint = hint;
    this.retryAt = retryAt;
  }
}

/** Cuts text into events: any line ending, comments, data over several lines, borders anywhere. */
export class EventParser {
  #rest = "";
  #data = [];
  #name = "";
  #id = "";
  #first = true;

  /** The events that are complete with this piece of text. */
  push(text) {
    if (this.#first && text.length > 0) {
      this.#first = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    this.#rest += text;
    const events = [];
    for (;;) {
      const at = this.#rest.search(/[\r\n]/);
      // A \r at the very end may be half of \r\n.
      if (at < 0 || (this.#rest[at] === "\r" && at === this.#rest.length - 1)) return events;
      const line = this.#rest.slice(0, at);
      this.#rest = this.#rest.slice(this.#rest.startsWith("\r\n", at) ? at + 2 : at + 1);
      const event = this.#line(line);
      if (event) events.push(event);
    }
  }

  /** What is complete when the stream ends, where a last \r is a line ending. */
  end() {
    const events = this.#rest.endsWith("\r") ? this.push("\n") : [];
    this.#rest = "";
    return events;
  }

  #line(line) {
    if (line === "") return this.#finish();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#name = value;
    else if (field === "id") this.#id = value;
    return null;
  }

  #finish() {
    const event = this.#data.length > 0 ? { name: this.#name || "message", id: this.#id, data: this.#data.join("\n") } : null;
    this.#data = [];
    this.#name = "";
    return event;
  }
}

/** Asks and calls `onEvent(name, object)` for each event. Resolves after `done`, else throws ChatFailure or an AbortError. */
export async function ask(request, { signal, onEvent }) {
  const watch = new AbortController();
  const stop = () => watch.abort();
  signal.addEventListener("abort", stop, { once: true });
  let timer = 0;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(stop, SILENCE_MS);
  };
  alive();
  try {
    const response = await fetch("/api/chat", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(request),
      signal: watch.signal,
      credentials: "same-origin",
    });
    alive();
    if (!response.ok) throw await refusal(response);
    // A server or proxy may answer whole instead of streaming.
    if ((response.headers.get("Content-Type") || "").includes("json")) {
      onEvent("done", await response.json());
      return;
    }
    await read(response, alive, onEvent);
  } catch (error) {
    if (error instanceof ChatFailure || signal.aborted) throw error;
    throw new ChatFailure(watch.signal.aborted ? "silent" : "network");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

async function read(response, alive, onEvent) {
  if (!response.body) throw new ChatFailure("cut");
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw error.name === "AbortError" ? error : new ChatFailure("cut");
      });
      alive();
      const events = done ? [...parser.push(decoder.decode()), ...parser.end()] : parser.push(decoder.decode(value, { stream: true }));
      for (const event of events) {
        if (handle(event, onEvent)) return;
      }
      if (done) throw new ChatFailure("cut");
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Passes one event on. True when it was the last. */
function handle(event, onEvent) {
  let object;
  try {
    object = JSON.parse(event.data);
  } catch {
    return false;
  }
  if (event.name === "error") {
    const error = object?.error ?? object ?? {};
    throw new ChatFailure("reported", { text: textOf(error.message), hint: textOf(error.hint) });
  }
  if (object === null || typeof object !== "object") return false;
  onEvent(event.name, object);
  return event.name === "done";
}

async function refusal(response) {
  const body = await response.json().catch(() => null);
  const error = body?.error ?? {};
  const kind = response.status === 429 ? "rate" : response.status === 503 ? "busy" : response.status >= 500 ? "server" : "rejected";
  return new ChatFailure(kind, {
    status: response.status,
    text: textOf(error.message),
    hint: textOf(error.hint),
    retryAt: retryTime(response.headers.get("Retry-After")),
  });
}

/** Retry-After is a number of seconds or a date. */
export function retryTime(header, now = Date.now()) {
  if (!header) return null;
  if (/^\s*\d+\s*$/.test(header)) return now + Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : date;
}

function textOf(value) {
  return typeof value === "string" ? value : "";
}
