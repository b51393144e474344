// The filter bar: "/" opens it, Esc clears and closes it, the address stays short.

const bar = document.getElementById("filterbar");
const toggle = document.querySelector('[data-toggle="filterbar"]');

function show(open) {
  bar.hidden = !open;
  toggle.setAttribute("aria-expanded", String(open));
  if (open) bar.querySelector("[data-find]").focus();
}

const isEmpty = () => ![...new FormData(bar)].some(([, value]) => value);

function clear() {
  for (const field of bar.querySelectorAll("input, select")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
  bar.dispatchEvent(new Event("submit", { cancelable: true }));
}

function leave() {
  if (!isEmpty()) clear();
  show(false);
  document.querySelector('#grid .cell[tabindex="0"]')?.focus();
}

toggle?.addEventListener("click", () => (bar.hidden ? show(true) : leave()));

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.matches("input, textarea, select") && !event.target.closest("dialog")) {
    event.preventDefault();
    show(true);
    bar.querySelector("[data-find]").select();
  } else if (event.key === "Escape" && bar.contains(event.target)) {
    event.preventDefault();
    leave();
  } else if (event.key === "Escape" && event.target.matches(".cell") && !isEmpty() && !event.defaultPrevented) {
    leave();
  }
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-clear]")) return;
  event.preventDefault();
  clear();
  bar.querySelector("[data-find]").focus();
});

// Parts that ask nothing are left out of the address.
bar?.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  for (const [name, value] of [...request.body]) if (!value) request.body.delete(name);
});
