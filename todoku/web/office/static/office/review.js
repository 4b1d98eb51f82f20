// The picture of the review desk: zoom and turn. Without script the picture opens in its own window.
document.querySelectorAll("[data-evidence]").forEach((figure) => {
  const frame = figure.querySelector(".evidence-frame");
  let turn = 0;
  figure.querySelector("[data-zoom]").addEventListener("click", () => frame.classList.toggle("zoomed"));
  figure.querySelector("[data-turn]").addEventListener("click", () => {
    frame.classList.remove(`turn-${turn}`);
    turn = (turn + 1) % 4;
    if (turn) frame.classList.add(`turn-${turn}`);
  });
});
