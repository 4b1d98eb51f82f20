// One scan after the other: the number field has the focus, and what stands in it is replaced by the next scan.
(() => {
  "use strict";
  const box = document.querySelector("[data-scan]");
  if (!box) return;
  box.focus();
  box.select();
})();
