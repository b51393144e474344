// What arrives for the grid, be it news or the answer to an edit: nothing newer is overwritten by it, rows that are not
// shown are left alone, and what somebody else changed is marked for a moment.

import { activityOf, cellsOf, seenOf } from "./cells.js";
import { refresh as refreshPicker } from "./picker.js";
import { isSending, repainted } from "./send.js";

const SHOWN = 2000; // ms

const grid = document.getElementById("grid");
const live = document.getElementById("live");
const totals = new Set(["loads", "counts", "differing", "revision"]);
const arriving = new WeakMap(); // what is being swapped -> the rows in it, null for all, and the cells others changed
let newest = Number(document.getElementById("revision").textContent);

// The revision that the page shows, apart from rows of older ones that are on their way.
export const shownRevision = () => newest;

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const isNews = ctx.sourceElement === live;
  const said = tasks.find(({ target }) => target?.id === "revision");
  const revision = said ? Number(said.fragment.textContent) : newest;
  const isWhole = tasks.some(({ target }) => target === grid);
  const kept = tasks.filter(
    (task) => !isOldRow(task, isNews) && (isWhole || revision >= newest || !totals.has(task.target?.id)),
  );
  const rows = kept.filter(({ target }) => target?.matches("tr.activity"));
  const changed = isNews && !isSending() ? rows.flatMap(changedCells) : [];
  const activities = isWhole ? null : new Set(rows.map(({ target }) => activityOf(target)));
  arriving.set(ctx, { activities, changed, isNews, behind: isWhole && !isNews && revision < newest ? newest : 0 });
  newest = isWhole ? revision : Math.max(revision, newest);
  tasks.splice(0, tasks.length, ...kept);
});

// A row that the page has at a later revision, or that a filter hides. News of the revision it has are its own echo.
function isOldRow({ target, fragment }, isNews) {
  const row = fragment.querySelector("tr.activity[data-seen]");
  if (!row) return false;
  if (!target) return true;
  const later = Number(row.dataset.seen) - Number(seenOf(target));
  return isNews ? later <= 0 : later < 0;
}

const levelOf = (cell) => cell.querySelector(".level").dataset.level;

function changedCells({ target, fragment }) {
  const after = cellsOf(fragment.querySelector("tr.activity"));
  return cellsOf(target).filter((cell, i) => after[i] && levelOf(cell) !== levelOf(after[i]));
}

document.addEventListener("htmx:after:swap", (event) => {
  const { activities, changed, isNews, behind } = arriving.get(event.detail.ctx) ?? {};
  if (activities === undefined || activities?.size === 0) return;
  repainted(activities);
  refreshPicker();
  changed.forEach(show);
  if (behind) document.dispatchEvent(new CustomEvent("remit:behind", { detail: { revision: behind } }));
  if (isNews) grid.dispatchEvent(new CustomEvent("remit:news", { bubbles: true, detail: { activities } }));
});

function show(cell) {
  cell.dataset.changed = "";
  setTimeout(() => delete cell.dataset.changed, SHOWN);
}
