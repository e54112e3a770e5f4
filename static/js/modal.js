// One <dialog id="modal">. An element with hx-target="#modal" fills it; it opens after the swap and
// is emptied when it closes. Focus trap and Esc are the browser's.
const modal = document.getElementById("modal");
let opener = null;
let home = ""; // id of the part of the page that the opener was in
const close = () => modal.open && modal.close();

function focusInside() {
  const first =
    modal.querySelector("[aria-invalid='true']") ??
    modal.querySelector("[autofocus]") ??
    modal.querySelector(":is(input, select, textarea):not([type='hidden'], :disabled)") ??
    modal.querySelector("#modal-title");
  first?.focus();
}

// To the opener, or what came in its place; for an entry of a menu, to the menu's button. Where that is
// gone too, to the part that it was in.
function focusBack() {
  const now = opener?.isConnected ? opener : opener?.id && document.getElementById(opener.id);
  const place = (now || null)?.closest("[data-menu]")?.querySelector("summary") ?? now;
  const part = document.getElementById(home);
  if (part) part.tabIndex = -1;
  (place || part || document.getElementById("main")).focus();
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target !== modal || modal.open) return;
  opener = detail.elt;
  home = opener.closest("section[id]")?.id ?? "";
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== modal || !modal.firstElementChild) return;
  if (!modal.open) modal.showModal();
  modal.scrollTop = 0; // not that of what was there before
  focusInside();
});

// Done: the answer to a form in the dialog swaps nothing (console.htmx.done).
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const done = detail.successful && detail.xhr.getResponseHeader("HX-Reswap") === "none";
  if (done && modal.contains(detail.elt)) close();
});

document.addEventListener("modal:close", close);

modal.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  close();
});

modal.addEventListener("close", () => {
  modal.replaceChildren();
  focusBack(); // parts.js keeps it there when the part around it is exchanged
  opener = null;
});
