// The opening screen: a full postmark goes on to the scanner's box, a scan (which ends with Enter) on to the sheets, Enter
// from box to box; Ctrl+Enter keeps. Without it the form works with Tab.
(() => {
  "use strict";
  const form = document.querySelector("[data-mail]");
  if (!form) return;
  const shown = (element) => element.getClientRects().length > 0;
  const stops = () => [...form.querySelectorAll("input:not([type=hidden], [type=checkbox]), select, button[type=submit]")].filter(shown);
  const goOn = (element) => {
    const all = stops();
    const next = all[all.indexOf(element) + 1];
    if (!next) return;
    next.focus();
    if (next.select) next.select();
  };
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (!event.target.matches("input:not([type=checkbox]), select")) return;
    event.preventDefault();
    goOn(event.target);
  });
  form.addEventListener("input", (event) => {
    const size = Number(event.target.dataset.full);
    if (!size || event.isComposing || event.inputType === "deleteContentBackward") return;
    const typed = event.target.value;
    if (new RegExp(`^([0-9]{${size}}|9)$`).test(typed)) goOn(event.target);
  });
  // In the list of reasons a digit chooses: 1 is the first reason, 0 is "番号あり".
  form.addEventListener("keydown", (event) => {
    if (!event.target.matches("select") || !/^[0-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (Number(event.key) >= event.target.options.length) return;
    event.preventDefault();
    event.target.selectedIndex = Number(event.key);
  });
  const first = form.querySelector(".has-error input") || form.querySelector("input:not([type=hidden])");
  first.focus();
  if (first.select) first.select();
})();
