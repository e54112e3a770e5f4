// While a form's answer is awaited its button shows it, and sending the form again does nothing.
// A dialog around it stays open until then: it tells what became of the change.
// <form data-no-busy> is left alone: a download, whose answer no page sees.

const buttons = (form) =>
  (form.closest(".dialog") ?? form).querySelectorAll("button[type='submit'], a[data-close]");

function free(form) {
  delete form.dataset.sent;
  for (const button of buttons(form)) {
    button.removeAttribute("aria-disabled");
    delete button.dataset.working;
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.method !== "post" || "noBusy" in form.dataset) return;
    if ("sent" in form.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "";
    for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
    if (event.submitter) event.submitter.dataset.working = "";
  },
  true,
);

for (const way of ["cancel", "click", "keydown"]) {
  document.addEventListener(
    way,
    (event) => {
      const leaves = { click: event.target.closest?.("[data-close]"), keydown: event.key === "Escape" };
      if (!(leaves[way] ?? way === "cancel")) return;
      if (!event.target.closest("dialog, .dialog")?.querySelector("form[data-sent]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  // Only the form's own answer: a preview of what is chosen in it may come in between.
  if (detail.elt.matches("form[data-sent]")) free(detail.elt);
});

addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));

// A press of a submit button leaves the focus where it is until the click: a field that loses it
// shows what will change, and the button would slip away from under the pointer.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("dialog button[type='submit']")) event.preventDefault();
});
