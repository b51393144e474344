// News of the matrix: a stream of what others change, and where there is none, asking every few seconds. The log of the
// server is the truth: a page that is behind is told all since, or fetches the table again.

import { table } from "./cells.js";
import { shownRevision } from "./paint.js";

const POLL = 3000; // ms
const AGAIN = 2000; // ms between two tries to open the stream
const MOST_TRIES = 20;
const SILENT = 25000; // without a sign for so long, the connection is dead
const LOST = 3000; // a connection is away for so long before anybody is told
const SLEPT = 5000; // a clock that jumps so far was asleep

const live = document.getElementById("live");
export const page = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");

let reached = shownRevision(); // all news up to here have been painted
let connection = null;
let isConnecting = false;
let mode = "stream"; // or "poll", or "over"
let lostAt = null;
let isTold = false; // that it is lost
let heardAt = Date.now();
let silences = 0; // connections in a row that never said anything
let behind = 0; // beats in a row that know of more
let timer;

const tell = (detail) => document.dispatchEvent(new CustomEvent("remit:link", { detail }));

// ---- The stream ---------------------------------------------------------------------------------------------------

function connect() {
  if (mode !== "stream" || connection || isConnecting) return;
  isConnecting = true;
  heardAt = Date.now();
  const url = `${live.dataset.stream}?after=${reached}&page=${page}`;
  htmx.ajax("GET", url, { source: live, target: live, swap: "none", timeout: 8000 });
}

// Until it stands, asking once each time keeps the page right.
function connectSoon() {
  clearTimeout(timer);
  if (mode !== "stream") return;
  timer = setTimeout(connect, AGAIN);
  askOnce();
}

// An answer that is no stream.
live.addEventListener("htmx:after:request", (event) => {
  event.preventDefault();
  isConnecting = false;
  refused(event.detail.ctx.response.status);
  if (mode === "stream") connectSoon();
});

live.addEventListener("htmx:error", ({ detail }) => {
  if (detail.ctx?.target !== live) return;
  isConnecting = false;
  lose();
  connectSoon();
});

live.addEventListener("htmx:sse:before:connection", (event) => {
  connection = event.detail.connection;
  isConnecting = false;
  if (mode !== "stream") event.preventDefault();
  else if (connection.attempt) lose();
});

live.addEventListener("htmx:sse:after:connection", (event) => {
  if (event.detail.connection.status === 204) return poll();
  heardAt = Date.now();
  find();
});

live.addEventListener("htmx:sse:error", (event) => {
  if (event.detail.status) refused(event.detail.status);
});

live.addEventListener("htmx:sse:close", () => {
  connection = null;
  if (mode !== "stream") return;
  lose();
  connectSoon();
});

live.addEventListener("htmx:sse:before:message", () => {
  heardAt = Date.now();
  silences = 0;
});

live.addEventListener("htmx:sse:after:message", (event) => {
  const { id, event: name } = event.detail.message;
  if (!name) reached = Math.max(reached, Number(id));
});

live.addEventListener("whole", (event) => fetchWhole(JSON.parse(event.detail.data).revision));

live.addEventListener("beat", (event) => {
  const { revision } = JSON.parse(event.detail.data);
  behind = reached < revision ? behind + 1 : 0;
  if (behind > 1) fetchWhole(revision);
});

live.addEventListener("over", (event) => end(JSON.parse(event.detail.data).why));

// What an answer means that brings no news.
function refused(status) {
  if (status === 204 || status === 429) poll();
  else if (status === 401) end("signed-out");
  else if (status === 403 || status === 404 || status === 410) end("gone");
  else lose();
}

function end(why) {
  if (why === "many") {
    poll();
    return;
  }
  mode = "over";
  clearTimeout(timer);
  tell({ over: why });
}

// A connection that is dead, or may be: another one, at once.
function again() {
  if (mode === "poll") return ask();
  if (mode === "over") return;
  heardAt = Date.now();
  if (connection?.reader) connection.reader.cancel();
  else if (connection?.delayCanceller) connection.delayCanceller();
  else if (connection) connection.abortController.abort();
  else connect();
}

// ---- Asking again and again ---------------------------------------------------------------------------------------

let asking = null;

function poll() {
  if (mode !== "stream") return;
  mode = "poll";
  ask();
}

async function ask() {
  clearTimeout(timer);
  if (mode !== "poll") return;
  if (!document.hidden) await (asking ??= askOnce().finally(() => (asking = null)));
  clearTimeout(timer);
  timer = setTimeout(ask, POLL);
}

async function askOnce() {
  const answer = await get(`${live.dataset.changes}?after=${reached}`);
  if (!answer?.ok) return;
  const revision = Number(answer.headers.get("X-Revision"));
  if (answer.headers.get("X-Whole")) await fetchWhole(revision);
  else if (answer.status === 200) {
    await swap(await answer.text());
    reached = Math.max(reached, revision);
  }
}

// ---- The table again ----------------------------------------------------------------------------------------------

let fetching = null;

// With the filter of the address. `least` is the revision it must have.
async function fetchWhole(least, tries = 0) {
  if (fetching) return;
  const atFirst = shownRevision();
  const title = document.getElementById("matrix-name");
  const before = { levels: table()?.dataset.levels, isThere: Boolean(table()), name: title.textContent };
  fetching = get(location.pathname + location.search);
  const answer = await fetching;
  if (answer?.ok) {
    const text = await answer.text();
    const meanwhile = shownRevision();
    await swap(text);
    reached = shownRevision();
    if (meanwhile > atFirst) least = Math.max(least, meanwhile); // an edit was answered while the table was on its way
    behind = 0;
    document.title = document.title.replace(before.name, title.textContent);
    if (before.isThere && table() && before.levels !== table().dataset.levels) {
      tell({ over: before.levels ? "archived" : "open" });
    }
  }
  fetching = null;
  if (mode !== "over" && reached < least && tries < MOST_TRIES) setTimeout(fetchWhole, answer ? 500 : POLL, least, tries + 1);
}

document.addEventListener("remit:behind", (event) => fetchWhole(event.detail.revision));

async function get(url) {
  let answer = null;
  try {
    answer = await fetch(url, { headers: { "HX-Request": "true" }, cache: "no-store", signal: AbortSignal.timeout(10000) });
  } catch {
    lose();
    return null;
  }
  if (!answer.ok) refused(answer.status);
  else if (!connection) find();
  return answer;
}

const swap = (text) => htmx.swap({ text, sourceElement: live, target: live, swap: "none" });

// ---- Lost and found -----------------------------------------------------------------------------------------------

function lose() {
  lostAt ??= Date.now();
}

function find() {
  const isBack = lostAt !== null;
  lostAt = null;
  isTold = false;
  tell({ isBack, isLive: true });
}

let tick = Date.now();

setInterval(() => {
  const now = Date.now();
  const hasSlept = now - tick > SLEPT;
  tick = now;
  if (mode === "over" || document.hidden) {
    heardAt = now;
    return;
  }
  if (hasSlept) again();
  if (mode === "stream" && now - heardAt > SILENT) fellSilent();
  if (lostAt !== null && !isTold && now - lostAt > LOST) {
    isTold = true;
    tell({ isLost: true });
  }
}, 1000);

function fellSilent() {
  silences += 1;
  lose();
  if (silences > 1) {
    const dead = connection; // somebody on the way holds the stream back
    poll();
    dead?.reader?.cancel();
  } else again();
}

window.addEventListener("online", again);
window.addEventListener("pageshow", (event) => event.persisted && again());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  tick = heardAt = Date.now();
  lostAt = null;
  if (mode === "poll") ask();
});

connect();
