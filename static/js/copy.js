// <button data-copy="text"> copies the text and says so for two seconds.

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const label = button.getAttribute("aria-label");
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return; // not allowed here: the text itself can still be marked by hand
  }
  if ("copied" in button.dataset) return;
  button.dataset.copied = "";
  button.setAttribute("aria-label", button.dataset.copiedLabel);
  setTimeout(() => {
    delete button.dataset.copied;
    button.setAttribute("aria-label", label);
  }, 2000);
});
