// Rows that a part of the page shows after it has renewed itself, and did not show before, are marked
// for a while: <tr data-new>. What a search or another page brings is not new.

let before = null;

const renewsItself = ({ elt, target }) => elt === target && target.id;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const part = { elt: detail.requestConfig.elt, target: detail.target };
  if (!detail.shouldSwap || !renewsItself(part)) return;
  before = new Set([...detail.target.querySelectorAll("tbody tr[id]")].map((row) => row.id));
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!before || !renewsItself({ elt: detail.requestConfig.elt, target: detail.target })) return;
  const now = document.getElementById(detail.target.id);
  const rows = [...(now?.querySelectorAll("tbody tr[id]") ?? [])].filter((row) => !before.has(row.id));
  before = null;
  for (const row of rows) row.dataset.new = "";
  rows[0]?.scrollIntoView({ block: "nearest" });
});
