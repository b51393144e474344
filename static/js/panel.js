// The panel follows the row that has the focus, once it has rested there a moment.

const panel = document.getElementById("panel");
let timer;
let shown = document.querySelector("#grid .activity-name")?.href ?? ""; // the page itself asks for the first row's

function show(href) {
  shown = href;
  htmx.ajax("GET", `${href}panel/`, { source: panel, target: panel, swap: "innerMorph" });
}

function soon(href, wait) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!panel.querySelector(":focus:is(input, textarea)")) show(href);
  }, wait);
}

document.addEventListener("remit:row", (event) => {
  if (event.detail.href !== shown) soon(event.detail.href, shown ? 120 : 0);
});

// An edit of the row it shows: its findings and history changed too.
document.addEventListener("htmx:after:swap", (event) => {
  const source = event.detail.ctx.sourceElement;
  if (source?.id === "grid" && event.detail.ctx.request.method === "POST" && shown) soon(shown, 250);
});

// Somebody else's edit of it: likewise, but a form that is open there is left to whoever opened it.
document.addEventListener("remit:news", (event) => {
  const row = [...document.querySelectorAll("#grid .activity-name")].find((name) => name.href === shown)?.closest("tr");
  const { activities } = event.detail; // null for all
  const isBusy = panel.querySelector(":focus:is(input, textarea, select), form.form");
  if (row && !isBusy && (!activities || activities.has(row.id.slice(1)))) soon(shown, 250);
});

const current = document.querySelector('#grid tr[aria-current="true"] .activity-name')?.href;
if (current && current !== shown) soon(current, 0);
