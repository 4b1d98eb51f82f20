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
})();
