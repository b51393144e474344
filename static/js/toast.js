// Toasts: six seconds, longer while hovered or focused, one at a time. A question stays until it is answered, also when
// something else is said meanwhile.

const LIFE = 6000;
const region = document.getElementById("toasts");
let timer;

export function say(text, buttons = [], { alert = false, stays = false } = {}) {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.toast = "";
  if (stays) toast.dataset.stays = "";
  if (alert) toast.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = text;
  const row = document.createElement("div");
  row.className = "row";
  for (const [label, act] of [...buttons, ["Close", null]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button is-small";
    button.textContent = label;
    button.dataset.dismiss = "";
    if (act) button.addEventListener("click", act);
    row.append(button);
  }
  toast.append(words, row);
  dismiss();
  region.append(toast);
}

const isQuestion = (toast) => toast.matches("[data-question]");

export const questions = () => [...region.children].filter(isQuestion);

export function dismiss() {
  for (const toast of [...region.children]) if (!isQuestion(toast)) toast.remove();
}

function start() {
  clearTimeout(timer);
  const toast = region.querySelector("[data-toast]:not([data-stays])");
  if (!toast) return;
  timer = setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) start();
    else toast.remove();
  }, LIFE);
}

// What the server says takes the place of what was said before, not that of a question.
document.addEventListener("htmx:before:swap", (event) => {
  for (const { target, swapSpec } of event.detail.tasks) {
    if (target !== region || !questions().length) continue;
    dismiss();
    swapSpec.style = "beforeend";
  }
});

if (region) {
  new MutationObserver(start).observe(region, { childList: true });
  region.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast]").remove();
  });
  start();
}
