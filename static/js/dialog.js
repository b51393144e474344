// The one dialog of a page: whatever htmx puts into it is shown, and closed by its buttons, Esc or a press beside it.

const dialog = document.getElementById("dialog");
let opener = null;

document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement, target } = event.detail.ctx;
  if (!dialog || target !== dialog || !dialog.querySelector("form")) return;
  if (dialog.open) {
    dialog.querySelector('[aria-invalid="true"]')?.focus(); // refused: to the first field that is wrong
    return;
  }
  opener = sourceElement;
  dialog.showModal();
  dialog.querySelector("input:not([type='hidden']), select, textarea")?.focus();
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});

dialog?.addEventListener("close", () => {
  dialog.replaceChildren();
  if (opener?.isConnected) opener.focus();
});
