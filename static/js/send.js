// Sending edits: one after another, each with a key of its own, so that a retry is applied once. A cell shows at once
// what was chosen; the server's row confirms it, or the old level comes back. Without a connection edits wait, in order.

import { activityName, cellsFor, columnOfRole, placeOf, roleName, seenOf, table } from "./cells.js";
import { paintFrom } from "./picker.js";
import { dismiss, questions, say } from "./toast.js";

const AGAIN = 3000; // ms between two attempts while there is no connection
const PATIENCE = 15000; // ms for an answer; the repeat has the same key
const SLOW = 8000; // ms without an answer after which that is said
const FRESH = 1000; // ms since an edit was sent, in which it may well be answered
const MOST_OWN = 50;

const grid = document.getElementById("grid");
const queue = [];
const made = []; // the revisions this page made, each with the activities it touched, null for all
let underWay = null; // the first of the queue, while it is being sent
const base = new Map(); // "activity-role" -> what the server said last of a cell that shows something else
let isHeld = false; // there is no connection: all of the queue waits
let isUrgent = false;
let isSlow = false; // the answer to the first of the queue takes long
let timer;

export const newKey = (bytes = 16) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// ---- What can be sent ---------------------------------------------------------------------------------------------

// Sets `cells` by posting `values` to `url`. `letters` is painted at once, null where only the server can say.
export function sendCells(url, cells, letters, values) {
  const edit = { url, values, letters, places: cells.map(placeOf) };
  for (const place of edit.places) answered(place);
  dismiss(); // its Undo would take back what is sent now
  enqueue(edit);
  lay(edit);
}

// Any other change of the grid: undo, redo.
export function sendPlain(url) {
  dismiss();
  enqueue({ url, values: { key: newKey() }, letters: [], places: [] });
}

// Rows again, after an edit elsewhere on the page.
export function refetch(activities) {
  enqueue({ rows: `${table().dataset.rows}?activities=${activities.join(",")}`, letters: [], places: [] });
}

// An edit is measured against what the page showed when the key was pressed, whatever arrives before it is sent.
export function cellValues(cell, letter) {
  const { activity, role } = placeOf(cell);
  return { activity, role, level: letter, seen: seenOf(cell.parentElement), key: newKey() };
}

export function blockValues(rows, roles, text) {
  return {
    activities: rows.map((row) => row.id.slice(1)).join(","),
    roles: roles.join(","),
    seen: rows.map(seenOf).join(","),
    text,
    key: newKey(),
  };
}

// ---- The queue ----------------------------------------------------------------------------------------------------

function enqueue(edit) {
  edit.state = isHeld ? "waiting" : "saving";
  queue.push(edit);
  tell();
  if (!isHeld) setTimeout(pump); // after the caller has painted
}

async function pump() {
  while (queue.length && !underWay) {
    underWay = queue[0];
    const slow = setTimeout(saySlow, SLOW);
    const status = await post(underWay);
    clearTimeout(slow);
    isSlow = false;
    const edit = underWay;
    underWay = null;
    if (isGone(status)) {
      if (edit.rows) queue.shift();
      hold();
      return;
    }
    queue.shift();
    release();
    settle(edit, status);
    tell();
  }
}

function saySlow() {
  isSlow = true;
  tell();
}

// No answer, or one of somebody on the way who has none: nothing is known of the edit, so it is sent again.
const isGone = (status) => status === 0 || (status >= 502 && status <= 504);

function hold() {
  isHeld = queue.length > 0;
  for (const edit of queue) {
    edit.state = "waiting";
    mark(edit.places, edit.state);
  }
  tell();
  clearTimeout(timer);
  timer = setTimeout(pump, isUrgent ? 50 : AGAIN);
  isUrgent = false;
}

function release() {
  if (!isHeld) return;
  isHeld = false;
  for (const edit of queue) {
    edit.state = "saving";
    mark(edit.places, edit.state);
  }
}

// There is a connection again: what was sent into the old one will not be answered.
function hurry() {
  isUrgent = underWay !== null && Date.now() - underWay.sentAt > FRESH;
  if (isUrgent) htmx.trigger(grid, "htmx:abort");
  else pump();
}

window.addEventListener("online", hurry);
document.addEventListener("remit:link", (event) => {
  if (event.detail.isBack) hurry();
});

async function post(edit) {
  let status = 0;
  edit.sentAt = Date.now();
  const note = (event) => {
    status = event.detail.ctx.response?.status ?? 0;
  };
  const from = { source: grid, target: grid, swap: "none", timeout: PATIENCE };
  grid.addEventListener("htmx:after:request", note);
  try {
    if (edit.rows) await htmx.ajax("GET", edit.rows, from);
    else await htmx.ajax("POST", edit.url, { ...from, values: { ...edit.values, ...own(edit), ...filterValues() } });
  } finally {
    grid.removeEventListener("htmx:after:request", note);
  }
  return status;
}

