// The browser's own time zone, offered below a list of zones that says another: data-zone-for names the list.

const offer = document.querySelector("[data-zone-for]");
const list = document.getElementById(offer?.dataset.zoneFor);
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;

function show() {
  offer.hidden = list.value === own || ![...list.options].some((option) => option.value === own);
}

if (list) {
  offer.querySelector("b").textContent = own.replaceAll("_", " ");
  offer.querySelector("button").addEventListener("click", () => {
    list.value = own;
    list.focus();
    show();
  });
  list.addEventListener("change", show);
  show();
}
