"""What the checks say, what is set aside with a reason, and the rules switched off."""

import re

import pytest
from django.urls import reverse

from culture.references import reference_grid
from raci.grid.levels import Level
from raci.grid.plain import to_plain
from raci.matrices import operations
from raci.matrices.models import Change, HouseReference, Matrix
from raci.matrices.operations import Sender, set_level
from raci.matrices.store import read_grid
from raci.screens.findings import check
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}


@pytest.fixture
def small(editor) -> Matrix:
    """Nobody leads the first row; the second is led by one role alone; the third has only input; the fourth is sound."""
    return make_matrix(editor, ".SC", "L..", "LC.", "LSI")


def url(name, matrix, *ids):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *ids])


def rows(matrix):
    return list(matrix.activities.order_by("pk").values_list("pk", flat=True))


def set_aside(client, matrix, key, reason="It is fine", **more):
    return client.post(url("finding_aside", matrix), {"finding": key, "reason": reason, **more})


def test_errors_and_warnings_name_their_row_and_link_to_it(small, sign_in, viewer):
    page = sign_in(viewer).get(url("checks", small)).content.decode()
    first = rows(small)[0]
    assert "Nobody leads Activity 1 yet" in page
    assert f"{url('matrix', small)}#a{first}" in page
    assert url("activity", small, first) in page
    assert "<form" not in page.partition("<main")[2]


def test_notes_wait_until_asked_for(small, sign_in, viewer):
    client, note = sign_in(viewer), "has input but no hands"
    assert note not in client.get(url("checks", small)).content.decode()
    assert note in client.get(url("checks", small), {"notes": "1"}).content.decode()


def test_a_sound_matrix_says_so(matrix, sign_in, viewer):
    assert "Nothing to fix" in sign_in(viewer).get(url("checks", matrix)).content.decode()


def test_a_finding_is_set_aside_with_its_reason_and_shown_again(small, sign_in, editor):
    client, key = sign_in(editor), f"R4:{rows(small)[1]}:"
    assert set_aside(client, small, key, "Until May <b>").status_code == 302
    page = client.get(url("checks", small)).content.decode()
    assert "Set aside: Until May &lt;b&gt;" in page
    checked = check(Matrix.objects.get(pk=small.pk), read_grid(small))
    assert key in [finding.key for finding, _ in checked.aside]
    assert key not in [finding.key for finding in checked.open]
    client.post(url("finding_back", small), {"finding": key})
    assert not Matrix.objects.get(pk=small.pk).asides


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\nb"])
def test_a_reason_is_needed(small, sign_in, editor, reason):
    answer = set_aside(sign_in(editor), small, f"R4:{rows(small)[1]}:", reason)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not Matrix.objects.get(pk=small.pk).asides


def test_that_nobody_leads_can_not_be_set_aside(small, sign_in, editor):
    answer = set_aside(sign_in(editor), small, f"R1:{rows(small)[0]}:")
    assert answer.status_code == 422
    assert not Matrix.objects.get(pk=small.pk).asides


@pytest.mark.parametrize("key", ["", "R4:999999:", "nonsense", "R4:1:2:3"])
def test_what_the_checks_do_not_say_can_not_be_set_aside(small, sign_in, editor, key):
    assert set_aside(sign_in(editor), small, key).status_code == 422


def test_even_an_aside_in_the_table_does_not_hide_a_row_without_lead(small):
    small.asides = {f"R1:{rows(small)[0]}:": {"reason": "slipped in", "by": "x"}}
    assert "R1" in [finding.rule for finding in check(small, read_grid(small)).open]


def test_a_rule_is_switched_off_and_on(small, sign_in, editor):
    client = sign_in(editor)
    client.post(url("rule_switch", small), {"rule": "R4"})
    page = client.get(url("checks", small)).content.decode()
    assert "has Activity 2 alone" not in page
    client.post(url("rule_switch", small), {"rule": "R4", "on": "1"})
    assert "has Activity 2 alone" in client.get(url("checks", small)).content.decode()


def test_what_publishing_insists_on_has_no_switch(small, sign_in, editor):
    client = sign_in(editor)
    page = client.get(url("checks", small)).content.decode()
    assert page.count("Always on") == 3
    assert 'id="rule-R1"' not in page
    assert client.post(url("rule_switch", small), {"rule": "R1"}).status_code == 422


def test_an_unknown_rule_is_refused(small, sign_in, editor):
    assert sign_in(editor).post(url("rule_switch", small), {"rule": "R99"}).status_code == 422


def test_htmx_gets_the_list_and_the_toast(small, sign_in, editor):
    values = {"finding": f"R4:{rows(small)[1]}:", "reason": "Fine"}
    answer = sign_in(editor).post(url("finding_aside", small), values, headers=HTMX)
    page = answer.content.decode()
    assert "<html" not in page
    assert 'id="checks"' in page
    assert "#toasts" in page


def test_set_aside_in_the_panel_answers_with_the_panel(small, sign_in, editor):
    row = rows(small)[1]
    values = {"finding": f"R4:{row}:", "reason": "Fine", "from": "panel", "activity": row}
    answer = sign_in(editor).post(url("finding_aside", small), values, headers=HTMX)
    assert "Set aside: Fine" in answer.content.decode()
    assert "remit:rows" in answer.headers["HX-Trigger"]


def test_set_aside_on_the_page_of_the_activity_goes_back_there(small, sign_in, editor):
    row = rows(small)[1]
    answer = set_aside(sign_in(editor), small, f"R4:{row}:", **{"from": "activity", "activity": row})
    assert answer.url == url("activity", small, row)


