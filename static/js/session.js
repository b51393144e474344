// A page that follows a session: where it is comes by a stream and, where there is none, by asking every few seconds.
// What the server printed says which step the page shows; the page only ever goes forward.

const POLL = 3000; // ms
const SILENT = 25000; // without a sign for so long, the stream is dead
const TRIAL = 60000; // ms after which a page that asks tries a stream again
const PATIENCE = 8000; // ms for an answer
const LOST = 4000; // ms that the server is away before anybody is told
const OVER = {
  access: "Your access changed. Reload the page.",
  gone: "This session is not here any more, or you may no longer see it.",
  "signed-out": "You are signed out. Sign in again to go on.",
};

const main = document.getElementById("main");
const notice = document.getElementById("connection");
const page = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const shown = () => document.getElementById("session").dataset;

let source = null;
let isAsking = false;
let isBehind = false;
let isOver = false;
let heardAt = Date.now();
let pollsSince = 0; // 0 while there is a stream
let lostAt = 0;
let hasCome = false;

// ---- Where it is --------------------------------------------------------------------------------------------------

// Fetches what is new.
async function ask() {
  isBehind = true;
  if (isAsking) return;
  isAsking = true;
  while (isBehind && !isOver) {
    isBehind = false;
    await fetchNow();
  }
  isAsking = false;
}

async function fetchNow() {
  const { now, step, revision, came } = shown();
  try {
    const options = { headers: { "HX-Request": "true" }, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
    const answer = await fetch(`${now}?after=${step}&revision=${revision}&came=${came}`, options);
    const text = await answer.text();
    if (answer.status === 401) end("signed-out");
    else if ([403, 404].includes(answer.status)) end("gone");
    else if (answer.status < 400) found();
    const isNewer = Number(answer.headers.get("X-Step")) >= Number(shown().step);
    if (answer.status === 200 && isNewer) await htmx.swap({ text, sourceElement: main, target: main, swap: "none" });
  } catch {
    lose();
  }
}

const isNews = (told) => ["step", "revision", "came"].some((name) => told[name] > Number(shown()[name]));

// ---- The stream ---------------------------------------------------------------------------------------------------

function open() {
  if (isOver || source || document.hidden) return;
  heardAt = Date.now();
  const { stream, review, step, revision, came } = shown();
  source = new EventSource(`${stream}?after=${revision}&review=${review}&step=${step}&came=${came}&page=${page}`);
  const opened = source;
  source.addEventListener("open", () => hear());
  source.addEventListener("beat", () => hear());
  source.addEventListener("review", (event) => {
    hear();
    if (isNews(JSON.parse(event.data))) ask();
  });
  source.addEventListener("over", (event) => end(JSON.parse(event.data).why));
  source.addEventListener("error", () => {
    if (opened !== source) return;
    if (source.readyState !== EventSource.CLOSED) return lose(); // it tries again by itself
    close();
    pollsSince ||= Date.now(); // no stream here, or one too many
    ask();
  });
}

function close() {
  source?.close();
  source = null;
}

function hear() {
  heardAt = Date.now();
  pollsSince = 0;
  main.dataset.link = "stream";
  found();
}

// Whoever was asked to the session and follows it is here.
function come() {
  if (hasCome || !shown().live) return;
  hasCome = true;
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  return fetch(shown().here, { method: "POST", headers }).catch(() => {
    hasCome = false;
  });
}

// ---- The connection -----------------------------------------------------------------------------------------------

function lose() {
  lostAt ||= Date.now();
}

function found() {
  lostAt = 0;
  if (!isOver) tell("");
}

function end(why) {
  isOver = true;
  close();
  tell(OVER[why] ?? OVER.gone);
}

function tell(text) {
  notice.hidden = !text;
  const words = notice.querySelector("p");
  if (words.textContent !== text) words.textContent = text;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return close();
  ask();
  open();
});
window.addEventListener("online", () => ask());
window.addEventListener("pageshow", (event) => event.persisted && ask());

// ---- The clock ----------------------------------------------------------------------------------------------------

let printed = "";
let printedAt = Date.now();
let asked = Date.now();

function tick() {
  const { on, seconds, step, runs } = shown();
  if (printed !== `${on} ${seconds} ${step}`) {
    printed = `${on} ${seconds} ${step}`;
    printedAt = Date.now();
  }
  const passed = runs ? (Date.now() - printedAt) / 1000 : 0;
  const minutes = Math.floor((Number(seconds) + passed) / 60);
  const text = minutes ? `${minutes} minute${minutes === 1 ? "" : "s"} so far` : "just begun";
  const clock = main.querySelector("[data-clock]");
  if (clock && clock.textContent !== text) clock.textContent = text;
}

setInterval(() => {
  tick();
  const now = Date.now();
  if (isOver || document.hidden) return;
  if (source && now - heardAt > SILENT) {
    close();
    open();
    ask();
  }
  if (!source && now - asked >= POLL) {
    asked = now;
    main.dataset.link = "poll";
    ask();
  }
  if (pollsSince && now - pollsSince > TRIAL) {
    pollsSince = now;
    open();
  }
  if (lostAt && now - lostAt > LOST) tell("Connection lost. Trying again.");
}, 1000);

// ---- What was on the screen ---------------------------------------------------------------------------------------

let on = shown().on;
let focused = "";

document.addEventListener("htmx:before:request", () => {
  focused = document.activeElement?.id ?? "";
});

// The agenda beside it shows the line that is on the screen.
function showLine() {
  const line = main.querySelector(".rail [aria-current]");
  const part = line?.closest(".rail-part");
  if (!part || part.scrollHeight <= part.clientHeight) return;
  const { top, bottom } = line.getBoundingClientRect();
  const seen = part.getBoundingClientRect();
  if (top < seen.top || bottom > seen.bottom) part.scrollTop += top - seen.top - part.clientHeight / 3;
}

document.addEventListener("htmx:after:swap", () => {
  tick();
  showLine();
  come();
  if (document.activeElement === document.body && focused) document.getElementById(focused)?.focus();
  if (on === shown().on) return;
  on = shown().on;
  window.scrollTo(0, 0); // another activity is read from its beginning
  document.dispatchEvent(new CustomEvent("remit:shown"));
});

tick();
showLine();
Promise.resolve(come()).then(open);
