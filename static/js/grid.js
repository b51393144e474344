// The grid by keyboard, mouse and touch: one focused cell, a block around it, levels by letter.

import { activityOf, activityRows, cellAt, cellsOf, columnOf, letterOf, roleOf, table } from "./cells.js";
import { isOpen, open, paintFrom, valueOfKey } from "./picker.js";
import { blockValues, cellValues, refetch, sendCells, sendPlain } from "./send.js";
import { dismiss, say } from "./toast.js";

const grid = document.getElementById("grid");
let place = { activity: null, column: 0 }; // the focused cell, by what it is and not by its element
let anchor = null; // the other corner of a block, an element
let current = null; // the element that can be reached by Tab
let selected = []; // the elements of the block

const canEdit = () => Boolean(table()?.dataset.levels);
const focused = () => (place.activity === null ? null : cellAt(place.activity, place.column));

// ---- Focus and block ------------------------------------------------------------------------------------------

function settle(cell, { focus = true } = {}) {
  if (current && current !== cell) {
    current.removeAttribute("tabindex"); // never of the cell itself: it would lose the focus
    current.classList.remove("is-focused");
  }
  current = cell;
  if (!cell) return;
  place = { activity: activityOf(cell.parentElement), column: columnOf(cell) };
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

function block() {
  const cell = focused();
  if (!cell) return { rows: [], columns: [] };
  const from = anchor?.isConnected ? anchor : cell;
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
  if (extend) anchor ??= focused();
  else anchor = null;
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
  if (!canEdit()) return;
  sendCells(table().dataset.levels, [cell], cellValues(cell, value), paintFrom(value));
}

function set(value) {
  if (!canEdit()) return;
  const { rows, columns } = block();
  if (rows.length * columns.length < 2) {
    choose(focused(), value);
    return;
  }
  const cells = rows.flatMap((row) => columns.map((column) => cellsOf(row)[column]));
  sendCells(table().dataset.block, cells, blockValues(rows, columns, keyOf(value)), null);
}

const keyOf = (value) => document.querySelector(`.picker-option[value="${value}"]`)?.dataset.key ?? "";

// ---- Clipboard ---------------------------------------------------------------------------------------------------

const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

const inGrid = () => grid.contains(document.activeElement) && document.activeElement.matches(".cell");

document.addEventListener("copy", (event) => {
  if (!inGrid()) return;
  const { rows, columns } = block();
  const text = rows.map((row) => columns.map((column) => letterOf(cellsOf(row)[column])).join("\t")).join("\n");
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
  say(`Copied ${counted(rows.length * columns.length, "cell")}.`);
});

document.addEventListener("paste", (event) => {
  if (!inGrid() || !canEdit()) return;
  event.preventDefault();
  const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  const lines = text.split("\n").map((line) => line.split("\t"));
  const width = Math.max(...lines.map((line) => line.length));
  const selected = block();
  const single = lines.length === 1 && width === 1;
  const all = activityRows();
  const top = all.indexOf(selected.rows[0]);
  const rows = single ? selected.rows : all.slice(top, top + lines.length);
  const columns = single ? selected.columns : Array.from({ length: width }, (_, i) => selected.columns[0] + i);
  if (!single && (rows.length < lines.length || !roleOf(columns.at(-1)))) {
    say(
      `Nothing was pasted: ${counted(lines.length, "row")} and ${counted(width, "column")} do not fit below and right of here.`,
      [],
      { alert: true },
    );
    return;
  }
  const cells = rows.flatMap((row) => columns.map((column) => cellsOf(row)[column]));
  sendCells(table().dataset.block, cells, blockValues(rows, columns, text), null);
});

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
    goTo(cellsOf(row)[place.column] ?? cellsOf(row)[0], false);
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
  if (!event.target.closest("[data-use-mine]")) return;
  const { activity, role, level } = event.target.closest("[data-toast]").dataset;
  dismiss();
  const column = [...table().querySelectorAll("thead [data-role]")].findIndex((header) => header.dataset.role === role);
  const cell = cellAt(activity, column);
  if (cell) choose(cell, level);
});

document.addEventListener("click", (event) => {
  const shown = event.target.closest("[data-show]");
  if (shown) document.getElementById(shown.dataset.show).showModal();
  if (event.target.closest("[data-print]")) window.print();
});

// ---- After a swap ------------------------------------------------------------------------------------------------

const firstCell = () => grid.querySelector("td.cell");

function restore() {
  if (!table()) return;
  const lost = document.activeElement === document.body || document.activeElement === grid;
  const cell = focused() ?? firstCell();
  anchor = anchor?.isConnected ? anchor : null;
  if (cell) settle(cell, { focus: lost && place.activity !== null && !isOpen() });
  showBlock();
}

document.addEventListener("htmx:after:swap", restore);

// Previous and next in the panel move the row; the panel follows it, the focus stays where it is.
document.addEventListener("click", (event) => {
  const row = event.target.closest("#panel [data-row]")?.dataset.row;
  const cell = row && cellAt(row, place.column);
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
