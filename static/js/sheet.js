// A published page: one role in focus, which leaves its own column and, of the others, who leads; and printing.

const focus = document.querySelector(".role-focus");
const rows = [...document.querySelectorAll(".sheet .matrix :is(thead, tbody) tr:not(.group)")];

function show(column) {
  for (const row of rows) {
    [...row.cells].slice(1).forEach((cell, place) => {
      const own = place + 1 === column;
      cell.toggleAttribute("data-own", own);
      cell.toggleAttribute("data-aside", column > 0 && !own && !cell.querySelector('[data-level="lead"]'));
    });
  }
}

const chosen = () => Number(focus?.querySelector("input:checked")?.value ?? 0);

focus?.addEventListener("change", () => show(chosen()));
window.addEventListener("pageshow", () => show(chosen())); // also when one comes back, where the browser kept the choice

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
