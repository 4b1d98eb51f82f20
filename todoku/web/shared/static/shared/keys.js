// Keys of a desk. data-key="a" on a button, link or field presses (or focuses) it; the key is shown beside its words.
// "/" goes to the search, "?" lists the keys, Ctrl+letter works while typing. Single letters can be turned off
// (WCAG 2.1.4) in the list; the choice stays on this machine.
(() => {
  "use strict";
  const STORE = "todoku-single-keys";
  const dialog = document.getElementById("keys");
  const singles = () => localStorage.getItem(STORE) !== "off";
  const typing = (target) =>
    target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
  const shown = (element) => !element.disabled && element.getClientRects().length > 0;

  const pressed = (event) => {
    const parts = [];
    if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
    if (event.altKey) parts.push("Alt");
    parts.push(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    return parts.join("+");
  };
  const keyed = () => [...document.querySelectorAll("[data-key]")].filter(shown);
  const normal = (key) => (key.length === 1 ? key.toLowerCase() : key.replace(/\+(.)$/, (_, c) => "+" + c.toLowerCase()));
  // A key of the page's own part goes before the same key of the frame around it (the digits of the desks).
  const meant = () => {
    const found = new Map();
    for (const element of keyed()) {
      const key = normal(element.dataset.key);
      if (!found.has(key) || (element.closest("main") && !found.get(key).closest("main"))) found.set(key, element);
    }
    return found;
  };
  const nameOf = (element) => {
    if (element.dataset.keyName) return element.dataset.keyName;
    const copy = element.cloneNode(true);
    for (const part of copy.querySelectorAll("kbd, svg, .visually-hidden")) part.remove();
    return (element.getAttribute("aria-label") || copy.textContent || element.name || "").trim();
  };

  const showHints = () => {
    for (const element of document.querySelectorAll("[data-key]:not([data-key-shown])")) {
      element.dataset.keyShown = "1";
      element.setAttribute("aria-keyshortcuts", element.dataset.key.replace("Ctrl", "Control"));
      if (element.dataset.keyHint === "off" || element.matches("input, select, textarea")) continue;
      const hint = document.createElement("kbd");
      hint.textContent = element.dataset.key;
      hint.setAttribute("aria-hidden", "true");
      element.append(hint);
    }
  };

  const press = (element) => {
    if (element.matches("input:not([type=checkbox], [type=radio]), select, textarea")) {
      element.focus();
      if (element.select) element.select();
    } else {
      // A click by script does not take the focus along: what opened is where the hand goes on.
      if (element.matches("summary")) element.focus();
      element.click();
    }
  };

  const listKeys = () => {
    const list = document.getElementById("keys-list");
    list.replaceChildren();
    const rows = [...meant().values()].map((element) => [element.dataset.key, nameOf(element)]);
    if (document.querySelector("[data-search]")) rows.push(["/", "探す"]);
    if (document.querySelector("[data-select] tbody")) {
      rows.push(["j", "次の行へ"], ["k", "前の行へ"], ["x", "行を選ぶ・外す"]);
    }
    rows.push(["?", "この一覧"]);
    for (const [key, name] of rows) {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const meaning = document.createElement("dd");
      const shape = document.createElement("kbd");
      shape.textContent = key;
      term.append(shape);
      meaning.textContent = name;
      row.append(term, meaning);
      list.append(row);
    }
    dialog.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = pressed(event);
    const single = !key.includes("+") || event.key === "+";
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (single && (typing(event.target) || !singles())) return;
    if (document.querySelector("dialog[open]")) return;
    if (key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (key === "?" && dialog) {
      event.preventDefault();
      listKeys();
    } else {
      const element = meant().get(key);
      if (element) { event.preventDefault(); press(element); }
    }
  });

  for (const opener of document.querySelectorAll("[data-open-keys]")) {
    opener.hidden = false;
    opener.addEventListener("click", listKeys);
  }
  const choice = document.getElementById("keys-on");
  if (choice) {
    choice.checked = singles();
    choice.addEventListener("change", () => localStorage.setItem(STORE, choice.checked ? "on" : "off"));
  }
  document.addEventListener("htmx:afterSettle", showHints);
  showHints();
})();
