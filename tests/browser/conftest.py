"""Real headless Chromium against a live server. Without Chromium these tests fail and name the Debian package."""

import os
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from raci.grid.levels import Level
from raci.matrices.models import Activity, Change, Matrix, Role
from raci.matrices.operations import Sender, set_level
from raci.workspaces.models import Member
from tests.serving import Server

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop in the test's thread

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Chromium is missing. Install the Debian package: apt-get install chromium")
    return {"executable_path": chromium, "args": QUIET.split()}


@pytest.fixture
def live_server() -> Iterator[Server]:
    """The real server, with streams, in place of pytest-django's."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def new_page(browser: Browser, live_server) -> Callable[..., Page]:
    """Opens a page as a member, in a context of its own. Whatever the console complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(member: Member | None = None, **options) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        contexts.append(context)
        if member is not None:
            client = Client()
            client.force_login(member.user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


class GridOnPage:
    """The grid as a person sees it: rows and columns by name."""

    def __init__(self, page: Page, matrix: Matrix, url: str) -> None:
        self.page, self.matrix, self.url = page, matrix, url
        self.roles = list(Role.objects.filter(matrix=matrix).order_by("position").values_list("name", flat=True))

    def cell(self, activity: str, role: str) -> Locator:
        pk = Activity.objects.get(matrix=self.matrix, name=activity).pk
        return self.page.locator(f"#a{pk} td.cell").nth(self.roles.index(role))

    def focus(self, activity: str, role: str) -> Locator:
        """Goes to a cell by keyboard alone."""
        wanted = self.cell(activity, role)
        self.page.locator('#grid .cell[tabindex="0"]').focus()
        self.page.keyboard.press("Control+Home")
        rows = self.page.locator("tr.activity")
        pk = wanted.evaluate("cell => cell.parentElement.id")
        ids = rows.evaluate_all("rows => rows.map(row => row.id)")
        for _ in range(ids.index(pk)):
            self.page.keyboard.press("ArrowDown")
        for _ in range(self.roles.index(role)):
            self.page.keyboard.press("ArrowRight")
        return wanted

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def hears(self, how: str = "stream") -> None:
        """Waits until the page has news, by a stream or by asking ("poll")."""
        self.page.locator(f'#live[data-live="{how}"]').wait_for(state="attached")

    def toast(self) -> Locator:
        return self.page.locator("#toasts [data-toast]")

    def stored(self, activity: str) -> str:
        """The row as the database has it once everything is saved, a letter a role."""
        saving = self.page.locator("#save-state")
        if saving.count():
            expect(saving).to_have_text("Saved")
        row = Activity.objects.get(matrix=self.matrix, name=activity)
        cells = dict(row.assignments.values_list("role__name", "level"))
        return "".join(cells.get(role, "-") for role in self.roles)


@pytest.fixture
def open_grid(new_page, live_server) -> Callable[..., GridOnPage]:
    def opened(member: Member, matrix: Matrix, *, is_live: bool = True, **options) -> GridOnPage:
        """Without `is_live` the page hears of nobody, as if its news were held up on the way."""
        page = new_page(member, **options)
        if not is_live:
            page.route(re.compile("/(stream|changes)/"), lambda route: route.abort())
        url = live_server.url + reverse("matrix", args=[matrix.workspace_id, matrix.pk])
        page.goto(url)
        page.locator("#grid .is-focused").wait_for(state="attached")
        return GridOnPage(page, matrix, url)

    return opened


@pytest.fixture
def change(matrix, editor) -> Callable[[str, str, Level], None]:
    """Eddie sets a cell, without a page."""

    def changed(activity: str, role: str, level: Level) -> None:
        set_level(
            matrix=matrix.pk,
            sender=Sender(editor),
            activity=Activity.objects.get(matrix=matrix, name=activity).pk,
            role=Role.objects.get(matrix=matrix, name=role).pk,
            level=level,
            seen=Change.objects.filter(matrix=matrix).count(),
        )

    return changed
