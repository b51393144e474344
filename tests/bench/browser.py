"""`python -m tests.bench.browser`: from a key to the confirmed paint in real Chromium, from one browser to
another, and what a first visit transfers.

A press is measured from the keydown event to the end of the first frame after the server's row was morphed in; frames
are those the browser painted meanwhile, that one included. The level itself is on screen in the first of them.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.world import database, machine, populate, start, table

SIZES = ((18, 4), (200, 12))
PRESSES = 30
MOST_FRAMES = 3
MOST_BYTES = 150_000
MOST_SPREAD = 500  # ms
CHROMIUM = "/usr/bin/chromium"
ROOT = Path(__file__).resolve().parents[2]

WATCH = """() => {
  const watch = (window.watch = { frames: 0, found: null });
  const count = () => { watch.frames += 1; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  const painted = (then) => requestAnimationFrame(() => {
    const frames = watch.frames;
    const channel = new MessageChannel();  // a task after this frame was painted
    channel.port1.onmessage = () => then(performance.now(), frames);
    channel.port2.postMessage(0);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.length > 1) return;
    const row = event.target.closest("tr");
    const begun = { at: event.timeStamp, frames: watch.frames };
    watch.found = null;
    const found = { shown: 0, ms: 0, frames: 0, morph: 0 };
    painted((now) => { found.shown = now - begun.at; });
    const observer = new MutationObserver(() => {
      observer.disconnect();
      const answered = performance.now();
      painted((now, frames) => {
        found.ms = now - begun.at;
        found.frames = frames - begun.frames + 1;
        found.morph = now - answered;
        watch.found = found;
      });
    });
    observer.observe(row, { attributes: true, attributeFilter: ["data-seen"] });
  }, true);
}"""


PRESSED = """() => {
  window.pressed = [];
  document.addEventListener("keydown", ({ key }) => {
    if ("cs".includes(key)) window.pressed.push(performance.timeOrigin + performance.now());
  }, true);
}"""

PAINTED = """() => {
  window.painted = [];
  new MutationObserver(() => window.painted.push(performance.timeOrigin + performance.now()))
    .observe(document.getElementById("grid"), { subtree: true, attributeFilter: ["data-level"] });
}"""


def main() -> None:
    folder = start()
    try:
        with database() as url:
            run(folder, url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(folder: Path, url: str) -> None:
    from django.db import connection
    from playwright.sync_api import sync_playwright

    member, matrices = populate()
    cookie = session_of(member)
    print(machine(), end="\n\n")
    connection.close()
    with served(folder, url) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        print("Chromium", browser.version, end="\n\n")
        pages = {
            size: f"{address}/w/{m.workspace_id}/matrices/{m.pk}/" for size, m in matrices.items() if size in SIZES
        }
        visits = [first_visit(browser, address, cookie, size, page) for size, page in pages.items()]
        presses = [line for size, page in pages.items() for line in pressed(browser, address, cookie, size, page)]
        spreads = [spread(browser, address, cookie, size, page) for size, page in pages.items()]
        browser.close()
    print(table(["key to paint", "frames", "most", "aim", "ms", "p90", "shown ms", "morph+paint ms", ""], presses))
    print(f"\nMedian of {PRESSES} presses. Shown: the level is on screen, before the server has answered.\n")
    print(table(["browser to browser", "p50 ms", "p95 ms", "most", "aim", ""], spreads), end="\n\n")
    print(table(["first visit", "requests", "bytes", "aim", "page", "css", "js", "other", ""], visits))


def session_of(member) -> dict[str, str]:
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(member.user)
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}


@contextmanager
def served(folder: Path, url: str) -> Iterator[str]:
    """`manage.py serve` on a free port, over the benchmark's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    log = folder / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}, stdout=file, stderr=file, cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/about/references/", timeout=5).read()
                break
            except OSError:
                if server.poll() is not None:
                    raise SystemExit(log.read_text()) from None
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def open_page(browser, address: str, cookie: dict[str, str]):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{**cookie, "url": address}])
    return context.new_page()


def pressed(browser, address: str, cookie: dict[str, str], size: tuple[int, int], url: str) -> Iterator[list[str]]:
    """A level set, and a Lead moved, in a row in the middle of the screen."""
    page = open_page(browser, address, cookie)
    page.goto(url)
    page.locator("#panel-title").wait_for()  # the stream of a matrix never rests
    page.evaluate(WATCH)
    for name, press in (("set a level", set_a_level), ("move a Lead", move_a_lead)):
        found = []
        for turn in range(PRESSES + 2):
            page.evaluate("() => { window.watch.found = null }")
            press(page, turn)
            found.append(answer(page, patience=20 if turn >= 2 else 1))
            # The first two warm up, and may find the level there already.
            assert turn < 2 or found[-1], f"no answer to press {turn}: {name}"
        yield _line(f"{name} {size[0]}x{size[1]}", found[2:])
    page.context.close()


