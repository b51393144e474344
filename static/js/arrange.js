// Arrange: dragging by the handle, and the focus that stays on the pressed arrow. Both send the form of the arrows.

const region = () => document.getElementById("arrange");
let pressed = null; // the id of the control that gets the focus back

// Each arrow has an address of its own; htmx asks only the form for one.
document.addEventListener("htmx:config:request", (event) => {
  const { sourceElement, request } = event.detail.ctx;
  if (sourceElement.id !== "moves" || !request.submitter) return;
  request.action = request.submitter.formAction;
  pressed = request.submitter.id || nextTo(request.submitter);
});

// What is pressed may go with its item: then the neighbour gets the focus.
function nextTo(button) {
  const item = button.closest(".arrange-item");
  const near = item?.nextElementSibling ?? item?.previousElementSibling;
  return near ? `${near.id}-up` : null;
}

// A name that is saved or left alone: back to its pencil.
for (const leaving of ["click", "submit"]) {
  document.addEventListener(leaving, ({ type, target }) => {
    const form = target.closest("#arrange form");
    const cancel = type === "submit" ? form?.querySelector("[data-cancel]") : target.closest("[data-cancel]");
    if (cancel) pressed = cancel.dataset.cancel;
  });
}

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id !== "arrange") return;
  const field = document.getElementById("rename");
  if (field) {
    field.focus();
    if (!field.hasAttribute("aria-invalid")) field.select();
  } else if (pressed) {
    document.getElementById(pressed)?.focus();
  }
  pressed = null;
  start();
});

// Sortable keeps to the lists it was given; an answer may have brought new ones.
function start() {
  for (const list of region().querySelectorAll("[data-sort]")) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      group: list.dataset.sort,
      handle: ".arrange-handle",
      draggable: ".arrange-item",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      onEnd: dropped,
    });
  }
}

function dropped({ item, from, to, oldIndex, newIndex }) {
  if (from === to && oldIndex === newIndex) return;
  const before = item.nextElementSibling?.id.slice(1) ?? "";
  const button = document.createElement("button");
  button.hidden = true;
  button.name = "to";
  button.value = to.dataset.sort === "activity" ? `${to.dataset.stage}:${before}` : before;
  button.setAttribute("form", "moves");
  button.setAttribute("formaction", item.dataset.move);
  button.id = `${item.id}-dragged`;
  document.body.append(button);
  document.getElementById("moves").requestSubmit(button);
  button.remove();
}

start();
