// The grid by keyboard, mouse and touch: one focused cell, a block around it, levels by letter.

import { activityRows, cellAt, cellFor, cellsOf, columnOf, columnOfRole, placeOf, roleOf, table } from "./cells.js";
import { isOpen, open, valueOfKey } from "./picker.js";
import { blockValues, cellValues, refetch, sendCells, sendPlain } from "./send.js";
import { dismiss } from "./toast.js";

const grid = document.getElementById("grid");
let place = null; // the focused cell, by what it is and not by its element
let anchor = null; // the other corner of a block, likewise
let current = null; // the element that can be reached by Tab
let selected = []; // the elements of the block

export const canEdit = () => Boolean(table()?.dataset.levels);
const focused = () => place && cellFor(place);
const column = () => Math.max(columnOfRole(place?.role), 0);

// ---- Focus and block ------------------------------------------------------------------------------------------

function settle(cell, { focus = true } = {}) {
  if (current && current !== cell) {
    current.removeAttribute("tabindex"); // never of the cell itself: it would lose the focus
    current.classList.remove("is-focused");
  }
  current = cell;
  if (!cell) return;
  place = placeOf(cell);
  cell.tabIndex = 0;
  cell.classList.add("is-focused");
  if (focus) cell.focus();
  markRow(cell.parentElement);
}

function markRow(row) {
  if (row.getAttribute("aria-current") === "true") return;
  for (const other of grid.querySelectorAll("tr[aria-current]")) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  grid.dispatchEvent(new CustomEvent("remit:row", { bubbles: true, detail: { href: row.querySelector("a").href } }));
}

export function block() {
  const cell = focused();
  if (!cell) return { rows: [], columns: [] };
  const from = (anchor && cellFor(anchor)) || cell;
  const rows = activityRows();
  const span = [rows.indexOf(from.parentElement), rows.indexOf(cell.parentElement)].sort((a, b) => a - b);
  const sides = [columnOf(from), columnOf(cell)].sort((a, b) => a - b);
  const columns = Array.from({ length: sides[1] - sides[0] + 1 }, (_, i) => sides[0] + i);
  return { rows: rows.slice(span[0], span[1] + 1), columns };
}

function showBlock() {
  for (const cell of selected) cell.removeAttribute("aria-selected");
  selected = [];
  const { rows, columns } = block();
  if (rows.length * columns.length < 2) return;
  for (const row of rows) {
    const cells = cellsOf(row);
    for (const column of columns) {
      cells[column].setAttribute("aria-selected", "true");
      selected.push(cells[column]);
    }
  }
}

function goTo(cell, extend) {
  if (!cell) return;
  anchor = extend ? (anchor ?? place) : null;
  settle(cell);
  showBlock();
}

function move(down, right, extend) {
  const rows = activityRows();
  const cell = focused() ?? cellsOf(rows[0])[0];
  const row = Math.min(Math.max(rows.indexOf(cell.parentElement) + down, 0), rows.length - 1);
  const cells = cellsOf(rows[row]);
  const column = Math.min(Math.max(columnOf(cell) + right, 0), cells.length - 1);
  goTo(cells[column], extend);
}

function moveStage(step, extend) {
  const bodies = [...table().tBodies].filter((body) => body.querySelector("tr.activity"));
  const cell = focused();
  const at = bodies.indexOf(cell.closest("tbody"));
  const body = bodies[Math.min(Math.max(at + step, 0), bodies.length - 1)];
  goTo(cellsOf(body.querySelector("tr.activity"))[columnOf(cell)], extend);
}

// ---- Setting levels ---------------------------------------------------------------------------------------------

function choose(cell, value) {
  settle(cell);
  if (canEdit()) sendCells(table().dataset.levels, [cell], [value], cellValues(cell, value));
}

function set(value) {
  if (!canEdit()) return;
  const { rows, columns } = block();
  if (rows.length * columns.length < 2) choose(focused(), value);
  else setBlock(rows, columns, keyOf(value), () => columns.map(() => value));
}

// `lettersOf` says what the cells of a row show until the server has answered. One Lead a row: the first of them stays.
export function setBlock(rows, columns, text, lettersOf) {
  const cells = rows.flatMap((row) => columns.map((column) => cellsOf(row)[column]));
  const letters = rows.flatMap((_, at) => {
    const wanted = lettersOf(at);
    return wanted.map((letter, i) => (letter === "L" && wanted.indexOf("L") < i ? "S" : letter));
  });
  sendCells(table().dataset.block, cells, letters, blockValues(rows, columns.map(roleOf), text));
}

const keyOf = (value) => document.querySelector(`.picker-option[value="${value}"]`)?.dataset.key ?? "";

// ---- Keys --------------------------------------------------------------------------------------------------------

const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

grid.addEventListener("keydown", (event) => {
  if (!event.target.matches(".cell")) return;
  const command = event.ctrlKey || event.metaKey;
  const { key, shiftKey: extend } = event;
  const rows = activityRows();
  if (arrows[key] && !command && !event.altKey) move(...arrows[key], extend);
  else if (key === "Home") goTo(command ? cellsOf(rows[0])[0] : cellsOf(event.target.parentElement)[0], extend);
  else if (key === "End") goTo((command ? cellsOf(rows.at(-1)) : cellsOf(event.target.parentElement)).at(-1), extend);
  else if (key === "PageDown") moveStage(1, extend);
  else if (key === "PageUp") moveStage(-1, extend);
  else if (key === "Escape" && anchor) goTo(focused(), false);
  else if (command || event.altKey) return;
  else if (key === "Enter" || key === "F2") openPicker(event.target);
  else if (key === "Backspace" || key === "Delete") set("");
  else if (key.length === 1 && valueOfKey(key) !== undefined) set(valueOfKey(key));
  else return;
  event.preventDefault();
});

