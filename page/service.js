// The service's plain requests: suggestions, sessions, product records.

async function get(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { status: response.status });
  return response.json();
}

/** Preset questions: [{text, persona}]. A plain list of strings is taken too. */
export async function suggestions(lang) {
  const body = await get(`/api/suggestions?lang=${lang}`);
  const list = Array.isArray(body) ? body : Array.isArray(body?.suggestions) ? body.suggestions : [];
  return list
    .map((one) => (typeof one === "string" ? { text: one, persona: "guide" } : { text: one?.text ?? one?.question, persona: one?.persona ?? "guide" }))
    .filter((one) => typeof one.text === "string" && one.text.trim() !== "");
}

/** The turns of a session; null when the service no longer has it. */
export async function sessionTurns(id) {
  try {
    const body = await get(`/api/sessions/${encodeURIComponent(id)}`);
    return Array.isArray(body?.turns) ? body.turns : [];
  } catch (error) {
    if (error.status === 404 || error.status === 400 || error.status === 422) return null;
    throw error;
  }
}

/** Erases a session. One that is already gone counts as erased. */
export async function eraseSession(id) {
  const response = await fetch(`/api/sessions/${encodeURIComponent(id)}`, { method: "DELETE", credentials: "same-origin" });
  if (!response.ok && response.status !== 404 && response.status !== 410) throw new Error(`HTTP ${response.status}`);
}

const records = new Map();

/** One product's record, fetched once. */
export function productRecord(id) {
  if (!records.has(id)) {
    const record = get(`/api/products/${encodeURIComponent(id)}`);
    records.set(id, record);
    record.catch(() => records.delete(id));
  }
  return records.get(id);
}
