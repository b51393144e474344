// Copying: a button with data-copy takes what stands in the field of that id. Where the browser does not let it, the
// text is selected, ready to be copied by hand.

import { say } from "./toast.js";

document.addEventListener("click", async (event) => {
  const field = document.getElementById(event.target.closest("[data-copy]")?.dataset.copy);
  if (!field) return;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    say("Copied.");
  } catch {
    say("Your browser does not let us copy it. It is selected: copy it yourself.");
  }
});
