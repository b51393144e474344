// Copy and paste of a block of cells: letters with tabs between, to and from a spreadsheet.

import { activityRows, cellsOf, letterOf, roleOf } from "./cells.js";
import { block, canEdit, setBlock } from "./grid.js";
import { valueOfKey } from "./picker.js";
import { say } from "./toast.js";

const grid = document.getElementById("grid");

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
  setBlock(rows, columns, text, (row) => columns.map((_, i) => valueOf((single ? lines[0][0] : lines[row][i]) ?? "")));
});

// What a cell will show, null for a word only the server reads.
function valueOf(text) {
  const letter = text.trim().toUpperCase().replace("A/R", "A");
  return letter ? (valueOfKey(letter) ?? null) : "";
}
