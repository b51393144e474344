"""A reader of RACI reads RACI on every page of a matrix, in what the checks say, in toasts and in exports."""

import io
import re

import openpyxl
import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.structure import edit_activity
from raci.screens.asked import NOTATION_COOKIE
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}
LEAD_SUPPORT = re.compile(r"\b(leads?|leading|led|support\w*|contribut\w*)\b", re.IGNORECASE)
SWITCH = re.compile(r'<div class="[^"]*segmented.*?</div>|<button name="notation".*?</button>', re.DOTALL)
CULTURE = re.compile(r"\b(technology|sales|market)-led\b", re.IGNORECASE)
SAID_ASIDE = re.compile(r'(?:title|aria-label|aria-description|placeholder|alt|data-former)="([^"]*)"')


@pytest.fixture
def small(editor, owner) -> Matrix:
    """Nobody leads the first row, one alone the second, the third is all hands; the fourth names who delivers."""
    matrix = make_matrix(editor, ".SCI", "L...", "LSSS", "LSC.", "SLI.", stages=2)
    row, role = matrix.activities.all()[3], matrix.roles.all()[2]
    edit_activity(matrix=matrix.pk, sender=Sender(owner), activity=row.pk, values={"deliverer_id": role.pk}, seen=1)
    edit_activity(matrix=matrix.pk, sender=Sender(owner), activity=row.pk, values={"deliverer_id": None}, seen=2)
    last = matrix.activities.all()[4]
    set_level(matrix=matrix.pk, sender=Sender(editor), activity=last.pk, role=role.pk, level=Level.CONTRIBUTE, seen=3)
    return matrix


@pytest.fixture
def client(sign_in, editor):
    return reader(sign_in(editor))


def reader(client):
    client.cookies[NOTATION_COOKIE] = "raci"
    return client


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def words(page):
    """What a person reads or hears of a page, but for the switch between the notations."""
    body = SWITCH.sub("", page.partition("</head>")[2] or page)
    body = CULTURE.sub("", body)
    return f"{strip_tags(body)} {' '.join(SAID_ASIDE.findall(body))}"


def of_lead_support(page):
    return sorted({word.group().lower() for word in LEAD_SUPPORT.finditer(words(page))})


def pages(matrix):
    """Every page about a matrix: of each row and each role, whatever stands there."""
    for name in ("matrix", "checks_menu", "history", "arrange"):
        yield url(name, matrix)
    yield url("checks", matrix) + "?notes=1"
    yield url("history_at", matrix, 4)
    yield from (f"{url('what_if', matrix)}?to={key}" for key in ("sales", "market"))
    for row in matrix.activities.all():
        yield from (url(name, matrix, row.pk) for name in ("activity", "activity_panel"))
    for role in matrix.roles.all():
        yield from (url(name, matrix, role.pk) for name in ("role", "role_remove", "role_split"))
        yield f"{url('role_merge', matrix, role.pk)}?into={matrix.roles.exclude(pk=role.pk).first().pk}"


def test_no_page_of_a_matrix_says_lead_or_support_to_a_reader_of_raci(small, client):
    for page in pages(small):
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert of_lead_support(answer.content.decode()) == [], page


def test_nor_to_one_who_may_only_look(small, sign_in, viewer):
    client = reader(sign_in(viewer))
    answers = {page: client.get(page) for page in pages(small)}
    seen = {page: answer.content.decode() for page, answer in answers.items() if answer.status_code == 200}
    assert len(seen) == 8 + 2 * 5 + 4  # the questions before a change are for editors
    assert not {page: found for page, text in seen.items() if (found := of_lead_support(text))}


def test_the_same_pages_say_it_to_a_reader_of_lead_support(small, sign_in, editor):
    page = sign_in(editor).get(url("checks", small), {"notes": "1"}).content.decode()
    assert {"lead", "leads", "support", "supports"} <= set(of_lead_support(page))


def test_the_flag_of_a_row_without_a_lead_says_that_nobody_is_accountable(small, client):
    page = client.get(url("matrix", small)).content.decode()
    assert "</svg> Nobody accountable</span>" in page
    assert "No Lead" not in page


