// Choosing many rows of a table (form[data-select]): all of the page, a range with Shift, all that the filters match;
// j and k walk the rows, x ticks one. Without it each row has its tick box all the same.
(() => {
  "use strict";
  const CHOSEN = "input[name=chosen], input[data-row-box]";
  const prepare = (form) => {
    form.dataset.ready = "1";
    const boxes = () => [...form.querySelectorAll(CHOSEN)];
    const page = form.querySelector("[data-select-page]");
    const words = form.querySelector("[data-chosen]");
    const every = form.querySelector("[data-choose-all]");
    let last = null;

    const tell = () => {
      const all = boxes();
      const count = all.filter((box) => box.checked).length;
      const whole = count > 0 && count === all.length;
      if (page) {
        page.checked = whole;
        page.indeterminate = count > 0 && !whole;
      }
      if (every) {
        every.hidden = !whole;
        if (!whole) every.querySelector("input").checked = false;
      }
      if (words) words.textContent = count ? `${count.toLocaleString()} 件を選択中` : "行を選ぶと操作できます";
      for (const button of form.querySelectorAll(".table-actions button")) button.disabled = count === 0;
    };

    if (page) {
      page.disabled = false;
      page.addEventListener("change", () => {
        for (const box of boxes()) box.checked = page.checked;
        tell();
      });
    }
    form.addEventListener("click", (event) => {
      const box = event.target.closest(CHOSEN);
      if (!box) return;
      const all = boxes();
      if (event.shiftKey && last) {
        const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
        for (const between of all.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      tell();
    });
    tell();
  };

  const walk = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!["j", "k", "x"].includes(event.key) || localStorage.getItem("todoku-single-keys") === "off") return;
    if (event.target.matches("textarea, select, input:not([type=checkbox])")) return;
    if (document.querySelector("dialog[open]")) return;
    const rows = [...document.querySelectorAll("[data-select] tbody tr")];
    if (!rows.length) return;
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const box = (row) => row.querySelector(CHOSEN) || row.querySelector("a");
    if (event.key === "x") {
      if (here >= 0 && rows[here].querySelector(CHOSEN)) rows[here].querySelector(CHOSEN).click();
      else return;
    } else {
      const next = event.key === "j" ? Math.min(here + 1, rows.length - 1) : Math.max(here - 1, 0);
      if (box(rows[next])) box(rows[next]).focus();
    }
    event.preventDefault();
  };

  const prepareAll = () => document.querySelectorAll("form[data-select]:not([data-ready])").forEach(prepare);
  document.addEventListener("keydown", walk);
  document.addEventListener("htmx:afterSettle", prepareAll);
  prepareAll();
})();
