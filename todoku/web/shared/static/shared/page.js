// On every page: menus close, a form is sent once, a toast goes when its minute is over. Pages work without it.
(() => {
  "use strict";

  // A menu (details[data-menu]) closes on Escape and on a click elsewhere.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.activeElement && document.activeElement.closest("details[data-menu][open]");
    if (menu) menu.querySelector("summary").focus();
    closeMenus(null);
  });

  // form[data-once]: a second press while the first is under way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
  });

  // Toasts: closable; the one with an undo leaves when the undo has run out.
  const prepareToasts = () => {
    for (const toast of document.querySelectorAll("[data-toast]:not([data-ready])")) {
      toast.dataset.ready = "1";
      toast.querySelector("[data-toast-close]").hidden = false;
      if (toast.dataset.seconds) {
        toast.dataset.running = "1";
        setTimeout(() => toast.remove(), Number(toast.dataset.seconds) * 1000);
      }
    }
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-toast-close]")) event.target.closest("[data-toast]").remove();
  });
  document.addEventListener("htmx:afterSettle", prepareToasts);
  prepareToasts();
})();
