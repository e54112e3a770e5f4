// After a part of the page was exchanged the focus is where it was, or on what came in its place, and
// what a person asked for is said: [data-said] in the new part, or its empty state. Comes last: other
// scripts know better where the focus goes after what they did.

const said = document.getElementById("said");
let place = null; // where the focus was

function remember({ detail }) {
  const focused = document.activeElement;
  place = null;
  if (focused === document.body || !detail.target.contains(focused)) return;
  const around = [];
  for (let one = focused.parentElement; one; one = one.parentElement) if (one.id) around.push(one.id);
  const [nearest] = around;
  const same = (nearest ? document.getElementById(nearest) : document).querySelectorAll(focused.localName);
  place = { id: focused.id, around, tag: focused.localName, number: [...same].indexOf(focused) };
}

function giveBack() {
  if (!place || document.activeElement !== document.body) return;
  const { id, around, tag, number } = place;
  place = null;
  const [part, ...further] = around.map((one) => document.getElementById(one)).filter(Boolean);
  const same = part?.id === around[0] && part.querySelectorAll(tag)[number];
  for (const one of [id && document.getElementById(id), same, part, ...further]) {
    if (!one || document.activeElement !== document.body) continue;
    if (one !== same && one.id !== id && one.tabIndex < 0) one.tabIndex = -1;
    one.focus({ preventScroll: true });
  }
}

function say({ detail }) {
  const cause = detail.requestConfig?.triggeringEvent?.type;
  if (!["submit", "click", "change"].includes(cause) || detail.target.closest("dialog")) return;
  const part = document.getElementById(detail.target.id);
  const words = part?.querySelector("[data-said], .empty-title")?.textContent.trim().replace(/\s+/g, " ");
  if (words) said.textContent = words === said.textContent ? `${words}\u00a0` : words;
}

for (const name of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) document.addEventListener(name, remember);
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) document.addEventListener(name, giveBack);
document.addEventListener("htmx:afterSwap", say);
