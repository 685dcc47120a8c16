// The box where the shopper writes.

/** Wires the form: `onSend(text)` returns whether the text was taken. */
export function makeComposer({ form, field, grow, send, stop }, { onSend, onStop }) {
  const measure = () => {
    // A hidden copy of the text in the same grid cell gives the height, without any inline style.
    grow.dataset.value = field.value;
    send.disabled = field.value.trim() === "";
  };
  const submit = () => {
    const text = field.value.trim();
    if (text === "" || !onSend(text)) return;
    field.value = "";
    measure();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", measure);
  field.addEventListener("keydown", (event) => {
    // Enter that picks a candidate of an input method is not a wish to send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  stop.addEventListener("click", onStop);
  measure();
  return {
    /** Shows stop instead of send. */
    busy(busy) {
      const moveFocus = document.activeElement === (busy ? send : stop) && !matchMedia("(pointer: coarse)").matches;
      send.hidden = busy;
      stop.hidden = !busy;
      if (moveFocus) (busy ? stop : field).focus({ preventScroll: true });
    },
    /** Puts a text into the box, with some words of it selected. */
    prefill(text, words) {
      field.value = text;
      measure();
      field.focus();
      const at = words ? text.indexOf(words) : -1;
      if (at >= 0) field.setSelectionRange(at, at + words.length);
      else field.setSelectionRange(text.length, text.length);
    },
    focus: () => field.focus({ preventScroll: true }),
  };
}
