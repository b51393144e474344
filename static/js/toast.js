// Toasts: six seconds, longer while hovered or focused, one at a time. Those that ask something stay.

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
  region.replaceChildren(toast);
}

export const dismiss = () => region.replaceChildren();

function start() {
  clearTimeout(timer);
  const toast = region.querySelector("[data-toast]");
  if (!toast || toast.hasAttribute("data-stays")) return;
  timer = setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) start();
    else toast.remove();
  }, LIFE);
}

if (region) {
  new MutationObserver(start).observe(region, { childList: true });
  region.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast]").remove();
  });
  start();
}
