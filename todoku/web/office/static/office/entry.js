// Key entry with both hands on the keys: Enter goes on to the next box, a full box goes on by itself, a digit or letter chooses.
// Without it the form works with Tab and the arrow keys.
(() => {
  "use strict";
  const form = document.querySelector("[data-entry]");
  if (!form) return;

  // One stop for each box and for each choice, in the order of the paper; the last is the button.
  const stops = () => {
    const found = [];
    for (const element of form.querySelectorAll("input:not([type=hidden]), button[type=submit]")) {
      if (element.closest("[hidden]")) continue;
      if (element.type === "radio") {
        const group = element.closest("[data-digit-choice]");
        if (!found.includes(group)) found.push(group);
      } else {
        found.push(element);
      }
    }
    return found;
  };
  const stopOf = (element) => element.closest("[data-digit-choice]") || element;
  const enter = (stop) => {
    if (stop.matches("[data-digit-choice]")) {
      (stop.querySelector("input:checked") || stop.querySelector("input")).focus();
    } else {
      stop.focus();
      if (stop.select) stop.select();
    }
  };
  const goOn = (element) => {
    const all = stops();
    const next = all[all.indexOf(stopOf(element)) + 1];
    if (next) enter(next);
  };

  form.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
    if (!plain || !event.target.matches("input")) return;
    if (event.key === "Enter") {
      event.preventDefault();
      goOn(event.target);
      return;
    }
    const group = event.target.closest("[data-digit-choice]");
    if (group && /^[0-9a-z]$/i.test(event.key)) {
      const chosen = group.querySelector(`[data-digit="${event.key.toLowerCase()}"]`);
      if (chosen || /^[0-9]$/.test(event.key)) event.preventDefault();
      if (!chosen) return;
      chosen.checked = true;
      chosen.focus();
      chosen.dispatchEvent(new Event("change", { bubbles: true }));
      goOn(chosen);
    }
  });

  // A box of fixed length is full when its digits are: the hand goes on without a key.
  form.addEventListener("input", (event) => {
    const { full, fullWhen } = event.target.dataset;
    if (!(full || fullWhen) || event.isComposing || event.inputType === "deleteContentBackward") return;
    if (new RegExp(fullWhen || `^[0-9]{${full}}$`).test(event.target.value)) goOn(event.target);
  });

  // What stands there already is read back at once, when htmx has looked at the page.
  document.addEventListener("DOMContentLoaded", () => {
    for (const box of form.querySelectorAll(".entry-box[hx-post]")) {
      const input = box.querySelector("input");
      if (input.value) input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  // The hand begins at the first fault, or at the top.
  const first = form.querySelector(".has-error") || form;
  enter(stopOf(first.querySelector("input:not([type=hidden])")));
})();
