// <div data-progress="/operations/runs/"> in a form: where the form's answer takes longer than a second, it
// shows what has become of each thing so far, as the records have it.

const AFTER = 1000; // milliseconds, to the first look and between two
let timer = 0;

function end() {
  clearTimeout(timer);
  for (const place of document.querySelectorAll("[data-progress]")) place.replaceChildren();
}

async function look(form, place) {
  const url = `${place.dataset.progress}${form.elements.key.value}/`;
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    const html = await answer.text();
    if (!("sent" in form.dataset)) return;
    if (answer.ok && html !== place.dataset.shown) {
      place.innerHTML = html;
      place.dataset.shown = html;
    }
  } catch {
    // The form's own answer tells what is wrong.
  }
  if ("sent" in form.dataset) timer = setTimeout(look, AFTER, form, place);
}

document.addEventListener("submit", ({ target: form }) => {
  const place = form.querySelector("[data-progress]");
  if (!place || !form.elements.key) return;
  clearTimeout(timer);
  timer = setTimeout(look, AFTER, form, place);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.querySelector?.("[data-progress]")) end();
});
