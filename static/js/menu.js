// <details data-menu>: one open at a time; closes on Esc, on a click elsewhere and after a choice. Esc also
// hides the reason beside a button that is off, until one comes to it again.

const open = () => document.querySelectorAll("[data-menu][open]");

document.addEventListener("click", ({ target }) => {
  for (const menu of open()) {
    const chosen = target.closest(".menu-list a, .menu-list button[type='submit']");
    if (!menu.contains(target) || (chosen && menu.contains(chosen))) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const one of document.querySelectorAll(".with-reason:is(:hover, :focus-within)")) one.dataset.hushed = "";
  for (const menu of open()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    event.preventDefault();
  }
});

for (const way of ["pointerover", "focusin"]) {
  document.addEventListener(way, ({ target }) => {
    for (const one of document.querySelectorAll("[data-hushed]")) if (!one.contains(target)) delete one.dataset.hushed;
  });
}

document.addEventListener("focusin", ({ target }) => {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
});

// The part of a page around an open menu may be exchanged: it stays open in what comes instead.
let kept = null;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const menu = [...open()].find((one) => detail.target.contains(one));
  const place = menu?.closest("[id]");
  const focused = menu?.contains(document.activeElement) ? document.activeElement : null;
  kept = place && { place: place.id, focused, entry: focused?.id };
});

document.addEventListener("htmx:afterSwap", () => {
  const menu = kept && document.getElementById(kept.place)?.querySelector("[data-menu]");
  if (menu) {
    menu.open = true;
    if (kept.focused && document.activeElement === document.body) {
      const entry = kept.entry && document.getElementById(kept.entry);
      (entry || menu.querySelector("summary")).focus();
    }
  }
  kept = null;
});
