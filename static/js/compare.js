// Compare: undo and redo in place, by their keys and by the button of a toast. The page's own forms for it send what is
// typed meanwhile, and their answer has the focus.

import { dismiss } from "./toast.js";

const writes = (target) => target.matches("input, textarea, select, [contenteditable]") || target.closest("dialog");

function takeBack(again) {
  dismiss();
  document.getElementById(again ? "redo" : "undo").requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || writes(event.target)) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  takeBack(key === "y" || event.shiftKey);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-undo-form]")) return;
  event.preventDefault();
  takeBack(false);
});
