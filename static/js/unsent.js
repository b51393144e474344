// A form that could not be sent keeps what was typed and says so, where it stands: in its dialog or as a toast.

import { say } from "./toast.js";

const LOST = "Not sent: there is no connection. What you typed is still here.";
const WRONG = "Not sent: something went wrong here. What you typed is still here; try again.";

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !event.detail.ctx.response) failed(event.detail.ctx, LOST);
});

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if ([500, 502, 504].includes(ctx.response.status)) failed(ctx, WRONG);
});

document.addEventListener("htmx:before:request", (event) => {
  event.detail.ctx.sourceElement.querySelector?.("[data-unsent]")?.remove();
});

function failed({ sourceElement, request }, text) {
  const form = sourceElement.closest("form");
  if (form && request.method === "POST") {
    const place = form.querySelector(".dialog-body") ?? (form.matches(".form") ? form : null);
    if (place) place.append(note(text));
    else say(text.split(". ")[0] + ".", [], { alert: true });
  } else if (sourceElement.matches("a, button")) {
    say(text === LOST ? "There is no connection." : "That did not work. Try again.", [], { alert: true });
  }
}

function note(text) {
  const said = document.createElement("p");
  said.className = "note is-error";
  said.dataset.unsent = "";
  said.setAttribute("role", "alert");
  said.textContent = text;
  return said;
}
