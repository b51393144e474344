// Who else is on the matrix, and on which cell: told, not locked. Their cells carry a ring and a name.

import { cellFor, placeOf } from "./cells.js";
import { page } from "./live.js";

const MOST = 5; // faces in the top bar
const PAUSE = 300; // ms between two of our own cells that are told

const live = document.getElementById("live");
const list = document.getElementById("people");
const me = Number(live.dataset.me);
let others = []; // one entry for each of their pages
let unnamed = 0; // people there are beside, of very many
let ringed = [];
let cell = ""; // where this reader is, "activity-role"
let told = "";
let timer = null;

live.addEventListener("people", (event) => {
  const { people, more } = JSON.parse(event.detail.data);
  others = people.filter((person) => person.user !== me);
  unnamed = more;
  showFaces();
  showRings();
  if (others.length) announce();
});

document.addEventListener("remit:link", (event) => {
  told = ""; // a new stream knows nothing of us yet
  const { isLost, isPolling, over } = event.detail;
  if (!isLost && !isPolling && !over) return;
  others = []; // nobody knows who is still there
  unnamed = 0;
  showFaces();
  showRings();
});

// ---- The others ---------------------------------------------------------------------------------------------------

function showFaces() {
  const people = [...new Map(others.map((person) => [person.user, person])).values()];
  const faces = people.slice(0, people.length > MOST ? MOST - 1 : MOST).map(face);
  const more = people.slice(faces.length);
  const names = [...more.map((person) => person.name), ...(unnamed ? [`${unnamed} more`] : [])];
  if (names.length) faces.push(faceOf(`+${more.length + unnamed}`, names.join(", ")));
  list.replaceChildren(...faces);
  list.hidden = !faces.length;
}

const face = ({ initials, name, person }) => faceOf(initials, name, person);

function faceOf(text, name, person) {
  const item = document.createElement("li");
  const avatar = document.createElement("span");
  const words = document.createElement("span");
  item.title = name;
  avatar.className = "avatar";
  avatar.textContent = text;
  avatar.setAttribute("aria-hidden", "true");
  if (person) avatar.dataset.person = person;
  words.className = "visually-hidden";
  words.textContent = name;
  item.append(avatar, words);
  return item;
}

function showRings() {
  for (const old of ringed) {
    delete old.dataset.editor;
    delete old.dataset.editorName;
  }
  ringed = [];
  for (const { cell, name, person } of others) {
    const [activity, role] = cell.split("-");
    const found = cell && cellFor({ activity, role });
    if (!found || found.dataset.editor) continue;
    found.dataset.editor = person;
    found.dataset.editorName = name.split(" ")[0];
    ringed.push(found);
  }
}

document.addEventListener("htmx:after:swap", showRings); // another table has other cells

// ---- This reader --------------------------------------------------------------------------------------------------

// The focus that a page has when it opens is nobody's doing.
let hasActed = false;

document.getElementById("grid").addEventListener("keydown", () => {
  hasActed = true;
  look(document.activeElement);
});

document.addEventListener("pointerdown", () => {
  hasActed = true;
});

document.addEventListener("focusin", (event) => look(event.target));

function look(target) {
  if (!hasActed || target.closest("#picker")) return; // the picker is still about the cell it was opened on
  const own = target.closest("#grid td.cell");
  const { activity, role } = own ? placeOf(own) : {};
  cell = own ? `${activity}-${role}` : "";
  if (others.length) announce();
}

// At most every so often; the last one wins.
function announce() {
  if (timer || told === cell) return;
  send();
  timer = setTimeout(() => {
    timer = null;
    if (others.length) announce();
  }, PAUSE);
}

function send() {
  told = cell;
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  const body = new URLSearchParams({ page, cell });
  fetch(live.dataset.presence, { method: "POST", headers, body }).catch(() => {});
}
