// The review desk: pictures are enlarged, turned and moved; codes are ticked by their two digits; what a verdict lacks is
// asked for where it is typed. Without it pictures open in their own window and the server says what is missing.
(() => {
  "use strict";

  const shows = new WeakMap();
  const draw = (picture) => {
    const { turn, x, y } = shows.get(picture);
    const frame = picture.querySelector("[data-frame]");
    const image = frame.querySelector("img");
    const enlarged = picture.closest("[data-pictures]").classList.contains("enlarged");
    const width = image.naturalWidth || image.width;
    const height = image.naturalHeight || image.height;
    const box = { width: frame.clientWidth, height: frame.clientHeight };
    const fit = Math.min(box.width / width, box.height / height);
    const turned = turn % 2 ? Math.min(box.width / height, box.height / width) / fit : 1;
    image.style.transform = `translate(${x}px, ${y}px) rotate(${turn * 90}deg) scale(${turned * (enlarged ? 2 : 1)})`;
  };

  for (const group of document.querySelectorAll("[data-pictures]")) {
    const pictures = [...group.querySelectorAll("[data-picture]")];
    const chosen = () => group.querySelector("[data-picture][data-chosen]");
    const redraw = () => pictures.forEach(draw);
    const choose = (picture) => {
      pictures.forEach((one) => one.toggleAttribute("data-chosen", one === picture));
      redraw();
    };
    const zoom = group.querySelector("[data-zoom]");
    for (const picture of pictures) {
      shows.set(picture, { turn: 0, x: 0, y: 0 });
      const frame = picture.querySelector("[data-frame]");
      picture.querySelector("img").addEventListener("load", () => draw(picture));
      frame.addEventListener("pointerdown", (event) => {
        choose(picture);
        frame.setPointerCapture(event.pointerId);
        frame.classList.add("moving");
      });
      frame.addEventListener("pointermove", (event) => {
        if (!frame.classList.contains("moving") || !group.classList.contains("enlarged")) return;
        const at = shows.get(picture);
        at.x += event.movementX;
        at.y += event.movementY;
        draw(picture);
      });
      frame.addEventListener("pointerup", () => frame.classList.remove("moving"));
      frame.addEventListener("dblclick", () => zoom.click());
    }
    zoom.addEventListener("click", () => {
      const on = group.classList.toggle("enlarged");
      zoom.setAttribute("aria-pressed", String(on));
      for (const picture of pictures) Object.assign(shows.get(picture), { x: 0, y: 0 });
      redraw();
    });
    group.querySelector("[data-turn]").addEventListener("click", () => {
      shows.get(chosen()).turn = (shows.get(chosen()).turn + 1) % 4;
      redraw();
    });
    const next = group.querySelector("[data-switch]");
    if (next) next.addEventListener("click", () => choose(pictures[(pictures.indexOf(chosen()) + 1) % pictures.length]));
    window.addEventListener("resize", redraw);
    // The enlarged picture is moved by the arrow keys too.
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    document.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step || !group.classList.contains("enlarged") || event.target.matches("input, textarea, select")) return;
      event.preventDefault();
      const at = shows.get(chosen());
      at.x += step[0];
      at.y += step[1];
      draw(chosen());
    });
  }

  const form = document.querySelector("[data-verdict]");
  if (!form) return;
  const codes = form.querySelector("[data-codes]");
  const boxes = [...codes.querySelectorAll("input")];
  const comment = form.querySelector("textarea");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    codes.querySelector("[data-count]").textContent = ticked ? `${ticked}件` : "";
    form.querySelector("[value=approve]").classList.toggle("main", !ticked);
    form.querySelector("[value=return]").classList.toggle("main", Boolean(ticked));
  };
  codes.addEventListener("change", count);
  count();

  // Inside the list two digits tick the code of that number; the eye stays on the letter's words.
  let digits = "";
  codes.addEventListener("keydown", (event) => {
    if (!/^[0-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    digits += event.key;
    if (digits.length < 2) return;
    const box = boxes.find((one) => one.value === `D${digits}`);
    digits = "";
    if (box) { box.checked = !box.checked; box.focus(); count(); }
  });
  let opened = codes.open;  // open from the start: the browser tells so once, and nobody asked for the focus
  codes.addEventListener("toggle", () => {
    if (opened) { opened = false; return; }
    if (codes.open) (boxes.find((box) => box.checked) || boxes[0]).focus();
  });

  // What a verdict lacks is asked for at once, with the hand where it is typed.
  const open = (details) => {
    details.open = true;
    (details.querySelector("input:checked") || details.querySelector("input")).focus();
  };
  form.addEventListener("submit", (event) => {
    const outcome = event.submitter ? event.submitter.value : "";
    const refusal = form.querySelector("[data-refusal]");
    const lacks = {
      return: () => !boxes.some((box) => box.checked) && open(codes) === undefined,
      refuse: () => !form.querySelector("[name=refuse_code]:checked") && open(refusal) === undefined,
      refer: () => !comment.value.trim() && comment.focus() === undefined,
      decline: () => !comment.value.trim() && comment.focus() === undefined,
    }[outcome];
    if (lacks && lacks()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      delete form.dataset.sent;
    }
  }, true);
})();
