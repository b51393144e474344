// Says that the connection is gone and how much waits for it, or that there will be no more news and why.

const notice = document.getElementById("connection");
const words = notice.querySelector("p");
const mend = notice.querySelector("a");

const OVER = {
  access: ["Your access changed.", "Reload"],
  gone: ["This matrix is not here any more, or you may no longer see it.", ""],
  "signed-out": ["You are signed out. Sign in again to go on.", "Sign in"],
  archived: ["This matrix was archived. Reload the page to see what you can do.", "Reload"],
  open: ["This matrix was brought back. Reload the page to change it.", "Reload"],
};

let waiting = 0;
let isSlow = false;
let isLost = false;
let over = null;

document.addEventListener("remit:queue", (event) => {
  ({ waiting, isSlow } = event.detail);
  show();
});

document.addEventListener("remit:link", (event) => {
  isLost = event.detail.isLost ?? isLost;
  over = event.detail.over ?? over;
  show();
});

window.addEventListener("offline", show);
window.addEventListener("online", show);

function show() {
  const [text, button] = over ? OVER[over] : [sentence(), ""];
  notice.hidden = !text;
  if (words.textContent !== text) words.textContent = text;
  mend.hidden = !button;
  mend.textContent = button;
}

function sentence() {
  const wait = waiting === 1 ? "1 change waits and is" : `${waiting} changes wait and are`;
  if (!navigator.onLine) return `You are offline.${waiting ? ` ${wait} sent when you are back.` : ""}`;
  if (waiting) return `Connection lost. Trying again. ${wait} sent when it is back.`;
  if (isLost) return "Connection lost. Trying again.";
  return isSlow ? "Still saving. The connection is slow." : "";
}

show();
