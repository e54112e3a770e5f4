// Rows with a box <input data-tick>; [data-tick-all] ticks all of them, [data-ticked] buttons need one.
// A table that comes anew keeps the ticks of the rows it still has.

const boxes = () => [...document.querySelectorAll("[data-tick]")];
let kept = new Set();

function show() {
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  for (const box of document.querySelectorAll("[data-tick-all]")) {
    box.checked = ticked > 0 && ticked === all.length;
    box.indeterminate = ticked > 0 && ticked < all.length;
  }
  for (const button of document.querySelectorAll("[data-ticked]")) {
    const reason = document.getElementById(`${button.id}-reason`);
    reason.hidden = ticked > 0;
    button.toggleAttribute("data-none", ticked === 0);
    if (ticked) {
      button.removeAttribute("aria-disabled");
      button.removeAttribute("aria-describedby");
    } else {
      button.setAttribute("aria-disabled", "true");
      button.setAttribute("aria-describedby", reason.id);
    }
  }
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-tick-all]")) for (const box of boxes()) box.checked = target.checked;
  if (target.matches("[data-tick], [data-tick-all]")) show();
});

document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest("[data-ticked][data-none]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

document.addEventListener("htmx:beforeSwap", () => {
  kept = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
});

document.addEventListener("htmx:afterSwap", () => {
  for (const box of boxes()) box.checked ||= kept.has(box.value);
  show();
});

addEventListener("pageshow", show);
show();
