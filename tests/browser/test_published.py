"""The published page in a real browser: one role in focus, the phone, the paper, and inside a page of another site."""

import re
import subprocess
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import pytest
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import Page, expect

from culture.references import reference_grid
from raci.grid.grid import Grid, Role
from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.models import Role as RoleRow
from raci.matrices.operations import Sender, create_matrix, set_level
from raci.publishing import pages
from raci.publishing.models import Publication, SignOff, Version
from raci.publishing.pages import Kind, Wanted
from raci.workspaces.models import Member
from tests.browser.test_pages import cut_off, objections
from tests.publishing.making import publish
from tests.publishing.sending import send, token_in

A4 = (842, 595)  # landscape, in points
NAMES = ("Amara Okafor", "Mei Tanaka", "Jonas Lindqvist", "Priya Raman", "Diego Fuentes")


def five_roles() -> Grid:
    """The market-led reference of 18 activities with a fifth role, each role with somebody's name."""
    grid = reference_grid("market")
    fifth = Role(id=max(role.id for role in grid.roles) + 1, name="Customer Success", short="CS")
    roles = (replace(role, people=(name,)) for role, name in zip((*grid.roles, fifth), NAMES, strict=True))
    cells = {row: {**levels, fifth.id: Level.INFORMED} for row, levels in grid.cells.items()}
    return replace(grid, roles=tuple(roles), cells=cells)


@pytest.fixture
def core(owner) -> Version:
    """18 × 5, in its second version, with four changes, a note, and signed by all."""
    matrix = create_matrix(sender=Sender(owner), name="Core product", grid=five_roles())
    publish(matrix, owner)
    roles = list(RoleRow.objects.filter(matrix=matrix))
    for activity in matrix.activities.order_by("position")[3:7]:
        seen = Matrix.objects.get(pk=matrix.pk).revision
        where = {"activity": activity.pk, "role": roles[4].pk}
        set_level(matrix=matrix.pk, sender=Sender(owner), level=Level.CONTRIBUTE, seen=seen, **where)
    version = publish(matrix, owner, note="Agreed in the quarterly review.")
    for role in roles:
        SignOff.objects.create(matrix=matrix, digest=version.digest, role=role.pk, name=role.name, by=owner.user)
    return version


@pytest.fixture
def visit(new_page, live_server, core, owner):
    """Opens the shared page as somebody without an account."""

    def visited(**options) -> Page:
        made = pages.make(matrix=core.matrix_id, by=owner, wanted=Wanted(shows_people=True))
        page = new_page(**options)
        page.goto(live_server.url + reverse("shared_link", args=[made.token]))
        page.wait_for_url(re.compile(r"/shared/\d+/$"))
        return page

    return visited


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_a_visitor_reads_it_in_any_theme_at_any_width(visit, theme, width):
    page = visit(color_scheme=theme, viewport={"width": width, "height": 900})
    assert objections(page) == []
    page.goto(page.url + "?q=launch&notation=raci")
    assert objections(page) == []
    page.locator(".role-pages a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("what is yours")
    assert objections(page) == []


def test_members_read_and_share_it(new_page, live_server, core, owner):
    page, ids = new_page(owner), [core.matrix.workspace_id, core.matrix_id]
    pages.make(matrix=core.matrix_id, by=owner, wanted=Wanted(name="The board"))
    role = RoleRow.objects.filter(matrix=core.matrix_id).first().pk
    paths = [reverse("version", args=[*ids, number]) for number in (1, 2)]
    paths += [reverse("version_role", args=[*ids, 2, role]), reverse("shared_pages", args=ids)]
    for path in paths:
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.url + path)
            assert objections(page) == []


def test_a_role_in_focus_leaves_its_column_and_who_leads(visit):
    page = visit()
    row = page.locator("tr.activity").first
    own, others = row.locator("td").nth(4), row.locator("td")
    page.get_by_role("radio", name="Customer Success").check(force=True)
    expect(own).to_have_attribute("data-own", "")
    visible = [others.nth(i).locator(".level").is_visible() for i in range(5)]
    led = [others.nth(i).locator('[data-level="lead"]').count() == 1 for i in range(5)]
    assert visible == [led[i] or i == 4 for i in range(5)]
    page.get_by_role("radio", name="Everyone").check(force=True)
    assert all(others.nth(i).locator(".level").is_visible() for i in range(5))


