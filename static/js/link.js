// Whether the server can be reached, and whether it has anything more to say to this page. Others are told by
// "remit:link": isBack, isLost, isPolling (nobody says any more who is here), or over with the reason.

const LOST = 3000; // ms that a connection is away before anybody is told

let lostAt = null;
let isTold = false;
let isEnded = false;

const tell = (detail) => document.dispatchEvent(new CustomEvent("remit:link", { detail }));

export const isOver = () => isEnded;
export const isLost = () => lostAt !== null;

export function lose() {
  lostAt ??= Date.now();
}

export function find() {
  const isBack = isLost();
  lostAt = null;
  isTold = false;
  tell({ isBack, isLost: false });
}

export function tellIfLost() {
  if (!isLost() || isTold || Date.now() - lostAt <= LOST) return;
  isTold = true;
  tell({ isLost: true });
}

export const tellPolling = () => tell({ isPolling: true });

// The page itself was put away or brought back: that is said, and news go on.
export const tellOtherState = (state) => tell({ over: state });

export function end(why) {
  if (isEnded) return;
  isEnded = true;
  tell({ over: why });
}

// An answer that is none.
export function refused(status) {
  if (status === 401) end("signed-out");
  else if ([403, 404, 410].includes(status)) end("gone");
  else if (status !== 429) lose();
}

document.addEventListener("visibilitychange", () => {
  if (isLost() && !document.hidden) lostAt = Date.now(); // a hidden page lets its stream go
});