def spread(browser, address: str, cookie: dict[str, str], size: tuple[int, int], url: str) -> list[str]:
    """From a key in one browser to the row in another, which shows the same matrix."""
    ours, theirs = (open_page(browser, address, cookie) for _ in range(2))
    for page in (ours, theirs):
        page.goto(url)
        page.locator("#panel-title").wait_for()
        page.locator("#live[data-live=stream]").wait_for(state="attached")
    ours.evaluate(PAINTED)
    theirs.evaluate(PRESSED)
    set_a_level(theirs, 0)
    for turn in range(1, PRESSES + 1):
        ours.wait_for_timeout(300)
        set_a_level(theirs, turn)
        ours.wait_for_function("count => window.painted.length >= count", arg=turn)
    ours.wait_for_timeout(500)
    pressed, painted = theirs.evaluate("window.pressed"), ours.evaluate("window.painted")
    took = sorted(then - now for now, then in zip(reversed(pressed), reversed(painted), strict=False))
    for page in (ours, theirs):
        page.context.close()
    worst = took[int(0.95 * len(took))]
    late = "" if worst <= MOST_SPREAD else "too slow"
    name = f"{size[0]}x{size[1]}"
    return [name, f"{statistics.median(took):.0f}", f"{worst:.0f}", f"{took[-1]:.0f}", str(MOST_SPREAD), late]


def answer(page, patience: float):
    """What was measured, once the panel has followed too: it comes a quarter of a second later and is not part of it."""
    until = time.monotonic() + patience
    found = None
    while found is None and time.monotonic() < until:
        page.wait_for_timeout(500)
        found = page.evaluate("() => window.watch.found")
    return found


def set_a_level(page, turn: int) -> None:
    """S and C by turns in a cell of the fifth row that does not lead."""
    if turn == 0:
        leads = page.locator("tr.activity").nth(4).locator("td.cell").first.locator("[data-level=lead]").count()
        go_to(page, row=4, column=1 if leads else 0)
    page.keyboard.press("sc"[turn % 2])


def move_a_lead(page, turn: int) -> None:
    """The Lead of the sixth row goes to and fro between two roles."""
    if turn == 0:
        go_to(page, row=5, column=0)
    page.keyboard.press("ArrowRight" if turn % 2 else "ArrowLeft")
    page.keyboard.press("l")


def go_to(page, row: int, column: int) -> None:
    page.locator("td.cell[tabindex='0']").focus()
    for key in ["Control+Home", *["ArrowDown"] * row, *["ArrowRight"] * column]:
        page.keyboard.press(key)


def first_visit(browser, address: str, cookie: dict[str, str], size: tuple[int, int], url: str) -> list[str]:
    """All bytes on the wire until the network is quiet, with an empty cache."""
    page = open_page(browser, address, cookie)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    session.on("Network.responseReceived", lambda event: kinds.setdefault(event["requestId"], event["type"]))
    session.on(
        "Network.loadingFinished", lambda event: sizes.__setitem__(event["requestId"], event["encodedDataLength"])
    )
    page.goto(url)
    page.locator("#panel-title").wait_for()  # the stream of a matrix never rests
    page.wait_for_timeout(500)
    page.context.close()
    by_kind = {
        kind: sum(n for request, n in sizes.items() if kinds.get(request) == kind) for kind in set(kinds.values())
    }
    total = sum(sizes.values())
    named = [by_kind.get(kind, 0) for kind in ("Document", "Stylesheet", "Script")]
    numbers = [len(sizes), total, MOST_BYTES, *named, total - sum(named)]
    over = "" if total <= MOST_BYTES else "too large"
    return [f"{size[0]}x{size[1]}", *(f"{number:,.0f}" for number in numbers), over]


def _line(name: str, found: list[dict[str, float]]) -> list[str]:
    def column(key: str) -> list[float]:
        return sorted(one[key] for one in found)

    frames = statistics.median(column("frames"))
    return [
        name,
        f"{frames:.1f}",
        f"{max(column('frames')):.0f}",
        str(MOST_FRAMES),
        f"{statistics.median(column('ms')):.0f}",
        f"{column('ms')[int(0.9 * len(found))]:.0f}",
        f"{statistics.median(column('shown')):.0f}",
        f"{statistics.median(column('morph')):.0f}",
        "" if frames <= MOST_FRAMES else "too slow",
    ]


if __name__ == "__main__":
    main()
