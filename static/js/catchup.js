// What is still missing on the page, and fetching it until nothing is. The log of the server is the truth: it says what
// changed since a revision, or that the table is needed again. One request at a time; one that fails is repeated.

import { table } from "./cells.js";
import { find, isLost, isOver, lose, refused, tellOtherState } from "./link.js";
import { needTable, neededTable, shownRevision } from "./paint.js";

const PATIENCE = 3000; // ms for the first answer; each failure in a row doubles it and the pause after it
const PAUSE = 500;
const MOST_DOUBLINGS = 4;

const live = document.getElementById("live");
let reached = shownRevision(); // all news up to here are painted
let heard = reached; // what the server said last that there is
let isUnsure = false; // there may be more
let isFetching = false;
let failures = 0; // in a row
let timer;

export const reachedRevision = () => reached;

// News of this revision came and were painted, unless the table has to come before them.
export function newsCame(revision) {
  heard = revision;
  if (!neededTable()) reached = Math.max(reached, revision);
}

// The server is at this revision.
export function hear(revision) {
  heard = revision;
  catchUp();
}

// Rows or columns changed with this revision.
export function hearOfTable(revision) {
  needTable(revision);
  hear(revision);
}

// Asks whether there is anything new.
export function ask() {
  isUnsure = true;
  return catchUp();
}

const isBehind = () => neededTable() > 0 || reached < heard || isUnsure;

export async function catchUp() {
  if (isFetching) return;
  clearTimeout(timer);
  isFetching = true;
  let isWell = true;
  try {
    while (isWell && isBehind() && !isOver() && !document.hidden) {
      isWell = false;
      isWell = neededTable() ? await fetchTable() : await fetchRows();
    }
  } finally {
    isFetching = false;
    failures = isWell ? 0 : Math.min(failures + 1, MOST_DOUBLINGS);
    if (!isWell) timer = setTimeout(catchUp, PAUSE * 2 ** failures);
  }
}

document.addEventListener("remit:behind", catchUp);

// What changed since; false where nothing is known.
async function fetchRows() {
  const answer = await get(`${live.dataset.changes}?after=${reached}`);
  if (!answer) return false;
  isUnsure = false;
  const revision = Number(answer.headers.get("X-Revision"));
  if (answer.status === 204) heard = reached;
  else if (answer.headers.get("X-Whole")) needTable(revision);
  else if (!neededTable()) {
    await swap(answer.text);
    newsCame(revision);
  }
  return true;
}

// With the filter of the address. False where nothing newer came.
async function fetchTable() {
  const address = location.pathname + location.search;
  const known = shownRevision();
  const title = document.getElementById("matrix-name");
  const before = { levels: table()?.dataset.levels, isThere: Boolean(table()), name: title.textContent };
  const answer = await get(address);
  if (!answer) return false;
  if (address !== location.pathname + location.search) return true; // it was filtered meanwhile
  const answered = shownRevision();
  await swap(answer.text);
  if (neededTable()) return shownRevision() > known; // a later one
  reached = shownRevision();
  heard = Math.max(heard, answered > known ? answered : 0); // an edit was answered while the table was on its way
  document.title = document.title.replace(before.name, title.textContent);
  if (before.isThere && table() && before.levels !== table().dataset.levels) {
    tellOtherState(before.levels ? "archived" : "open");
  }
  return true;
}

// The answer with all of its text, which may break off as well; null where there is none.
async function get(url) {
  const signal = AbortSignal.timeout(PATIENCE * 2 ** failures);
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, cache: "no-store", signal });
    const { status, headers } = answer;
    const text = await answer.text();
    if (!answer.ok) refused(status);
    else if (isLost()) find();
    return answer.ok ? { status, headers, text } : null;
  } catch {
    lose();
    return null;
  }
}

const swap = (text) => htmx.swap({ text, sourceElement: live, target: live, swap: "none" });