def test_a_role_is_chosen_by_keyboard(visit):
    page = visit()
    page.locator('.role-focus input[value="0"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("tr.activity").first.locator("td").first).to_have_attribute("data-own", "")


def test_on_a_phone_the_grid_fits_and_the_roles_have_short_names(visit):
    page = visit(viewport={"width": 390, "height": 844})
    assert cut_off(page) == []
    inner = page.locator(".table-scroll").evaluate("box => box.scrollWidth - box.clientWidth")
    assert inner == 0
    assert page.locator(".role-short").first.is_visible()
    assert page.locator(".role-focus abbr").first.is_visible()


def test_nothing_is_asked_of_anybody_else(visit, live_server):
    page, asked = visit(), []
    page.on("request", lambda request: asked.append(request.url))
    page.reload(wait_until="networkidle")
    assert asked
    assert [url for url in asked if not url.startswith(live_server.url)] == []


def test_without_a_script_all_is_there_to_read(visit):
    page = visit(java_script_enabled=False)
    assert not page.locator(".role-focus").is_visible()
    page.get_by_label("Who do I ask about").fill("launch")
    page.get_by_role("button", name="Find").click()
    expect(page.locator(".who-item")).not_to_have_count(0)


# ---- On paper


class Word:
    """A word on a page of a PDF, and where it stands, in points from the top left."""

    def __init__(self, found: re.Match) -> None:
        self.left, self.top, self.right, self.bottom = (float(found[i]) for i in range(1, 5))
        self.text = found[5]


def words_of(pdf: Path) -> list[list[Word]]:
    """The words on each page."""
    said = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    one = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
    return [[Word(found) for found in one.finditer(page)] for page in said.split("<page ")[1:]]


def top_of(words: list[Word], *texts: str) -> float:
    """Where this run of words stands."""
    for i, word in enumerate(words):
        if [each.text for each in words[i : i + len(texts)]] == list(texts):
            return word.top
    raise AssertionError(f"{texts} is not on the page.")


def test_eighteen_by_five_is_one_page_laid_out_as_drawn(visit, tmp_path):
    page, pdf = visit(), tmp_path / "core.pdf"
    page.get_by_role("radio", name="Customer Success").check(force=True)  # the paper has it all whatever is in focus
    page.pdf(path=str(pdf), prefer_css_page_size=True)
    (words,) = words_of(pdf)
    assert max(word.right for word in words) < A4[0]
    assert max(word.bottom for word in words) < A4[1]
    order = [
        top_of(words, "Core", "product:", "who", "leads", "what"),
        top_of(words, "Version", "2,"),
        top_of(words, "Activity"),
        top_of(words, "Understand", "the", "market"),
        top_of(words, "Run", "and", "learn"),
        top_of(words, "What", "changed", "since", "v1"),
    ]
    assert order == sorted(order)
    foot = [top_of(words, *start) for start in (("What", "changed"), ("What", "the", "levels"), ("Agreed", "by"))]
    assert max(foot) - min(foot) < 1
    assert sum(word.text == "changed" for word in words) == 5  # four rows and the heading
    assert sum(word.text == "Lead" for word in words) >= 19  # each row and the legend
    said = " ".join(word.text for word in words)
    for phrase in ("Agreed in the quarterly review.", "Amara Okafor", "Paper ages. Ask whoever shared this"):
        assert phrase in said
    for control in ("Print", "Spreadsheet", "Everyone", "Find", "RACI", "Shared with a link"):
        assert control not in said
    assert page.locator("html").evaluate("html => getComputedStyle(html).colorScheme") == "light dark"


def test_the_matrices_of_the_demo_are_one_page_for_every_reader(seeded, new_page, live_server, tmp_path):
    call_command("demo", stdout=StringIO())
    member, readers = Member.objects.get(user__name="Mei Tanaka"), []
    for name in ("Core product", "Enterprise deals"):
        version = Publication.objects.get(matrix__name=name).latest
        shared = pages.make(matrix=version.matrix_id, by=member, wanted=Wanted(shows_people=True))
        (message,) = send(version, member, "ann@example.org", about=version.matrix.roles.first().pk)
        readers += [
            (member, reverse("version", args=[version.matrix.workspace_id, version.matrix_id, version.number])),
            (None, reverse("shared_link", args=[shared.token])),
            (None, reverse("letter_link", args=[token_in(message)])),
        ]
    for reader, path in readers:
        page, pdf = new_page(reader), tmp_path / "one.pdf"
        page.goto(live_server.url + path)
        page.goto(f"{page.url}?notation=raci")  # longer words, and a line more in the legend
        page.pdf(path=str(pdf), prefer_css_page_size=True)
        (words,) = words_of(pdf)
        said = " ".join(word.text for word in words)
        for heading in ("What changed since v", "What the levels mean", "Paper ages."):
            assert heading in said
        for control in ("You answer for", "I have read this"):
            assert control not in said


def test_a_foot_too_long_for_the_page_begins_on_it_and_goes_on(visit, core, owner, tmp_path):
    role = RoleRow.objects.filter(matrix=core.matrix_id).last()
    for activity in core.matrix.activities.order_by("position"):
        seen = Matrix.objects.get(pk=core.matrix_id).revision
        where = {"activity": activity.pk, "role": role.pk, "seen": seen}
        set_level(matrix=core.matrix_id, sender=Sender(owner), level=Level.SUPPORT, **where)
    publish(core.matrix, owner)
    page, pdf = visit(), tmp_path / "long.pdf"
    page.pdf(path=str(pdf), prefer_css_page_size=True)
    first, second = words_of(pdf)
    assert top_of(first, "What", "changed", "since", "v2") < A4[1]
    assert max(word.bottom for word in first) > 0.9 * A4[1]
    assert "Support" not in [word.text for word in second if word.left < A4[0] / 3]  # the grid is on the first
    assert max(word.bottom for word in second) < 0.5 * A4[1]


def test_a_long_word_widens_neither_page_nor_paper(new_page, live_server, core, owner, tmp_path):
    long, role = "X" * 150, RoleRow.objects.filter(matrix=core.matrix_id).first()
    core.matrix.activities.filter(position=core.matrix.activities.first().position).update(name=long)
    RoleRow.objects.filter(pk=role.pk).update(name=long[:80], people=[long[:80]], contact=long)
    Matrix.objects.filter(pk=core.matrix_id).update(name=long[:120])
    version = publish(core.matrix, owner, note=long)
    ids, page, pdf = [core.matrix.workspace_id, core.matrix_id, version.number], new_page(owner), tmp_path / "x.pdf"
    shared = pages.make(matrix=core.matrix_id, by=owner, wanted=Wanted(shows_people=True))
    for path in (
        reverse("version", args=ids),
        reverse("version_role", args=[*ids, role.pk]),
        reverse("shared_link", args=[shared.token]),
        reverse("shared_role", args=[shared.page.pk, role.pk]),
    ):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.url + path)
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
        page.pdf(path=str(pdf), prefer_css_page_size=True)
        assert max(word.right for words in words_of(pdf) for word in words) < A4[0], path