const writes = (target) => target.matches("input, textarea, select, [contenteditable]") || target.closest("dialog");

document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  if (writes(event.target)) return;
  if (command && event.key.toLowerCase() === "z") takeBack(event.shiftKey);
  else if (command && event.key.toLowerCase() === "y") takeBack(true);
  else if (event.key === "?" && !command) document.getElementById("keys").showModal();
  else if (event.key === "F6") nextRegion(event.shiftKey);
  else return;
  event.preventDefault();
});

function takeBack(again) {
  if (canEdit()) sendPlain(again ? table().dataset.redo : table().dataset.undo);
}

function nextRegion(back) {
  const tools = document.querySelector(".toolbar");
  const panel = document.getElementById("panel");
  const stops = [grid, panel, tools];
  const at = stops.findIndex((stop) => stop.contains(document.activeElement));
  const next = stops[(at + (back ? stops.length - 1 : 1)) % stops.length];
  if (next === grid) (focused() ?? firstCell())?.focus();
  else next.querySelector("a[href], button:not([disabled]), select, input, summary")?.focus();
}

// ---- Mouse and touch ---------------------------------------------------------------------------------------------

const openPicker = (cell) => canEdit() && open(cell, choose);

grid.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".cell")) event.preventDefault(); // no text selection
});

grid.addEventListener("click", (event) => {
  const cell = event.target.closest("td.cell");
  const row = event.target.closest("tr.activity");
  if (cell) {
    goTo(cell, event.shiftKey);
    if (!event.shiftKey && !isOpen()) openPicker(cell);
  } else if (row && !event.ctrlKey && !event.metaKey && event.target.closest(".activity-name") && panelIsBeside()) {
    event.preventDefault(); // the panel shows it; without script, or on a phone, the link opens its page
    goTo(cellsOf(row)[column()], false);
  }
});

const panelIsBeside = () => window.matchMedia("(min-width: 60rem)").matches;

document.addEventListener("submit", (event) => {
  const form = event.target;
  const undo = form.matches("[data-undo-form]") || form.querySelector("[data-undo]");
  const redo = form.querySelector("[data-redo]");
  if (!canEdit() || (!undo && !redo)) return;
  event.preventDefault();
  if (form.matches("[data-undo-form]")) dismiss();
  takeBack(Boolean(redo));
});

document.getElementById("toasts").addEventListener("click", (event) => {
  const question = event.target.closest("[data-use-mine]")?.closest("[data-question]");
  if (!question) return;
  question.remove();
  const cell = cellFor(question.dataset);
  if (cell) choose(cell, question.dataset.level);
});

document.addEventListener("click", (event) => {
  const shown = event.target.closest("[data-show]");
  if (shown) document.getElementById(shown.dataset.show).showModal();
  if (event.target.closest("[data-print]")) window.print();
});

// ---- After a swap ------------------------------------------------------------------------------------------------

const firstCell = () => grid.querySelector("td.cell");
let hadFocus = false;
let rowBefore = 0; // where its row stood: if somebody removes it, the focus goes to what stands there then

document.addEventListener("htmx:before:swap", () => {
  hadFocus = grid.contains(document.activeElement);
  rowBefore = Math.max(activityRows().indexOf(focused()?.parentElement), 0);
});

// News never take the focus from where it is; an own edit gives it back to the grid, for example from an Undo that went.
function restore(event) {
  if (!table()) return;
  const isLost = document.activeElement === document.body || document.activeElement === grid;
  const isNews = event.detail.ctx.sourceElement?.id === "live";
  const cell = focused() ?? cellsOf(activityRows()[rowBefore] ?? activityRows().at(-1))[column()];
  if (cell) settle(cell, { focus: isLost && (hadFocus || !isNews) && !isOpen() });
  showBlock();
}

document.addEventListener("htmx:after:swap", restore);

// Previous and next in the panel move the row; the panel follows it, the focus stays where it is.
document.addEventListener("click", (event) => {
  const row = event.target.closest("#panel [data-row]")?.dataset.row;
  const cell = row && cellAt(row, column());
  if (!cell || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  settle(cell, { focus: false });
  cell.scrollIntoView({ block: "nearest" });
});

document.addEventListener("remit:rows", (event) => {
  const shown = (event.detail.activities ?? []).filter((id) => document.getElementById(`a${id}`));
  if (shown.length) refetch(shown);
});

// An address such as #a12 is that row, when the page opens and from the list of checks.
function followHash() {
  const cell = location.hash.match(/^#a\d+$/) && document.querySelector(`${location.hash} td.cell`);
  document.getElementById("menu-checks")?.hidePopover();
  if (cell) goTo(cell, false);
  return Boolean(cell);
}

window.addEventListener("hashchange", followHash);
if (!followHash() && firstCell()) settle(firstCell(), { focus: false });