// What this page itself made of the same rows is no surprise to it.
function own(edit) {
  const touches = (activities) => !activities || edit.places.some((place) => activities.has(place.activity));
  const revisions = made.filter(({ activities }) => touches(activities)).map(({ revision }) => revision);
  return edit.places.length && revisions.length ? { own: revisions.slice(-MOST_OWN).join(",") } : {};
}

// The filter stays as it is while rows are edited: what was shown does not jump away.
function filterValues() {
  const form = document.getElementById("filterbar");
  if (!form || form.hidden) return {};
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
}

// ---- The answer ---------------------------------------------------------------------------------------------------

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (ctx.sourceElement !== grid || !underWay) return;
  if (isGone(ctx.response.status)) {
    event.preventDefault(); // the notice says that it waits
    return;
  }
  underWay.isAnswered = true;
  const revision = Number(ctx.response.headers.get("X-Revision"));
  const rows = tasks.flatMap(({ target }) => (target?.matches("tr.activity") ? [target.id.slice(1)] : []));
  if (revision) made.push({ revision, activities: tasks.some(({ target }) => target === grid) ? null : new Set(rows) });
});

function settle(edit, status) {
  const question = questions().find((toast) => !toast.places);
  uncover(edit.places);
  if (status >= 200 && status < 300) {
    mark(edit.places, "saved");
    setTimeout(() => mark(edit.places, null, "saved"), 2000);
  } else if (status === 409 && question) {
    question.places = edit.places; // the rows are already as the server has them
    mark(edit.places, "conflict");
  } else {
    mark(edit.places, "failed");
    setTimeout(() => mark(edit.places, null, "failed"), 6000);
  }
  layAgain(new Set(edit.places.map((place) => place.activity)));
  if (status >= 500) sayFailed(edit);
}

function sayFailed({ url, letters, values, places }) {
  const what = places.length > 1 ? `${places.length} cells` : places.length && nameOf(places[0]);
  const again = () => {
    const cells = cellsFor(places).filter(Boolean);
    if (!places.length) sendPlain(url);
    else if (cells.length) sendCells(url, cells, letters, { ...values, key: newKey() });
  };
  say(`${what ? `Not saved: ${what}.` : "Not done."} Something went wrong here.`, [["Try again", again]], {
    alert: true,
    stays: true,
  });
}

function nameOf({ activity, role }) {
  const row = document.getElementById(`a${activity}`);
  return row ? `${roleName(columnOfRole(role))} in ${activityName(row)}` : "a cell";
}

// ---- Questions: the cell of a conflict stays marked until it is decided ---------------------------------------------

// Whoever sets the cell anew has answered.
function answered({ activity, role }) {
  for (const question of questions()) {
    if (question.dataset.activity === activity && question.dataset.role === role) question.remove();
  }
}

new MutationObserver((records) => {
  for (const { removedNodes } of records) {
    for (const { places } of removedNodes) if (places) mark(places, null, "conflict");
  }
}).observe(document.getElementById("toasts"), { childList: true });

// ---- What cells show ----------------------------------------------------------------------------------------------

const keyOf = ({ activity, role }) => `${activity}-${role}`;

// Shows an edit that has no answer yet on top of what the server said last, in these rows or in all.
function lay(edit, activities) {
  cellsFor(edit.places).forEach((cell, i) => {
    const place = edit.places[i];
    if (!cell || (activities && !activities.has(place.activity))) return;
    if (!base.has(keyOf(place))) base.set(keyOf(place), cell.innerHTML);
    if (edit.letters[i] !== null) paintFrom(edit.letters[i])(cell);
  });
  mark(edit.places, edit.state);
}

function uncover(places) {
  cellsFor(places).forEach((cell, i) => {
    const key = keyOf(places[i]);
    if (cell && base.has(key)) cell.innerHTML = base.get(key);
    base.delete(key);
  });
}

function layAgain(activities) {
  for (const edit of queue) if (!edit.isAnswered) lay(edit, activities);
}

// These rows (null: all) are as the server has them now; what waits is shown on top of that.
export function repainted(activities) {
  for (const key of base.keys()) if (!activities || activities.has(key.split("-")[0])) base.delete(key);
  layAgain(activities);
  for (const { places } of questions()) if (places) mark(places, "conflict");
}

// Whether an edit of this page is on its way: rows that change now may be its doing.
export const isSending = () => underWay !== null;

function mark(places, state, only) {
  for (const cell of cellsFor(places)) {
    if (!cell || (only && cell.dataset.state !== only)) continue;
    if (state) cell.dataset.state = state;
    else delete cell.dataset.state;
    cell.toggleAttribute("aria-busy", state === "saving");
  }
}

function tell() {
  const state = document.getElementById("save-state");
  if (state) {
    state.querySelector("small").textContent = isHeld ? "Waiting" : queue.length ? "Saving" : "Saved";
    state.querySelector("use").setAttribute("href", isHeld ? "#i-clock" : "#i-ok");
  }
  const waiting = isHeld ? queue.filter((edit) => !edit.rows).length : 0;
  document.dispatchEvent(new CustomEvent("remit:queue", { detail: { waiting, isSlow } }));
}

window.addEventListener("beforeunload", (event) => {
  if (queue.length) event.preventDefault();
});
