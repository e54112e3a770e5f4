// Toasts: good and info go by themselves unless one looks at them, warnings and errors stay.

const STAY = 8000;
const toasts = document.getElementById("toasts");

function remove(toast) {
  const hadFocus = toast.contains(document.activeElement);
  toast.remove();
  if (hadFocus) document.getElementById("main").focus();
}

function arrived(toast) {
  for (const other of toasts.querySelectorAll("[data-toast]")) {
    if (other !== toast && other.textContent === toast.textContent) other.remove();
  }
  if (!["good", "info"].includes(toast.dataset.toast)) return;
  const later = () =>
    setTimeout(() => (toast.matches(":hover, :focus-within") ? later() : remove(toast)), STAY);
  later();
}

toasts.querySelectorAll("[data-toast]").forEach(arrived);

new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (node.matches?.("[data-toast]")) arrived(node);
  }
}).observe(toasts, { childList: true });

document.addEventListener("click", ({ target }) => {
  const toast = target.closest("[data-dismiss]")?.closest("[data-toast]");
  if (toast) remove(toast);
});

// An error is shown where the person looks: inside the open dialog.
const inDialog = () => document.querySelector("dialog[open] [data-dialog-errors]");

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const place = inDialog();
  if (!place || detail.target !== toasts) return;
  place.replaceChildren();
  detail.target = place;
});

document.addEventListener("htmx:sendError", () => {
  const place = inDialog();
  const toast = document.getElementById("offline-toast").content.cloneNode(true);
  if (place) place.replaceChildren(toast);
  else toasts.append(toast);
});
