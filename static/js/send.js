// Sending edits: one after another, each with a key of its own, so that a retry is applied once. A cell shows at once
// what was chosen; the server's row confirms it, or the old level comes back.

import { activityName, activityOf, cellAt, columnOf, roleName, seenOf, table } from "./cells.js";
import { dismiss, say } from "./toast.js";

let queue = Promise.resolve();
let unsaved = 0;

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

// Sets `cells` (all in one row's column or a block) by posting `values` to `url`. `letter` is painted at once.
export function sendCells(url, cells, values, paint) {
  const places = cells.map((cell) => ({ activity: activityOf(cell.parentElement), column: columnOf(cell) }));
  const before = cells.map((cell) => cell.innerHTML);
  if (paint) cells.forEach(paint);
  mark(places, "saving");
  dismiss(); // its Undo would take back what is sent now
  return enqueue(async () => {
    const status = await post(url, { ...values(), ...filterValues() });
    settle(status, places, before, () => {
      const again = places.map((place) => cellAt(place.activity, place.column)).filter(Boolean);
      if (again.length) sendCells(url, again, values, paint);
    });
    return status;
  });
}

// Any other change of the grid: undo, redo.
export function sendPlain(url) {
  const key = newKey();
  dismiss();
  const attempt = () =>
    enqueue(async () => {
      const status = await post(url, { key, ...filterValues() });
      if (status === 0) say("Not done: no connection. Nothing was changed.", [["Try again", attempt]], { alert: true });
      return status;
    });
  return attempt();
}

// Edits read the revision of their rows only when their turn comes: the one before may have raised it.
export function cellValues(cell, letter) {
  const row = cell.parentElement;
  const place = { activity: activityOf(row), column: columnOf(cell) };
  const key = newKey();
  return () => ({
    activity: place.activity,
    role: headerRole(place.column),
    level: letter,
    seen: seenOf(document.getElementById(`a${place.activity}`) ?? row),
    key,
  });
}

export function blockValues(rows, columns, text) {
  const activities = rows.map(activityOf);
  const key = newKey();
  return () => ({
    activities: activities.join(","),
    roles: columns.map(headerRole).join(","),
    seen: activities.map((id) => seenOf(document.getElementById(`a${id}`))).join(","),
    text,
    key,
  });
}

// Rows again, after an edit elsewhere on the page.
export function refetch(activities) {
  return enqueue(() =>
    htmx.ajax("GET", `${table().dataset.rows}?activities=${activities.join(",")}`, {
      source: "#grid",
      target: "#grid",
      swap: "none",
    }),
  );
}

const headerRole = (column) => table().querySelectorAll("thead [data-role]")[column].dataset.role;

function enqueue(work) {
  unsaved += 1;
  showSaving();
  const turn = queue.then(work, work);
  queue = turn.catch(() => 0);
  queue.then(() => {
    unsaved -= 1;
    showSaving();
  });
  return turn;
}

async function post(url, values) {
  const grid = document.getElementById("grid");
  let status = 0;
  const note = (event) => {
    status = event.detail.ctx.response?.status ?? 0;
  };
  grid.addEventListener("htmx:after:request", note);
  try {
    await htmx.ajax("POST", url, { source: grid, target: grid, swap: "none", values });
  } finally {
    grid.removeEventListener("htmx:after:request", note);
  }
  return status;
}

function settle(status, places, before, again) {
  if (status >= 200 && status < 300) {
    mark(places, "saved");
    setTimeout(() => mark(places, null, "saved"), 2000);
    return;
  }
  if (status === 409 && document.querySelector("#toasts [data-rows]")) {
    mark(places, "conflict"); // the rows are already as the server has them
    return;
  }
  places.forEach((place, i) => {
    const cell = cellAt(place.activity, place.column);
    if (cell) cell.innerHTML = before[i];
  });
  mark(places, "failed");
  setTimeout(() => mark(places, null, "failed"), 6000);
  if (status === 0 || status >= 500) {
    const row = document.getElementById(`a${places[0].activity}`);
    const what = places.length > 1 ? `${places.length} cells` : `${roleName(places[0].column)} in ${activityName(row)}`;
    say(`Not saved: ${what}. ${status === 0 ? "There is no connection." : "The server is busy."}`, [["Try again", again]], {
      alert: true,
      stays: true,
    });
  }
}

function mark(places, state, only) {
  for (const { activity, column } of places) {
    const cell = cellAt(activity, column);
    if (!cell || (only && cell.dataset.state !== only)) continue;
    if (state) cell.dataset.state = state;
    else delete cell.dataset.state;
    cell.toggleAttribute("aria-busy", state === "saving");
  }
}

function showSaving() {
  const words = document.querySelector("#save-state small");
  if (words) words.textContent = unsaved ? "Saving" : "Saved";
}

// The filter stays as it is while rows are edited: what was shown does not jump away.
function filterValues() {
  const form = document.getElementById("filterbar");
  if (!form || form.hidden) return {};
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
}

window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
