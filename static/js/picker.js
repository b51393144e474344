// The picker: the list of levels for the focused cell. Arrows choose, Enter or a letter sets, Esc leaves.

import { activityName, cellFor, cellsOf, columnOf, letterOf, placeOf, roleName } from "./cells.js";

const picker = document.getElementById("picker");
const options = [...(picker?.querySelectorAll(".picker-option") ?? [])];
let chosen = () => {};
let home = null; // the cell it was opened on
let place = null; // the same by what it is

export const isOpen = () => Boolean(picker?.matches(":popover-open"));

export function open(cell, choose) {
  if (!picker) return;
  home = cell;
  place = placeOf(cell);
  chosen = choose;
  describe(cell);
  picker.showPopover();
  (options.find((option) => option.getAttribute("aria-checked") === "true") ?? options[0]).focus();
}

// Somebody may change the cell, or bring another table, while it is open.
export function refresh() {
  if (!isOpen()) return;
  home = cellFor(place) ?? null;
  if (home) describe(home);
  else picker.hidePopover();
}

function describe(cell) {
  const row = cell.parentElement;
  const title = document.createElement("b");
  title.textContent = roleName(columnOf(cell));
  document.getElementById("picker-title").replaceChildren(title, ` · ${activityName(row)}`);
  const now = letterOf(cell).replace("A/R", "A");
  for (const option of options) option.setAttribute("aria-checked", String((option.dataset.key ?? "") === now));
  sayWhoMoves(row, cell);
}

function sayWhoMoves(row, cell) {
  const words = picker.querySelector("[data-former]");
  const former = cellsOf(row).find((other) => other !== cell && other.querySelector('[data-level="lead"]'));
  const support = options[1].querySelector(".name").textContent;
  words.textContent = former ? `${roleName(columnOf(former))} moves to ${support}` : words.dataset.former;
}

function set(option) {
  const cell = home;
  picker.hidePopover();
  chosen(cell, option.value);
}

picker?.addEventListener("click", (event) => {
  const option = event.target.closest(".picker-option");
  if (option) set(option);
});

picker?.addEventListener("keydown", (event) => {
  const at = options.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const typed = options.find((option) => option.dataset.key === event.key.toUpperCase());
  if (step) options[(at + step + options.length) % options.length].focus();
  else if (event.key === "Home") options[0].focus();
  else if (event.key === "End") options.at(-1).focus();
  else if (event.key === "Tab") picker.hidePopover();
  else if (event.key === "Backspace" || event.key === "Delete") set(options.at(-1));
  else if (typed && !event.ctrlKey && !event.metaKey) set(typed);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

picker?.addEventListener("toggle", (event) => {
  if (event.newState === "closed" && home?.isConnected) home.focus({ preventScroll: true });
});

export const paintFrom = (value) => {
  const option = options.find((each) => each.value === value);
  const level = option.querySelector(".level").dataset.level;
  return (cell) => {
    const chip = cell.querySelector(".level");
    chip.dataset.level = level;
    const word = document.createElement("span");
    word.className = value ? "level-word" : "visually-hidden";
    word.textContent = option.querySelector(".name").textContent;
    const letter = document.createElement("b");
    letter.textContent = option.dataset.key ?? "";
    chip.replaceChildren(...(value ? [letter, " ", word] : [word]));
  };
};

export const valueOfKey = (key) => options.find((option) => option.dataset.key === key.toUpperCase())?.value;
