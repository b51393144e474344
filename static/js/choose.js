// Ticks every box of a list, or none: a button says which with data-choose, and in what with data-in (an id).

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (!button) return;
  const list = document.getElementById(button.dataset.in);
  for (const box of list.querySelectorAll('input[type="checkbox"]')) {
    box.checked = button.dataset.choose === "all";
  }
  list.dispatchEvent(new Event("change", { bubbles: true }));
});
