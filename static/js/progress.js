// <div data-progress="/operations/runs/"> in a form: where the form's answer takes longer than a second, it
// shows what has become of each thing so far, as the records have it.

const AFTER = 1000; // milliseconds, to the first look and between two
let watched = null; // the form that is being carried out
let timer = 0;

function end() {
  clearTimeout(timer);
  watched = null;
  for (const place of document.querySelectorAll("[data-progress]")) place.hidden = true;
}

function show(place, html) {
  const part = new DOMParser().parseFromString(html, "text/html");
  const sentence = place.querySelector("[role='status']"); // it stays, so that only what changes is said
  const words = part.querySelector("p").textContent.trim();
  const isNew = place.hidden;
  place.hidden = false;
  if (sentence.textContent !== words) sentence.textContent = words;
  place.querySelector("ul").replaceWith(part.querySelector("ul"));
  if (isNew) place.scrollIntoView({ block: "end" });
}

async function look(form, place) {
  let html = "";
  try {
    const url = `${place.dataset.progress}${form.elements.key.value}/`;
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    const text = await answer.text();
    html = answer.ok ? text : "";
  } catch {
    // The form's own answer tells what is wrong.
  }
  if (form !== watched || !form.isConnected) return;
  if (html) show(place, html);
  timer = setTimeout(look, AFTER, form, place);
}

document.addEventListener("submit", ({ target: form }) => {
  const place = form.querySelector("[data-progress]");
  if (!place || !form.elements.key) return;
  end();
  watched = form;
  timer = setTimeout(look, AFTER, form, place);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt === watched || !watched?.isConnected) end();
});