def test_the_menu_shows_the_first_errors_and_warnings(editor, sign_in, viewer):
    many = make_matrix(editor, *[".S."] * 12)
    page = sign_in(viewer).get(url("checks_menu", many)).content.decode()
    assert page.count("<li") == 8
    assert "All checks, " in page
    assert "<html" not in page


def test_an_archived_matrix_takes_no_asides(small, sign_in, editor):
    operations.archive(matrix=small.pk, sender=Sender(editor), archived=True)
    assert set_aside(sign_in(editor), small, f"R4:{rows(small)[1]}:").status_code == 409


WRITES = ("finding_aside", "finding_back", "rule_switch")


@pytest.mark.parametrize("name", WRITES)
def test_writing_routes_refuse_get(small, sign_in, owner, name):
    assert sign_in(owner).get(url(name, small)).status_code == 405


@pytest.mark.parametrize("name", WRITES)
def test_only_editors_change_anything(small, sign_in, viewer, reviewer, stranger, name):
    values = {"finding": f"R4:{rows(small)[1]}:", "reason": "Fine", "rule": "R4"}
    answers = [sign_in(member).post(url(name, small), values) for member in (viewer, reviewer, stranger)]
    assert [answer.status_code for answer in answers] == [403, 403, 404]
    assert Change.objects.filter(matrix=small).count() == 1


@pytest.mark.parametrize("name", ["checks", "checks_menu"])
def test_a_stranger_gets_the_answer_of_a_page_that_does_not_exist(small, sign_in, stranger, name):
    client = sign_in(stranger)
    theirs, none = client.get(url(name, small)), client.get(reverse(name, args=[small.workspace_id + 1000, small.pk]))
    assert (theirs.status_code, theirs.content) == (404, none.content)


@pytest.mark.parametrize("name", ["checks", "checks_menu"])
def test_few_queries_however_large_the_grid(small, matrix, sign_in, editor, name, django_assert_max_num_queries):
    client = sign_in(editor)
    for shown in (small, matrix):
        with django_assert_max_num_queries(12):
            client.get(url(name, shown))


# ---- What is decided in the comparison


def _leads_elsewhere(matrix, owner):
    """Sales leads the win/loss analysis, kept against a house reference until a day that has passed."""
    house = HouseReference.objects.create(
        workspace=matrix.workspace, name="House 2026", grid=to_plain(reference_grid("market"))
    )
    row, sales = matrix.activities.get(origin="win-loss-analysis"), matrix.roles.get(origin="sales")
    set_level(matrix=matrix.pk, sender=Sender(owner), activity=row.pk, role=sales.pk, level=Level.LEAD, seen=1)
    departure = {"ours": "L", "theirs": "S", "reason": "So", "until": "2026-09-30", "by": owner.user.pk}
    row.departures = {f"{sales.pk}:house-{house.pk}": departure}
    row.save()
    return row, house


@pytest.mark.parametrize(("who", "word"), [("editor", "Decide"), ("viewer", "Compare")])
def test_a_finding_about_a_reference_names_it_and_leads_to_the_decision(matrix, owner, sign_in, request, who, word):
    row, house = _leads_elsewhere(matrix, owner)
    client = sign_in(request.getfixturevalue(who))
    where = reverse("compare", args=[matrix.workspace_id, matrix.pk])
    for page in (
        client.get(reverse("checks", args=[matrix.workspace_id, matrix.pk]), {"notes": "1"}),
        client.get(reverse("activity", args=[matrix.workspace_id, matrix.pk, row.pk])),
    ):
        body = page.content.decode()
        for key, name in (("market", "market-led"), (f"house-{house.pk}", "House 2026")):
            link = (
                f'<a href="{where}?with={key}#d-{row.pk}">{word}<span class="visually-hidden"> on {row.name}</span></a>'
            )
            assert f"{link} beside <bdi>{name}</bdi>" in body
    menu = client.get(reverse("checks_menu", args=[matrix.workspace_id, matrix.pk])).content.decode()
    assert f'href="{where}?with=house-{house.pk}#d-{row.pk}"' in menu
    assert "Decide beside <bdi>House 2026</bdi>" in menu


def test_a_finding_about_a_reference_that_is_gone_leads_nowhere(matrix, owner, sign_in, editor):
    _, house = _leads_elsewhere(matrix, owner)
    house.delete()
    body = sign_in(editor).get(reverse("checks", args=[matrix.workspace_id, matrix.pk])).content.decode()
    assert "ended on 30 Sep 2026" in body
    assert "with=house-" not in body


def test_of_many_findings_the_first_are_shown_and_all_when_asked_for(small, sign_in, editor, monkeypatch):
    monkeypatch.setattr("raci.screens.views.checks.MOST_LINES", 1)
    client, address = sign_in(editor), url("checks", small)
    few, every = (client.get(address + asked).content.decode() for asked in ("", "?all=1"))
    assert few.count('class="finding is-warn') == 1
    assert re.search(r"1 of \d+ are shown\.", few)
    assert f'href="{address}?all=1">Show all</a>' in few
    assert every.count('class="finding is-warn') > 1
    assert "Show all" not in every
    key = f"R4:{rows(small)[1]}:"
    again = client.post(url("rule_switch", small), {"rule": "R10", "all": "1", "origin": "checks"}, headers=HTMX)
    assert again.content.decode().count('class="finding is-warn') == every.count('class="finding is-warn')
    back = client.post(url("finding_aside", small), {"finding": key, "reason": "Fine", "all": "1"})
    assert back.url.endswith("?all=1")
