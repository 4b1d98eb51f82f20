// Keying with both hands on the keys: Enter goes on, a full box goes on by itself, a digit or letter chooses, the picture follows
// the field. The next form is in the page already: saving shows it at once, the answer brings the one after it.
// Without this the forms work one page after the other.
(() => {
  "use strict";
  const desk = document.querySelector("[data-keying-desk]");
  if (!desk) return;

  const sections = () => [...desk.querySelectorAll("[data-keying]")];
  const shown = () => sections().find((one) => !one.hidden);
  const formOf = (section) => section.querySelector("[data-key-form]");

  const stops = (form) => {
    const found = [];
    for (const element of form.querySelectorAll("input:not([type=hidden]), button[type=submit]")) {
      if (element.closest(".entry[hidden]")) continue;
      const stop = element.type === "radio" ? element.closest("[data-digit-choice]") : element;
      if (!found.includes(stop)) found.push(stop);
    }
    return found;
  };
  const enter = (stop) => {
    if (stop.matches("[data-digit-choice]")) (stop.querySelector("input:checked") || stop.querySelector("input")).focus();
    else { stop.focus(); if (stop.select) stop.select(); }
  };
  const goOn = (element) => {
    const form = element.closest("[data-key-form]");
    const all = stops(form);
    const next = all[all.indexOf(element.closest("[data-digit-choice]") || element) + 1];
    if (!next) return;
    if (next.matches("button")) form.requestSubmit(next);
    else enter(next);
  };

  // ---- the picture at the field -------------------------------------------------------------------------------------
  const show = (section, page, crop) => {
    const frame = section.querySelector("[data-frame]");
    const images = [...frame.querySelectorAll("img")];
    const image = images.find((one) => one.dataset.page === page) || images.find((one) => !one.hidden);
    if (!image || !frame.clientWidth) return;
    images.forEach((one) => { one.hidden = one !== image; });
    const width = image.naturalWidth || image.width, height = image.naturalHeight || image.height;
    const whole = section.querySelector("[data-whole]").getAttribute("aria-pressed") === "true";
    const [x, y, w, h] = crop && !whole ? crop.split(",").map(Number) : [0, 0, 1, 1];
    const fit = Math.min(frame.clientWidth / (w * width), frame.clientHeight / (h * height));
    // A field stays within a third of the frame's height, so that what is around it is seen too.
    const scale = crop && !whole ? Math.min(fit * 0.94, frame.clientHeight / 3 / (h * height), 3) : fit;
    const left = frame.clientWidth / 2 - (x + w / 2) * width * scale, top = frame.clientHeight / 2 - (y + h / 2) * height * scale;
    image.style.width = `${width * scale}px`;
    image.style.height = `${height * scale}px`;
    image.style.transform = `translate(${left}px, ${top}px)`;
    let lit = frame.querySelector(".key-lit");
    if (!lit) { lit = document.createElement("div"); lit.className = "key-lit"; frame.append(lit); }
    lit.hidden = !crop || whole;
    Object.assign(lit.style, { left: `${left + x * width * scale}px`, top: `${top + y * height * scale}px`, width: `${w * width * scale}px`, height: `${h * height * scale}px` });
  };
  const follow = (section) => {
    const here = section.contains(document.activeElement) && document.activeElement.closest("[data-crop]");
    const crop = here || section.querySelector("[data-crop]");
    show(section, crop ? crop.dataset.page : "", crop ? crop.dataset.crop : "");
  };
  desk.addEventListener("focusin", (event) => {
    const field = event.target.closest("[data-crop]");
    if (field) show(field.closest("[data-keying]"), field.dataset.page, field.dataset.crop);
  });
  desk.addEventListener("load", (event) => { const section = event.target.closest("[data-keying]"); if (section && !section.hidden) follow(section); }, true);
  window.addEventListener("resize", () => shown() && follow(shown()));
  desk.addEventListener("click", (event) => {
    const section = event.target.closest("[data-keying]");
    const whole = event.target.closest("[data-whole]"), turnPage = event.target.closest("[data-next-page]");
    if (whole) {
      whole.setAttribute("aria-pressed", String(whole.getAttribute("aria-pressed") !== "true"));
      follow(section);
    } else if (turnPage) {
      const images = [...section.querySelectorAll("[data-frame] img")];
      show(section, images[(images.findIndex((one) => !one.hidden) + 1) % images.length].dataset.page, "");
    }
    if ((whole || turnPage) && section.back) enter(section.back);
  });
  // A button of the picture gives the hand back to the field that it was in.
  desk.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-key-form] input")) event.target.closest("[data-keying]").back = event.target.closest("[data-digit-choice]") || event.target;
  });

  // ---- the keys ------------------------------------------------------------------------------------------------------
  desk.addEventListener("keydown", (event) => {
    const box = event.target;
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
    if (!plain || !box.matches("[data-key-form] input")) return;
    const offered = box.dataset.offer && !box.value;
    if (event.key === "Enter" && offered) {
      box.value = box.dataset.offer;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (event.key === "Enter") { event.preventDefault(); goOn(box); return; }
    if ((event.key === "Delete" || event.key === "Backspace") && offered) {
      delete box.dataset.offer;
      box.removeAttribute("placeholder");
    }
    const group = box.closest("[data-digit-choice]");
    if (group && /^[0-9a-z]$/i.test(event.key)) {
      const chosen = group.querySelector(`[data-digit="${event.key.toLowerCase()}"]`);
      if (chosen || /^[0-9]$/.test(event.key)) event.preventDefault();
      if (!chosen) return;
      chosen.checked = true;
      chosen.focus();
      chosen.dispatchEvent(new Event("change", { bubbles: true }));
      goOn(chosen);
    }
  });
  desk.addEventListener("input", (event) => {
    const { full, fullWhen } = event.target.dataset;
    if (!(full || fullWhen) || event.isComposing || event.inputType === "deleteContentBackward") return;
    if (new RegExp(fullWhen || `^[0-9]{${full}}$`).test(event.target.value)) goOn(event.target);
  });

  // ---- from form to form ---------------------------------------------------------------------------------------------
  const open = (section) => {
    sections().forEach((one) => { one.hidden = one !== section; });
    const started = formOf(section).querySelector("[name=started]");
    if (!section.opened) { section.opened = true; started.value = String(Math.floor(Date.now() / 1000)); }
    const first = section.querySelector(".has-error input") || formOf(section).querySelector("input:not([type=hidden])");
    enter(first.closest("[data-digit-choice]") || first);
    follow(section);
  };
  const take = (text) => {
    const answer = new DOMParser().parseFromString(text, "text/html");
    const said = answer.getElementById("toasts");
    if (said) {
      document.getElementById("toasts").replaceWith(document.adoptNode(said));
      document.dispatchEvent(new Event("htmx:afterSettle"));
    }
    return [...answer.querySelectorAll("[data-keying]")].map((one) => {
      const section = document.adoptNode(one);
      desk.append(section);
      if (window.htmx) window.htmx.process(section);
      return section;
    });
  };
  const again = () => { window.location.assign(desk.dataset.again); };
  const say = (words) => {
    const toast = document.createElement("div"), text = document.createElement("p"), close = document.createElement("button");
    toast.className = "toast toast-error"; toast.dataset.toast = "";
    text.textContent = words;
    Object.assign(close, { type: "button", className: "toast-close", hidden: true, textContent: "閉じる" });
    close.dataset.toastClose = "";
    toast.append(text, close);
    document.getElementById("toasts").append(toast);
    document.dispatchEvent(new Event("htmx:afterSettle"));
  };
  // What waits for a hand: neither the one in hand nor what is under way.
  const waiting = (but) => sections().filter((one) => one !== but && !one.sent);
  // The hand is never taken from the form in hand: what comes back stands first in line behind it.
  const lineUp = (section) => {
    section.sent = false;
    section.hidden = true;
    desk.prepend(section);
    const inHand = shown();
    if (!inHand || inHand.sent) open(section);
  };
  const leftOffer = (form) => [...form.querySelectorAll("input[data-offer]")].find((one) => !one.value && !one.asked);
  const ask = (box) => {
    box.asked = true;
    box.closest(".entry").querySelector(".told").textContent = desk.dataset.offerLeft;
    box.focus();
  };
  desk.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-key-form], [data-aside-form]");
    if (!form) return;
    event.preventDefault();
    const section = form.closest("[data-keying]");
    if (section.sent) return;
    const left = form.matches("[data-key-form]") && leftOffer(form);
    if (left) { ask(left); return; }
    section.sent = true;
    const body = new FormData(form, event.submitter);
    sections().filter((one) => one !== section).forEach((one) => body.append("have", one.dataset.keying));
    const [next] = waiting(section);
    if (next) open(next); else section.inert = true;
    const back = (words) => { section.inert = false; lineUp(section); say(words); };
    let response;
    try {
      response = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "keying" } });
    } catch {
      back(desk.dataset.notSent);
      return;
    }
    if (response.redirected) { back(desk.dataset.signedOut); return; }
    if (!response.ok && response.status !== 422) { back(desk.dataset.refused); return; }
    const text = await response.text();
    section.remove();
    const came = take(text);
    came.forEach((one) => { one.hidden = true; });
    if (response.status === 422) lineUp(came[0]);
    const inHand = shown();
    if (inHand && !inHand.sent) return;
    const [first] = waiting();
    if (first) open(first);
    else if (!sections().length) again();
  });

  if (shown()) open(shown());
})();
