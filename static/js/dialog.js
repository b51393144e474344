// The one dialog of a page: whatever htmx puts into it is shown, and closed by its buttons, Esc or a press beside it.

const dialog = document.getElementById("dialog");
let opener = null;

document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement } = event.detail.ctx;
  if (!dialog?.isConnected || dialog.open || !dialog.querySelector("form")) return;
  if (sourceElement?.getAttribute("hx-target") !== "#dialog") return;
  opener = sourceElement;
  dialog.showModal();
});

// A refused form: to the first field that is wrong.
document.addEventListener("htmx:after:swap", () => {
  if (dialog?.open) dialog.querySelector('[aria-invalid="true"]')?.focus();
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});

dialog?.addEventListener("close", () => {
  dialog.replaceChildren();
  if (opener?.isConnected) opener.focus();
});
