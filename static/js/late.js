// A dialog whose answer is late opens with grey lines in its place (<template id="modal-loading">). Who
// closes them does not want it any more. Comes before modal.js: that one empties what is closed.
const LATE = 200; // milliseconds
const modal = document.getElementById("modal");
let timer = 0;
let asked = null; // what asked for the dialog

const isWaiting = () => modal.querySelector("[data-loading]");

function wait() {
  modal.replaceChildren(document.getElementById("modal-loading").content.cloneNode(true));
  modal.showModal();
  modal.querySelector("#modal-title").focus();
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target !== modal || modal.open) return;
  asked = detail.elt;
  clearTimeout(timer);
  timer = setTimeout(wait, LATE);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.requestConfig.elt !== asked) return;
  clearTimeout(timer);
  if (detail.target !== modal && isWaiting()) modal.close(); // an error: it is told on the page
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt !== asked) return;
  clearTimeout(timer);
  if (!detail.successful && isWaiting()) modal.close();
});

modal.addEventListener("close", () => {
  if (isWaiting()) htmx.trigger(asked, "htmx:abort");
});
