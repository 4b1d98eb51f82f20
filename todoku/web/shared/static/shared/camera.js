// A photo of a document ([data-photo]): shows what was taken, says at once whether it can be read, offers "use this / again".
// The picture stays on the device until the form is sent. Without it the file box and the form's own button serve.
(() => {
  "use strict";
  // Judged on a picture scaled to this width: enough to see darkness, glare and blur, quick on an old phone.
  const WIDTH = 480;
  // Shorter side below this cannot carry the digits of a passbook at arm's length.
  const SMALLEST_SIDE = 700;
  const DARK = 70;
  const BRIGHT = 235;
  const SHARP = 60;

  const judge = (context, width, height) => {
    const pixels = context.getImageData(0, 0, width, height).data;
    const grey = new Float32Array(width * height);
    let sum = 0;
    for (let i = 0; i < grey.length; i++) {
      grey[i] = 0.299 * pixels[4 * i] + 0.587 * pixels[4 * i + 1] + 0.114 * pixels[4 * i + 2];
      sum += grey[i];
    }
    // Variance of the Laplacian: low where there are no sharp edges.
    let total = 0, squares = 0, count = 0;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const i = y * width + x;
        const edge = grey[i - 1] + grey[i + 1] + grey[i - width] + grey[i + width] - 4 * grey[i];
        total += edge;
        squares += edge * edge;
        count += 1;
      }
    }
    const mean = total / count;
    return { light: sum / grey.length, sharp: squares / count - mean * mean };
  };

  const prepare = (box) => {
    const input = box.querySelector("input[type=file]");
    const canvas = box.querySelector("[data-photo-preview]");
    const advice = box.querySelector("[data-photo-advice]");
    const choice = box.querySelector("[data-photo-choice]");
    const shape = box.querySelector(".photo-shape");
    const formButtons = [...box.closest("form").querySelectorAll(".buttons:not([data-photo-choice])")];

    const say = (sentence, doubt) => {
      advice.textContent = sentence;
      advice.classList.toggle("doubt", doubt);
    };
    const show = (taken) => {
      canvas.hidden = !taken;
      shape.toggleAttribute("hidden", taken);
      choice.hidden = !taken;
      box.querySelector("[data-photo-input]").hidden = taken;
      for (const buttons of formButtons) buttons.hidden = taken;
    };
    const clear = () => {
      input.value = "";
      say("", false);
      show(false);
    };

    input.addEventListener("change", async () => {
      const file = input.files[0];
      if (!file) return clear();
      if (file.size > Number(box.dataset.bytesMax)) {
        clear();
        say(box.dataset.tooBig, true);
        return;
      }
      let picture;
      try {
        picture = await createImageBitmap(file);
      } catch (error) {
        // A kind of picture that this browser cannot draw (HEIC on some): it may be sent all the same.
        say(box.dataset.noPreview, true);
        return;
      }
      canvas.width = Math.min(WIDTH, picture.width);
      canvas.height = Math.round((canvas.width * picture.height) / picture.width);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
      const { light, sharp } = judge(context, canvas.width, canvas.height);
      show(true);
      if (Math.min(picture.width, picture.height) < SMALLEST_SIDE) say(box.dataset.small, true);
      else if (light < DARK) say(box.dataset.tooDark, true);
      else if (light > BRIGHT) say(box.dataset.tooBright, true);
      else if (sharp < SHARP) say(box.dataset.blurred, true);
      else say(box.dataset.good, false);
      picture.close();
    });
    box.querySelector("[data-photo-again]").addEventListener("click", () => {
      clear();
      input.click();
    });
  };

  document.querySelectorAll("[data-photo]").forEach(prepare);
})();
