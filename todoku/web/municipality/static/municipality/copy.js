// [data-copy] buttons put their value on the clipboard and say so in [data-copied]. Where there is none they stay hidden.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const told = document.querySelector("[data-copied]");
      if (told) told.textContent = "写し取りました。";
    });
  }
})();
