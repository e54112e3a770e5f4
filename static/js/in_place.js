// [data-in-place] holds a value and a link that puts a small form in its place. Esc and [data-cancel]
// bring back what stood there; after Save the focus goes to the link in the part that was read anew.

const kept = new WeakMap(); // place → what stood in it
let waiting = null; // id of the link that gets the focus back

const formIn = (place) => place?.querySelector("form.in-place");

function back(place) {
  const old = kept.get(place);
  if (!old) return;
  place.replaceChildren(...old.cloneNode(true).childNodes);
  htmx.process(place);
  place.querySelector("a, button")?.focus();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target, requestConfig } = event.detail;
  const place = target.closest("[data-in-place]");
  if (place && !formIn(place)) kept.set(place, place.cloneNode(true));
  // What asks again by itself must not take away what is being typed.
  const cause = requestConfig.triggeringEvent;
  const asksByItself = !cause || cause.type === "eips-settled";
  if (!place && asksByItself && formIn(target)) event.preventDefault();
  if (place && elt.closest("form.in-place")) waiting = kept.get(place)?.querySelector("a")?.id;
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!detail.xhr) return; // Back: a whole page
  if (detail.xhr.getResponseHeader("HX-Reswap") === "none") return; // saved: the table comes next
  const field = formIn(detail.target.closest("[data-in-place]"))?.querySelector("input:not([type='hidden'])");
  if (field) {
    waiting = null;
    field.focus();
    field.select();
  } else if (waiting && document.activeElement === document.body) {
    document.getElementById(waiting)?.focus();
    waiting = null;
  }
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("form.in-place [data-cancel]")) return;
  event.preventDefault();
  back(event.target.closest("[data-in-place]"));
});

document.addEventListener("keydown", (event) => {
  const form = event.key === "Escape" && event.target.closest("form.in-place");
  if (form && !("sent" in form.dataset)) back(form.closest("[data-in-place]"));
});
