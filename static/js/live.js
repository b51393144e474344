// News of the matrix: a stream of what others change and, where there is none, asking every few seconds.

import { ask, catchUp, hear, hearOfTable, newsCame, reachedRevision } from "./catchup.js";
import { end, find, isOver, lose, refused, tellIfLost, tellPolling } from "./link.js";
import { newKey } from "./send.js";

const POLL = 3000; // ms
const AGAIN = 2000; // ms between two tries to open the first stream
const CONNECT = 8000; // ms for a stream to begin, and again for its first sign: it says at once who is here
const SILENT = 25000; // without a sign for so long, the connection is dead
const TRIAL = 60000; // ms after which a page that asks tries a stream again
const SLEPT = 5000; // a clock that jumps so far was asleep

const live = document.getElementById("live");
export const page = newKey(8);

let connection = null;
let isConnecting = false;
let isPolling = false;
let hasSpoken = false; // the connection said something
let heardAt = Date.now();
let timer;

// ---- The stream ---------------------------------------------------------------------------------------------------

function connect() {
  if (isOver() || connection || isConnecting) return;
  isConnecting = true;
  heardAt = Date.now();
  const url = `${live.dataset.stream}?after=${reachedRevision()}&page=${page}`;
  htmx.ajax("GET", url, { source: live, target: live, swap: "none", timeout: CONNECT });
}

// Until it stands, asking once each time keeps the page right.
function connectSoon() {
  if (isPolling || isOver()) return;
  clearTimeout(timer);
  timer = setTimeout(connect, AGAIN);
  ask();
}

// An answer that is no stream.
live.addEventListener("htmx:after:request", (event) => {
  event.preventDefault();
  isConnecting = false;
  turnedDown(event.detail.ctx.response.status);
  connectSoon();
});

live.addEventListener("htmx:error", ({ detail }) => {
  if (!isConnecting || detail.ctx?.target !== live) return;
  isConnecting = false;
  if (Date.now() - heardAt > CONNECT - 500) poll(); // somebody on the way holds the stream back
  else lose();
  connectSoon();
});

live.addEventListener("htmx:sse:before:connection", (event) => {
  connection = event.detail.connection;
  isConnecting = false;
  if (!connection.attempt) return;
  if (isOver() || isPolling) return event.preventDefault();
  live.dataset.live = "";
  lose();
});

live.addEventListener("htmx:sse:after:connection", (event) => {
  heardAt = Date.now();
  hasSpoken = false;
  if (event.detail.connection.status === 204) poll();
  else find();
  catchUp();
});

live.addEventListener("htmx:sse:error", (event) => {
  if (event.detail.status) turnedDown(event.detail.status);
});

live.addEventListener("htmx:sse:close", () => {
  connection = null;
  if (isPolling || isOver()) return;
  live.dataset.live = "";
  lose();
  connectSoon();
});

live.addEventListener("htmx:sse:before:message", () => {
  heardAt = Date.now();
  hasSpoken = true;
  live.dataset.live = "stream";
  if (!isPolling) return;
  isPolling = false; // what was tried again works
  clearTimeout(timer);
});

live.addEventListener("htmx:sse:after:message", (event) => {
  const { id, event: name } = event.detail.message;
  if (!name) newsCame(Number(id));
});

live.addEventListener("whole", (event) => hearOfTable(JSON.parse(event.detail.data).revision));

live.addEventListener("beat", (event) => hear(JSON.parse(event.detail.data).revision));

live.addEventListener("over", (event) => end(JSON.parse(event.detail.data).why));

// No stream here, or one too many: the page asks instead.
function turnedDown(status) {
  if (status === 204 || status === 429) poll();
  else refused(status);
}

function letGo() {
  if (connection?.reader) connection.reader.cancel();
  else if (connection?.delayCanceller) connection.delayCanceller();
  else connection?.abortController.abort();
}

// What is known may be old, and the connection dead: both anew, at once.
function again() {
  if (isOver()) return;
  heardAt = Date.now();
  ask();
  if (connection) letGo();
  else connect();
}

// ---- Asking again and again ---------------------------------------------------------------------------------------

function poll() {
  if (isPolling || isOver()) return;
  isPolling = true;
  heardAt = Date.now();
  live.dataset.live = "poll";
  tellPolling();
  askOn();
}

async function askOn() {
  clearTimeout(timer);
  await ask();
  clearTimeout(timer);
  if (isPolling && !isOver()) timer = setTimeout(askOn, POLL);
}

// ---- The clock ----------------------------------------------------------------------------------------------------

let tick = Date.now();

setInterval(() => {
  const now = Date.now();
  const hasSlept = now - tick > SLEPT;
  tick = now;
  if (isOver() || document.hidden) {
    heardAt = now;
    return;
  }
  if (hasSlept) again();
  else if (connection?.reader && now - heardAt > (hasSpoken ? SILENT : CONNECT)) fellSilent();
  else if (isPolling && now - heardAt > TRIAL) connect();
  tellIfLost();
}, 1000);

function fellSilent() {
  if (hasSpoken) again();
  else {
    poll(); // somebody on the way holds the stream back
    letGo();
  }
}

window.addEventListener("online", again);
window.addEventListener("pageshow", (event) => event.persisted && again());
document.addEventListener("visibilitychange", () => {
  tick = heardAt = Date.now();
  if (!document.hidden) ask();
  else if (!isPolling) live.dataset.live = ""; // a hidden page lets its stream go
});

connect();
