// The dialog is described by its first sentence. Comes before modal.js: that one opens it.

const modal = document.getElementById("modal");

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== modal) return;
  const first = modal.querySelector(".dialog-body :is(p, .banner-text):not(:empty)");
  if (first) first.id ||= "modal-description";
  modal.setAttribute("aria-describedby", first?.id ?? "modal-title");
});
