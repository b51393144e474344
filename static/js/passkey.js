// Passkeys: a form with data-passkey asks the device and sends its answer. "new" makes a passkey, "use" signs with one.
// What the device is asked stands in the element that data-options names, or comes from the form's own address.

import { say } from "./toast.js";

const form = document.querySelector("form[data-passkey]");

function isKnown() {
  return typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";
}

async function options() {
  const there = document.getElementById(form.dataset.options);
  if (there) return JSON.parse(there.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

async function credential() {
  const asked = await options();
  if (form.dataset.passkey === "use") {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.request_options.publicKey);
    return navigator.credentials.get({ publicKey });
  }
  const plain = asked.creation_options.publicKey;
  const chosen = { ...plain.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON({ ...plain, authenticatorSelection: chosen });
  return navigator.credentials.create({ publicKey });
}

function why(error) {
  if (error.name === "NotAllowedError" || error.name === "AbortError") return "Nothing was done: your device gave no answer.";
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (error.name === "SecurityError") return "Passkeys work at an address with https, or at localhost.";
  return "That did not work. Reload the page and try again.";
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!isKnown()) {
    say("This browser knows no passkeys. Update it, or use another.");
    return;
  }
  try {
    form.elements.credential.value = JSON.stringify((await credential()).toJSON());
    form.submit();
  } catch (error) {
    say(why(error));
  }
});
