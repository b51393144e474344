// A field that only one choice of another field asks for: data-only-for names that field of its form, data-is the choice.

function fit(form) {
  for (const input of form.querySelectorAll("[data-only-for]")) {
    const isAsked = form.elements[input.dataset.onlyFor].value === input.dataset.is;
    input.closest(".field").hidden = !isAsked;
    input.disabled = !isAsked; // what nobody sees is not sent
  }
}

const fitAll = () => document.querySelectorAll("form:has([data-only-for])").forEach(fit);

document.addEventListener("htmx:after:swap", fitAll);
document.addEventListener("change", (event) => event.target.form && fit(event.target.form));
fitAll();
