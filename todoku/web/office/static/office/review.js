// The review desk: pictures are enlarged, turned and moved; codes are ticked by one key or their two digits; what a verdict
// lacks is asked for where it is typed; the next case's pictures are fetched while this one is looked at, kept in memory
// alone. Without it pictures open in their own window, acts have their own pages, the server says what is missing.
(() => {
  "use strict";

  // Pictures.
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
  const group = () => document.querySelector("[data-pictures]");
  const picturesOf = (all) => [...all.querySelectorAll("[data-picture]")];
  const chosenOf = (all) => all.querySelector("[data-picture][data-chosen]");

  const preparePictures = (all) => {
    const pictures = picturesOf(all);
    const redraw = () => pictures.forEach(draw);
    const choose = (picture) => {
      pictures.forEach((one) => one.toggleAttribute("data-chosen", one === picture));
      redraw();
    };
    const zoom = all.querySelector("[data-zoom]");
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
        if (!frame.classList.contains("moving") || !all.classList.contains("enlarged")) return;
        const at = shows.get(picture);
        at.x += event.movementX;
        at.y += event.movementY;
        draw(picture);
      });
      frame.addEventListener("pointerup", () => frame.classList.remove("moving"));
      frame.addEventListener("dblclick", () => zoom.click());
    }
    zoom.addEventListener("click", () => {
      const on = all.classList.toggle("enlarged");
      zoom.setAttribute("aria-pressed", String(on));
      for (const picture of pictures) Object.assign(shows.get(picture), { x: 0, y: 0 });
      redraw();
    });
    all.querySelector("[data-turn]").addEventListener("click", () => {
      shows.get(chosenOf(all)).turn = (shows.get(chosenOf(all)).turn + 1) % 4;
      redraw();
    });
    const next = all.querySelector("[data-switch]");
    if (next) next.addEventListener("click", () => choose(pictures[(pictures.indexOf(chosenOf(all)) + 1) % pictures.length]));
  };
  window.addEventListener("resize", () => group() && picturesOf(group()).forEach(draw));
  // The enlarged picture is moved by the arrow keys too.
  const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
  document.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const all = group();
    if (!step || !all || !all.classList.contains("enlarged") || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    const at = shows.get(chosenOf(all));
    at.x += step[0];
    at.y += step[1];
    draw(chosenOf(all));
  });

  // The verdict.
  const prepareVerdict = (form) => {
    const codes = form.querySelector("[data-codes]");
    const more = codes.querySelector("[data-more]");
    const boxes = [...codes.querySelectorAll("input")];
    const comment = form.querySelector("textarea");
    const count = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      codes.querySelector("[data-count]").textContent = ticked ? `${ticked}件` : "";
      form.querySelector("[value=approve]").classList.toggle("main", !ticked);
      form.querySelector("[value=return]").classList.toggle("main", Boolean(ticked));
    };
    codes.addEventListener("change", count);
    if (more.querySelector("input:checked")) more.open = true;
    count();

    // Inside the list two digits tick the code of that number; the eye stays on the letter's words.
    let digits = "";
    more.addEventListener("keydown", (event) => {
      if (!/^[0-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      digits += event.key;
      if (digits.length < 2) return;
      const box = boxes.find((one) => one.value === `D${digits}`);
      digits = "";
      if (box) { box.checked = !box.checked; box.focus(); count(); }
    });
    let opened = more.open;  // open from the start: the browser tells so once, and nobody asked for the focus
    more.addEventListener("toggle", () => {
      if (opened) { opened = false; return; }
      if (more.open) (more.querySelector("input:checked") || more.querySelector("input")).focus();
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
        return: () => !boxes.some((box) => box.checked) && open(more) === undefined,
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
  };

  // Acts are laid over the desk.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    const dialog = opener && document.getElementById(opener.dataset.opens);
    if (dialog && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      dialog.showModal();
      const first = dialog.querySelector("textarea, select, input:not([type=hidden])");
      if (first) first.focus();
    }
    const closer = event.target.closest("[data-close-dialog]");
    if (closer) closer.closest("dialog").close();
  });
  document.addEventListener("keydown", (event) => {
    const dialog = event.target.closest && event.target.closest("dialog.act-dialog[open]");
    if (dialog && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      dialog.querySelector("form").requestSubmit();
    }
  });

  // The next case: its pictures wait in this page's memory until the verdict leads to it, and are let go with the page.
  const ahead = new Map();
  const fetchAhead = async (place) => {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    const told = await fetch(place, { method: "POST", headers: { "X-CSRFToken": token } });
    if (!told.ok) return;
    const { pictures } = await told.json();
    for (const [address, blob] of ahead) {
      if (!pictures.includes(address) && !document.querySelector(`img[src="${blob}"]`)) {
        URL.revokeObjectURL(blob);
        ahead.delete(address);
      }
    }
    for (const address of pictures) {
      if (ahead.has(address)) continue;
      const answer = await fetch(`${address}?ahead=1`);
      if (answer.ok) ahead.set(address, URL.createObjectURL(await answer.blob()));
    }
    document.documentElement.dataset.ahead = String(pictures.length);
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail;
    if (answer.xhr.status === 422) Object.assign(answer, { shouldSwap: true, isError: false });
    for (const [address, blob] of ahead) {
      answer.serverResponse = answer.serverResponse.replaceAll(`src="${address}"`, `src="${blob}"`);
    }
  });

  const prepare = () => {
    const review = document.querySelector("[data-review]:not([data-ready])");
    if (!review) return;
    review.dataset.ready = "1";
    if (group()) preparePictures(group());
    const form = document.querySelector("[data-verdict]");
    if (form) prepareVerdict(form);
    delete document.documentElement.dataset.ahead;
    if (review.dataset.ahead) fetchAhead(review.dataset.ahead);
  };
  document.addEventListener("htmx:afterSettle", prepare);
  prepare();
})();
