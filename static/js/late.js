// A dialog whose answer is late opens with grey lines in its place (<template id="modal-loading">). Who
// closes them does not want it any more. Comes before modal.js: that one empties what is closed.
// It looks at the request itself: what asked for it may be exchanged meanwhile, and hears nothing then.
const LATE = 200; // milliseconds
const modal = document.getElementById("modal");
let timer = 0;
let asked = null; // the request for the dialog
let isDropped = false;

const isWaiting = () => modal.querySelector("[data-loading]");

function wait() {
  modal.replaceChildren(document.getElementById("modal-loading").content.cloneNode(true));
  modal.showModal();
  modal.querySelector("#modal-title").focus();
}

function drop() {
  isDropped = true; // nor is a second click wanted that waits for the first one's end
  asked?.abort();
  isDropped = false;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const { target, elt, xhr } = event.detail;
  if (target !== modal || modal.contains(elt)) return;
  if (isDropped || modal.open) {
    event.preventDefault();
    return;
  }
  drop();
  asked = xhr;
  clearTimeout(timer);
  timer = setTimeout(wait, LATE);
  xhr.addEventListener("loadend", () => {
    if (asked !== xhr) return;
    asked = null;
    clearTimeout(timer);
    if (isWaiting()) modal.close(); // an error: it is told on the page
  });
});

modal.addEventListener("close", () => {
  if (isWaiting()) drop();
});
