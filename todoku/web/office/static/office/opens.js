// A choice that opens other boxes (data-opens): until it is made they are out of sight, and the hand passes them over.
// Without it every box stands there, and what was not asked is not kept.
(() => {
  "use strict";
  const settle = (form) => {
    const openers = [...form.querySelectorAll("[data-opens]")];
    const opens = (one) => one.dataset.opens.split(" ");
    const names = new Set(openers.flatMap(opens));
    const isOpen = (name) => !names.has(name) || openers.some((one) => one.checked && opens(one).includes(name) && isOpen(one.name));
    for (const name of names) {
      const box = form.querySelector(`[name="${name}"]`);
      if (box) box.closest(".entry").hidden = !isOpen(name);
    }
  };
  const of = (event) => { if (event.target.form) settle(event.target.form); };
  document.addEventListener("change", of);
  // A form that has just come to the desk is looked at when the hand arrives in it.
  document.addEventListener("focusin", of);
  for (const form of document.forms) settle(form);

  // Where many choices stand (kinds of paper), only the chosen one stays once the hand has left. Left by a mouse, they stay until
  // it is released: what is pressed must not move away under it.
  let pressed = false;
  const left = new Set();
  const many = (event) => event.target.closest(".entry-many");
  const fold = (group) => { if (!group.contains(document.activeElement)) group.classList.add("entry-folded"); };
  const release = () => setTimeout(() => { pressed = false; left.forEach(fold); left.clear(); });
  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  document.addEventListener("pointerup", release, true);
  document.addEventListener("pointercancel", release, true);
  document.addEventListener("focusin", (event) => { if (many(event)) many(event).classList.remove("entry-folded"); });
  document.addEventListener("focusout", (event) => {
    const group = many(event);
    if (!group || group.contains(event.relatedTarget)) return;
    if (pressed) left.add(group); else group.classList.add("entry-folded");
  });
  document.querySelectorAll(".entry-many").forEach(fold);
})();
