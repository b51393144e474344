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

// The same by what it is and not by where it stands: columns and rows may be moved by others.
export const placeOf = (cell) => ({ activity: activityOf(cell.parentElement), role: roleOf(columnOf(cell)) });

export const columnOfRole = (role) => headers().findIndex((header) => header.dataset.role === role);

// The cell of each place, undefined where it is not shown.
export function cellsFor(places) {
  const columns = new Map(headers().map((header, column) => [header.dataset.role, column]));
  const rows = new Map();
  return places.map(({ activity, role }) => {
    const row = document.getElementById(`a${activity}`);
    if (row && !rows.has(row)) rows.set(row, cellsOf(row));
    return rows.get(row)?.[columns.get(role)];
  });
}

export const cellFor = (place) => cellsFor([place])[0];

// What a cell shows: its letter in the reader's notation, "" where the role is not involved.
export const letterOf = (cell) => cell.querySelector("b")?.textContent ?? "";