def test_the_rules_have_the_names_of_the_notation(small, client):
    page = client.get(url("checks", small)).content.decode()
    assert "Accountable for too much" in page
    refused = client.post(url("rule_switch", small), {"rule": "R1"}, headers=HTMX).content.decode()
    assert "That check is always on" in refused
    row = small.activities.first()
    refused = client.post(url("finding_aside", small), {"finding": f"R1:{row.pk}:", "reason": "x"}, headers=HTMX)
    assert "That can&#x27;t be set aside" in refused.content.decode()


def test_an_empty_matrix_says_it_too(editor, client):
    bare = make_matrix(editor, roles=2)
    for name in ("matrix", "arrange"):
        page = client.get(url(name, bare)).content.decode()
        assert "each with exactly one accountable role." in page
        assert of_lead_support(page) == []


def test_the_catalogue_proposes_who_is_accountable(matrix, small, sign_in, owner):
    matrix.activities.all().delete()
    page = reader(sign_in(owner)).get(url("catalogue", matrix)).content.decode()
    assert "In the reference you follow, Product Management is accountable for it." in page
    assert "Proposed accountable role: " in reader(sign_in(owner)).get(url("catalogue", small)).content.decode()


def test_a_faster_editor_is_told_of_in_raci(small, client, owner):
    row, roles = small.activities.all()[4], small.roles.all()
    one = {"activity": row.pk, "role": roles[2].pk}
    set_level(matrix=small.pk, sender=Sender(owner), **one, level=Level.LEAD, seen=4)
    told = "a moment before you chose Responsible: Role 3 is Accountable now."
    for headers in (HTMX, {}):
        answer = client.post(url("level_set", small), {**one, "level": "S", "seen": 4}, headers=headers)
        assert answer.status_code == 409
        assert told in answer.content.decode()
    levels = {f"was-{roles[2].pk}": "C", f"level-{roles[2].pk}": "S", "seen": 4}
    answer = client.post(url("activity_levels", small, row.pk), levels)
    assert answer.status_code == 409
    assert told in answer.content.decode()


def test_of_two_accountable_roles_in_one_form_the_first_stays(small, client):
    row, roles = small.activities.all()[1], small.roles.all()
    values = {f"was-{role.pk}": "" for role in roles[1:]} | {f"level-{role.pk}": "L" for role in roles[1:]}
    page = client.post(url("activity_levels", small, row.pk), {**values, "seen": 4}, follow=True).content.decode()
    assert "An activity has one accountable role: the first one chosen stays, the others moved to Responsible." in page


def test_the_workbook_says_it_in_the_notation_of_the_reader(small, client):
    answer = client.post(url("export", small, "xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    said = {name: " ".join(str(cell) for row in book[name].values for cell in row) for name in ("Checks", "History")}
    assert "Nobody is accountable for Activity 1 yet" in said["Checks"]
    assert not LEAD_SUPPORT.search(" ".join(said.values()))


def test_the_comparison_says_it_in_the_notation_of_the_reader(matrix, small, sign_in, owner):
    client, roles = reader(sign_in(owner)), {role.origin: role.pk for role in matrix.roles.all()}
    row, other = (matrix.activities.get(origin=origin) for origin in ("win-loss-analysis", "competitive-intelligence"))
    one = {"matrix": matrix.pk, "sender": Sender(owner), "level": Level.LEAD}
    set_level(**one, activity=row.pk, role=roles["sales"], seen=1)
    set_level(**one, activity=other.pk, role=roles["sales"], seen=2)
    move = f"{row.pk}-{roles['product-marketing']}-{roles['sales']}"
    kept = {"with": "market", "difference": move, "seen": 3, "reason": "Three long deals"}
    assert client.post(url("difference_keep", matrix), kept).status_code == 302
    beside = make_matrix(owner, "LSCI", "SL..", "LSSS", ".LC.", "SLCI", name="Beside")
    pages = [f"{url('compare', matrix)}?keep={move}", f"{url('compare', small)}?with=matrix-{beside.pk}"]
    for page in pages:
        body = client.get(page).content.decode()
        assert "Accountable" in body
        assert of_lead_support(body) == []
    assert "another role is accountable for 2 of 18 activities" in words(client.get(pages[0]).content.decode())
