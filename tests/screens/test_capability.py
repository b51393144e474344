"""What each role carries beside how many it is, how well it can lead, and letting another role lead for now."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Activity, Matrix, Role
from raci.matrices.operations import Sender, archive, set_level
from raci.matrices.people import take_part
from raci.matrices.store import read_grid
from raci.reviews.models import Evidence
from raci.reviews.ratings import Rated, rate
from raci.web import days
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}
TODAY = date(2026, 6, 12)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(days, "today", lambda: TODAY)


@pytest.fixture
def small(editor):
    """Role 1 leads two, Role 2 one; nobody leads the last."""
    return make_matrix(editor, "LSC", "LCS", "SLC", ".SC")


@pytest.fixture
def row(small):
    return small.activities.first()


@pytest.fixture
def lead(small):
    return small.roles.first()


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def words(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def shown(client, matrix, query=""):
    answer = client.get(url("capability", matrix) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def line_of(page, row):
    """What stands beside one activity."""
    found = page[page.index(f'id="a{row.pk}"') :]
    return words(found[found.index(">") + 1 : found.index("\n</li>")])


def rated(matrix, by, row, lead, skill=2, time=4, note=""):
    return rate(matrix=matrix.pk, by=by, activity=row.pk, role=lead.pk, rated=Rated(skill, time, note, ""))


def sent(row, lead, **more):
    return {"activity": row.pk, "role": lead.pk, "skill": "2", "time": "", "note": "", "entry": "", **more}


def moving(matrix, row, to, **more):
    seen = Matrix.objects.get(pk=matrix.pk).revision
    asked = {"activity": row.pk, "role": to.pk, "reason": "Nobody is free", "until": "2026-12-31", "seen": seen}
    return {**asked, **more}


def headcounts(matrix, *numbers):
    for role, number in zip(Role.objects.filter(matrix=matrix).order_by("position"), numbers, strict=True):
        Role.objects.filter(pk=role.pk).update(headcount=number)


# ---- What each role carries


def test_each_share_stands_beside_its_whole(small, viewer, sign_in):
    headcounts(small, 1, 4, 5)
    table = words(shown(sign_in(viewer), small).partition("</table>")[0])
    assert "Role 1 More than twice its share 1 of 10 2 of 3 2 of 3" in table
    assert "Role 2 4 of 10 1 of 3 1 of 3" in table
    assert "Role 3 5 of 10 0 of 3 0 of 3" in table


def test_a_headcount_nobody_stated_is_asked_of_editors(small, viewer, editor, sign_in):
    headcounts(small, 1, None, 5)
    page = words(shown(sign_in(viewer), small))
    assert "Role 1 1 2 of 3" in page
    assert "1 of 3 has not" in page
    assert "Role 2 Not stated" in page
    assert "State it" not in page
    assert "Role 2 State it : how many people Role 2 has" in words(shown(sign_in(editor), small))


def test_a_matrix_without_roles_says_what_belongs_there(owner, sign_in):
    empty = make_matrix(owner)
    assert "There is no role yet" in shown(sign_in(owner), empty)


def test_what_nobody_leads_stands_apart(small, viewer, sign_in):
    page = shown(sign_in(viewer), small)
    assert "Activity 3" not in page[page.index("title-nobody") :]
    assert line_of(page, small.activities.last()) == "Activity 4 Health of Activity 4: health not asked"


def test_what_a_role_leads_has_the_same_base_in_the_table_and_above_the_list(small, viewer, sign_in):
    """Four activities, of which one has no Lead."""
    page = shown(sign_in(viewer), small)
    assert "Role 1 Not stated 2 of 3 2 of 3" in words(page.partition("</table>")[0])
    assert re.findall(r'<h3 class="list-head"[^>]*>(.*?)</h3>', page)[0].endswith('<span class="quiet">2 of 3</span>')


def test_that_another_role_leads_for_now_stands_there(small, row, editor, viewer, sign_in):
    client = sign_in(editor)
    assert "until" not in line_of(shown(client, small), row)
    client.post(url("lead_elsewhere", small), moving(small, row, small.roles.all()[1], reason=HOSTILE))
    page = shown(sign_in(viewer), small)
    assert "Role 2 answers for it until 31 Dec 2026, in place of Role 1: &lt;img src=x" in line_of(page, row)
    assert HOSTILE not in page


# ---- Ratings


def test_a_rating_says_whose_it_is_and_from_when(small, row, lead, owner, viewer, sign_in):
    rated(small, owner, row, lead, note="New since March")
    said = line_of(shown(sign_in(viewer), small), row)
    assert "Skill 2 of 5 Time 4 of 5" in said
    assert "New since March Rated by Olive Owner, 12 Jun 2026" in said
    assert "Rated by you" in line_of(shown(sign_in(owner), small), row)


def test_who_fills_a_role_finds_the_form_of_what_it_leads_alone(small, row, lead, editor, viewer, sign_in):
    client = sign_in(viewer)
    assert "Rate" not in line_of(shown(client, small), row)
    take_part(matrix=small.pk, sender=Sender(editor), role=lead.pk, user=viewer.user_id)
    page = shown(client, small)
    assert "Rate Role 1 on Activity 1" in line_of(page, row)
    assert "Rate" not in line_of(page, small.activities.all()[2])
    answer = client.post(url("capability_rate", small), sent(row, lead), follow=True)
    assert "Skill 2 of 5 Time not rated" in line_of(answer.content.decode(), row)


def test_the_undo_of_the_toast_takes_a_rating_back(small, row, lead, editor, sign_in):
    client = sign_in(editor)
    page = client.post(url("capability_rate", small), sent(row, lead), follow=True).content.decode()
    undo = re.search(r'<form method="post" action="([^"]*)" data-undo-form>', page)[1].replace("&amp;", "&")
    assert "Skill not rated" in line_of(client.post(undo, follow=True).content.decode(), row)
    assert Evidence.objects.get().ratings == {}


def test_who_neither_fills_it_nor_edits_is_refused(small, row, lead, viewer, sign_in):
    answer = sign_in(viewer).post(url("capability_rate", small), sent(row, lead))
    assert answer.status_code == 403
    assert "Who fills Role 1 rates it, or an editor." in answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "sentence"), [({"skill": "6"}, "Choose a number from 1 to 5"), ({"note": "x" * 201}, "200 fit")]
)
def test_what_is_wrong_with_a_rating_is_said_in_its_form(small, row, lead, editor, sign_in, changed, sentence):
    answer = sign_in(editor).post(url("capability_rate", small), sent(row, lead, **changed))
    assert answer.status_code == 422
    assert sentence in line_of(answer.content.decode(), row)


def test_what_somebody_else_rated_meanwhile_is_told_with_what_was_chosen(small, row, lead, owner, editor, sign_in):
    rated(small, owner, row, lead, 5)
    client = sign_in(editor)
    answer = client.post(url("capability_rate", small), sent(row, lead, note="Just began"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "It was rated by Olive Owner meanwhile" in page
    assert 'value="Just began"' in page
    entry = re.search(r'name="entry" value="([^"]+)"', page)[1]
    assert client.post(url("capability_rate", small), sent(row, lead, entry=entry)).status_code == 302


def test_an_archived_matrix_says_so(small, row, lead, editor, sign_in):
    archive(matrix=small.pk, sender=Sender(editor), archived=True)
    client = sign_in(editor)
    assert "Rate" not in line_of(shown(client, small), row)
    for name, body in (
        ("capability_rate", sent(row, lead)),
        ("lead_elsewhere", moving(small, row, small.roles.last())),
    ):
        answer = client.post(url(name, small), body)
        assert answer.status_code == 409
        assert "archived" in answer.content.decode()


# ---- What can help


@pytest.mark.parametrize(("skill", "time", "offers"), [(3, 3, False), (2, 3, True), (3, 2, True)])
def test_a_weak_or_stretched_lead_is_offered_what_can_help(small, row, lead, editor, sign_in, skill, time, offers):
    rated(small, editor, row, lead, skill, time)
    assert ("What can help" in line_of(shown(sign_in(editor), small), row)) is offers


def test_a_swamped_one_is_offered_it_for_all_that_it_leads(small, row, editor, sign_in):
    headcounts(small, 1, 4, 5)
    page = shown(sign_in(editor), small)
    first, second, third = small.activities.all()[:3]
    assert "What can help" in line_of(page, first)
    assert "What can help" in line_of(page, second)
    assert "What can help" not in line_of(page, third)


def test_three_ways_are_offered_and_none_is_a_verdict(small, row, editor, viewer, sign_in):
    page = shown(sign_in(editor), small, f"?help={row.pk}")
    said = line_of(page, row)
    assert "It is for you to choose." in said
    for link in ("Give another role Support", "Add the other part", "Choose a role"):
        assert link in said
    assert url("activity", small, row.pk) in page
    assert f"{url('activity_add', small)}?after={row.pk}" in page
    assert f"{url('lead_elsewhere', small)}?activity={row.pk}" in page
    assert "Choose a role" not in line_of(shown(sign_in(viewer), small, f"?help={row.pk}"), row)


def test_what_is_not_there_opens_nothing(small, editor, sign_in):
    client = sign_in(editor)
    assert shown(client, small, "?help=999999&rate=999999").count("<form") == shown(client, small).count("<form")
    assert client.get(url("capability", small) + "?help=x").status_code == 400


# ---- Leading elsewhere for now


def test_the_question_says_who_leads_and_where_the_reason_goes(small, matrix, row, editor, sign_in):
    client = sign_in(editor)
    said = words(client.get(url("lead_elsewhere", small) + f"?activity={row.pk}").content.decode())
    assert "Role 1 leads “ Activity 1 ”" in said
    assert "This matrix follows no reference" in said
    launch = matrix.activities.get(origin="product-launch")
    said = words(client.get(url("lead_elsewhere", matrix) + f"?activity={launch.pk}").content.decode())
    assert "kept as a departure from market-led" in said


def test_it_moves_the_lead_and_keeps_why_and_until_when(matrix, editor, sign_in):
    launch, sales = matrix.activities.get(origin="product-launch"), matrix.roles.get(origin="sales")
    client = sign_in(editor)
    page = client.post(url("lead_elsewhere", matrix), moving(matrix, launch, sales), follow=True).content.decode()
    assert "Sales leads “Product Launch” until 31 Dec 2026; Product Marketing moved to Support." in page
    assert read_grid(matrix).lead(launch.pk) == sales.pk
    launch.refresh_from_db()
    assert {(kept["reason"], kept["until"]) for kept in launch.departures.values()} == {
        ("Nobody is free", "2026-12-31")
    }
    undo = re.search(r'<form method="post" action="([^"]*)" data-undo-form>', page)[1]
    client.post(undo, follow=True)
    launch.refresh_from_db()
    assert launch.departures == {}
    assert read_grid(matrix).level(launch.pk, sales.pk) is not Level.LEAD


def test_in_the_dialog_it_goes_to_the_row_on_the_page(small, row, editor, sign_in):
    answer = sign_in(editor).post(url("lead_elsewhere", small), moving(small, row, small.roles.last()), headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"{url('capability', small)}#a{row.pk}"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reason": " "}, "Say why: one sentence is enough."),
        ({"until": ""}, "Choose the day on which it is looked at again."),
        ({"until": "2026-06-11"}, "That day has passed."),
        ({"role": ""}, "Choose the role that takes it on for now."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_moves(small, row, lead, editor, sign_in, changed, sentence):
    body = moving(small, row, small.roles.last(), **changed)
    answer = sign_in(editor).post(url("lead_elsewhere", small), body)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert read_grid(small).lead(row.pk) == lead.pk


def test_what_changed_meanwhile_is_told_with_what_was_typed(small, row, editor, owner, sign_in):
    body = moving(small, row, small.roles.last())
    other = small.roles.all()[1]
    set_level(matrix=small.pk, sender=Sender(owner), activity=row.pk, role=other.pk, level=Level.LEAD, seen=1)
    answer = sign_in(editor).post(url("lead_elsewhere", small), body)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "changed since you looked" in page
    assert "Nobody is free" in page
    assert "Role 2 leads" in words(page)


def test_where_nobody_leads_it_says_so(small, editor, sign_in):
    last = small.activities.last()
    answer = sign_in(editor).get(url("lead_elsewhere", small) + f"?activity={last.pk}")
    assert answer.status_code == 409
    assert "Nobody answers for it" in answer.content.decode()


def test_names_and_notes_are_printed_as_text(small, row, lead, editor, sign_in):
    Role.objects.filter(matrix=small).update(name=HOSTILE)
    Activity.objects.filter(matrix=small).update(name=HOSTILE)
    rated(small, editor, row, lead, note=HOSTILE)
    client = sign_in(editor)
    for page in (
        shown(client, small, f"?help={row.pk}&rate={row.pk}"),
        client.get(url("lead_elsewhere", small) + f"?activity={row.pk}").content.decode(),
    ):
        assert HOSTILE not in page
        assert "&lt;img src=x" in page


def test_the_page_takes_few_queries_however_large_the_matrix(owner, editor, sign_in):
    large = make_matrix(owner, *["LSC", "SLC", "CSL"] * 20)
    for at, row in enumerate(large.activities.all()[:6]):
        rated(large, (owner, editor)[at % 2], row, large.roles.all()[at % 3])
    client = sign_in(owner)
    with CaptureQueriesContext(connection) as asked:
        shown(client, large, f"?help={row.pk}&rate={row.pk}")
    assert len(asked) <= 12


def test_it_speaks_the_notation_of_the_reader(small, row, lead, editor, sign_in):
    rated(small, editor, row, lead)
    client = sign_in(editor)
    client.cookies["notation"] = "raci"
    page = words(shown(client, small, f"?help={row.pk}"))
    assert "What each role is accountable for" in page
    assert "Give another role Responsible" in page
    asked = words(client.get(url("lead_elsewhere", small) + f"?activity={row.pk}").content.decode())
    assert "Role 1 is accountable for “ Activity 1 ”" in asked
    assert "Lead" not in asked
