// The keys of a session: each presses the control that shows it. A control that is not there has no key.

const GRACE = 400; // ms after another activity came to the screen: a key pressed before was not meant for it

const LITTLE = 12; // px that nobody misses

const dialog = document.getElementById("dialog");
let shownAt = 0;

document.addEventListener("remit:shown", () => {
  shownAt = Date.now();
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.repeat || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && dialog?.open) {
    event.preventDefault();
    return dialog.querySelector("button[type='submit']")?.click(); // from any field, the note's above all
  }
  const isTyping = event.target.closest("input:not([type='radio'], [type='hidden']), textarea, select");
  if (isTyping) return;
  if (document.querySelector("dialog[open]")) return choose(event);
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key !== "z") return;
  const control = document.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
  if (!control) return;
  event.preventDefault();
  if (document.querySelector(".htmx-request")) return; // what was pressed before is not answered yet
  if (Date.now() - shownAt < GRACE && !key.startsWith("arrow")) return;
  control.click();
});

// A digit chooses that role in a dialog that asks for one.
function choose(event) {
  const roles = dialog?.open ? dialog.querySelectorAll("input[type='radio']") : [];
  const role = /^[1-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey ? roles[Number(event.key) - 1] : null;
  if (!role) return;
  event.preventDefault();
  role.checked = true;
  role.focus();
}

// ---- What is further down -----------------------------------------------------------------------------------------

function showMore() {
  const more = document.querySelector("[data-more]");
  const below = document.documentElement.scrollHeight - window.innerHeight - window.scrollY;
  if (more) more.hidden = below < LITTLE;
}

function scrollOn() {
  window.scrollBy({ top: window.innerHeight / 2, behavior: "auto" });
}

for (const name of ["scroll", "resize", "load"]) window.addEventListener(name, showMore, { passive: true });
document.addEventListener("htmx:after:swap", showMore);
showMore();

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-more]")) return scrollOn();
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
});

// What the dialog asked is answered.
document.addEventListener("remit:decided", () => {
  if (dialog?.open) dialog.close();
});
