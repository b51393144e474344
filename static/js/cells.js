// Where a cell stands: its row says the activity, its column header says the role.
// Cells carry no ids, so that a large grid stays small.

export const table = () => document.getElementById("table");

export const activityRows = () => [...(table()?.querySelectorAll("tr.activity") ?? [])];

export const cellsOf = (row) => [...row.querySelectorAll("td.cell")];

export const columnOf = (cell) => cellsOf(cell.parentElement).indexOf(cell);

export const activityOf = (row) => row.id.slice(1);

export const headers = () => [...(table()?.querySelectorAll("thead [data-role]") ?? [])];

export const roleOf = (column) => headers()[column]?.dataset.role;

export const roleName = (column) => headers()[column]?.querySelector(".role-name").textContent ?? "";

export const activityName = (row) => row.querySelector(".activity-name").textContent;

// The revision the row shows: its own since it was last answered, else the table's.
export const seenOf = (row) => row.dataset.seen ?? table().dataset.revision;

export const cellAt = (activity, column) => {
  const row = document.getElementById(`a${activity}`);
  return row ? cellsOf(row)[column] : undefined;
};

// What a cell shows: its letter in the reader's notation, "" where the role is not involved.
export const letterOf = (cell) => cell.querySelector("b")?.textContent ?? "";