def test_a_role_is_one_page_too(visit, tmp_path):
    page, pdf = visit(), tmp_path / "role.pdf"
    page.locator(".role-pages a").first.click()
    page.wait_for_url(re.compile("/roles/"))
    page.pdf(path=str(pdf), prefer_css_page_size=True)
    (words,) = words_of(pdf)
    said = " ".join(word.text for word in words)
    assert "what is yours" in said
    assert "Paper ages." in said


# ---- Inside another page


@pytest.fixture
def sites():
    """Two other sites on this machine, each a page of its own around whatever its address names: their origins."""

    class Around(BaseHTTPRequestHandler):
        def do_GET(self):
            body = f'<title>A wiki</title><iframe src="{unquote(self.path[2:])}" width="1200" height="800"></iframe>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Around) for _ in range(2)]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    yield [f"http://localhost:{server.server_port}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("is_named", [True, False])
def test_a_page_is_shown_inside_the_sites_it_was_made_for_alone(browser, live_server, core, owner, sites, is_named):
    wanted = Wanted(kind=Kind.EMBED, origins=sites[0])
    made = pages.make(matrix=core.matrix_id, by=owner, wanted=wanted)
    src = live_server.url + reverse("embed", args=[made.token])
    context = browser.new_context()
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{sites[0 if is_named else 1]}/?{src}")
    frame = page.frame_locator("iframe")
    if is_named:
        expect(frame.get_by_role("heading", level=1)).to_contain_text("Core product")
        frame.get_by_role("radio", name="Customer Success").check(force=True)
        expect(frame.locator("td[data-own]").first).to_be_visible()
        assert [text for text in complaints if "favicon" not in text] == []
    else:
        page.wait_for_timeout(500)
        assert frame.get_by_role("heading", level=1).count() == 0
        assert any("frame-ancestors" in text for text in complaints)
    assert context.cookies() == []
    context.close()


def picture_of(pdf: Path) -> tuple[bytes, int]:
    """The first page, a pixel for each point: three bytes each, row by row; and how many stand in a row."""
    drawn = subprocess.run(["pdftoppm", "-r", "72", "-f", "1", "-l", "1", str(pdf)], capture_output=True, check=True)
    _, size, _, pixels = drawn.stdout.split(b"\n", 3)
    return pixels, int(size.split()[0])


def test_on_paper_each_level_keeps_its_fill(visit, tmp_path):
    page, pdf = visit(), tmp_path / "core.pdf"
    page.pdf(path=str(pdf), prefer_css_page_size=True, print_background=False)  # as browsers print by default
    (words,), (pixels, width) = words_of(pdf), picture_of(pdf)

    def beside(text: str) -> tuple[int, ...]:
        """The colour under a chip's word, just before it."""
        word = next(word for word in words if word.text == text)
        at = 3 * (round((word.top + word.bottom) / 2) * width + round(word.left) - 2)
        return tuple(pixels[at : at + 3])

    lead, support, contribute, informed = (beside(word) for word in ("Lead", "Support", "Contribute", "Informed"))
    assert max(lead[:2]) < 110  # dark ink
    assert lead[2] > lead[0] + 40
    assert min(support) > 245  # paper
    assert min(informed) > 245
    assert all(190 < part < 252 for part in contribute)  # a tint
    assert contribute[2] > contribute[0]
