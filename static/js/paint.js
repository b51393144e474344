// What arrives for the grid, be it news or the answer to an edit: nothing newer is overwritten by it, rows that are not
// shown are left alone, and what somebody else changed is marked for a moment.

import { activityOf, cellsOf, headers, seenOf } from "./cells.js";
import { refresh as refreshPicker } from "./picker.js";
import { isSending, repainted } from "./send.js";

const SHOWN = 2000; // ms

const grid = document.getElementById("grid");
const live = document.getElementById("live");
const totals = new Set(["loads", "counts", "differing", "published", "revision"]);
const arriving = new WeakMap(); // what is being swapped -> the rows in it, null for all, and the cells others changed
let newest = Number(document.getElementById("revision").textContent);
let needed = 0; // the table is needed at this revision or later: until then no row is sure to fit under its roles

// The revision that the page shows, apart from rows of older ones that are on their way.
export const shownRevision = () => newest;

export const neededTable = () => needed;

export function needTable(revision) {
  needed = Math.max(needed, revision);
}

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const isNews = ctx.sourceElement === live;
  const said = tasks.find(({ target }) => target?.id === "revision");
  const revision = said ? Number(said.fragment.textContent) : newest;
  const isWhole = Boolean(said) && tasks.some(({ target }) => target === grid);
  const before = needed;
  if (!isWhole) tasks.filter(isMisfit).forEach(({ fragment }) => needTable(Number(rowIn(fragment).dataset.seen)));
  else if (revision < newest && !isNews) needTable(newest); // what a filter shows can be older
  else if (revision >= needed) needed = 0;
  const kept = tasks.filter((task) => isWhole || fits(task, isNews, revision));
  const rows = kept.filter(({ target }) => target?.matches("tr.activity"));
  const changed = isNews && !isSending() ? rows.flatMap(changedCells) : [];
  const activities = isWhole ? null : new Set(rows.map(({ target }) => activityOf(target)));
  arriving.set(ctx, { activities, changed, isNews });
  newest = isWhole ? revision : Math.max(revision, newest);
  tasks.splice(0, tasks.length, ...kept);
  if (needed > before) document.dispatchEvent(new CustomEvent("remit:behind"));
});

const rowIn = (fragment) => fragment.querySelector("tr.activity[data-seen]");

// A row of a table with other roles.
function isMisfit({ target, fragment }) {
  const row = target && rowIn(fragment);
  return Boolean(row) && cellsOf(row).length !== headers().length;
}

function fits(task, isNews, revision) {
  if (rowIn(task.fragment)) return !needed && !isOldRow(task, isNews);
  return !totals.has(task.target?.id) || (!needed && revision >= newest);
}

// A row that the page has at a later revision, or that a filter hides. News of the revision it has are its own echo.
function isOldRow({ target, fragment }, isNews) {
  if (!target) return true;
  const later = Number(rowIn(fragment).dataset.seen) - Number(seenOf(target));
  return isNews ? later <= 0 : later < 0;
}

const levelOf = (cell) => cell.querySelector(".level").dataset.level;

function changedCells({ target, fragment }) {
  const after = cellsOf(fragment.querySelector("tr.activity"));
  return cellsOf(target).filter((cell, i) => after[i] && levelOf(cell) !== levelOf(after[i]));
}

document.addEventListener("htmx:after:swap", (event) => {
  const { activities, changed, isNews } = arriving.get(event.detail.ctx) ?? {};
  if (activities === undefined || activities?.size === 0) return;
  repainted(activities);
  refreshPicker();
  changed.forEach(show);
  if (isNews) grid.dispatchEvent(new CustomEvent("remit:news", { bubbles: true, detail: { activities } }));
});

function show(cell) {
  cell.dataset.changed = "";
  setTimeout(() => delete cell.dataset.changed, SHOWN);
}
