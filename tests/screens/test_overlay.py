"""The grid laid beside a reference: what each cell says, and that every answer to an edit says the same."""

import re

import pytest
from django.urls import reverse

from culture.references import reference_grid
from raci.grid.levels import Level
from raci.grid.plain import to_plain
from raci.matrices import departures
from raci.matrices.models import HouseReference, Matrix
from raci.matrices.operations import Sender, create_matrix, set_level
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}


def _url(name, matrix, *more):
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *more])


def _body(client, matrix):
    return client.get(_url("matrix", matrix)).content.decode()


@pytest.fixture
def launch(matrix):
    return matrix.activities.get(origin="product-launch")


@pytest.fixture
def engineering(matrix):
    return matrix.roles.get(origin="engineering")


@pytest.fixture
def departed(matrix, owner, launch, engineering):
    """Engineering supports the launch, where the market-led reference has it informed."""
    set_level(
        matrix=matrix.pk,
        sender=Sender(owner),
        activity=launch.pk,
        role=engineering.pk,
        level=Level.SUPPORT,
        seen=1,
    )
    return matrix


def test_an_untouched_matrix_shows_no_difference(matrix, viewer, sign_in):
    body = _body(sign_in(viewer), matrix)
    assert "≠" not in body
    assert "Compare: </span><bdi>Market-led" in body


def test_a_cell_that_differs_says_what_the_reference_has(departed, viewer, sign_in):
    body = _body(sign_in(viewer), departed)
    assert body.count("cell-compare") == 1
    assert '<span aria-hidden="true">≠I</span><span class="visually-hidden">Market-led: Informed.</span>' in body
    assert "1 differs" in body


def test_the_overlay_speaks_raci(departed, viewer, sign_in):
    client = sign_in(viewer)
    client.cookies["notation"] = "raci"
    launch = departed.activities.get(origin="product-launch")
    lead = departed.roles.get(origin="product-marketing")
    editor = Sender(departed.workspace.members.get(access="owner"))
    set_level(matrix=departed.pk, sender=editor, activity=launch.pk, role=lead.pk, level=Level.INFORMED, seen=2)
    body = _body(client, departed)
    assert "≠A/R" in body
    assert "Market-led: Accountable." in body
    assert "Market-led: Lead" not in body


def test_a_kept_difference_gives_its_reason_in_the_cell_and_the_panel(departed, owner, sign_in, launch, engineering):
    departures.keep(
        matrix=departed.pk,
        sender=Sender(owner),
        activity=launch.pk,
        ours={engineering.pk: Level.SUPPORT},
        theirs={engineering.pk: Level.INFORMED},
        against="market",
        reference="market-led",
        reason="Releases need an engineer\non call.",
        until=None,
        seen=2,
    )
    client = sign_in(owner)
    said = "Kept: Releases need an engineer on call."
    body = _body(client, departed)
    assert f"Market-led: Informed. {said}" in body
    assert "cell-compare is-kept" in body
    panel = client.get(_url("activity_panel", departed, launch.pk)).content.decode()
    assert said in panel
    assert "1 difference from <bdi>market-led</bdi>" in panel


def test_an_answer_to_an_edit_carries_the_overlay_and_the_count(matrix, editor, sign_in, launch, engineering):
    sent = {"activity": launch.pk, "role": engineering.pk, "level": "S", "seen": 1, "key": "a-key-of-mine"}
    answer = sign_in(editor).post(_url("level_set", matrix), sent, headers=HTMX).content.decode()
    assert "≠I" in answer
    assert '<hx-partial hx-target="#differing"' in answer
    assert "1 differs" in answer


def test_another_reference_is_remembered_for_this_matrix_alone(matrix, viewer, owner, sign_in):
    other = make_matrix(owner, "LS")
    client = sign_in(viewer)
    answer = client.post(_url("overlay_set", matrix), {"with": "sales"})
    cookie = answer.cookies["beside"]
    assert (cookie.value, cookie["path"], cookie["httponly"]) == ("sales", _url("matrix", matrix), True)
    assert "<bdi>Sales-led</bdi>" in _body(client, matrix)
    assert "≠" in _body(client, matrix)
    client.cookies.clear()
    client.force_login(viewer.user)
    assert "≠" not in _body(client, other)


def test_differences_can_be_hidden(departed, viewer, sign_in):
    client = sign_in(viewer)
    client.post(_url("overlay_set", departed), {"with": "nothing"})
    body = _body(client, departed)
    assert "≠" not in body
    assert "Hide differences" not in body


@pytest.mark.parametrize("key", ["unknown", "house-1", "matrix-99999", "matrix-0", "house-", "matrix-٣"])
def test_what_is_not_there_cannot_be_laid_beside(matrix, viewer, sign_in, key):
    assert sign_in(viewer).post(_url("overlay_set", matrix), {"with": key}).status_code == 404


def test_a_foreign_matrix_is_as_good_as_none(matrix, foreign_matrix, viewer, sign_in):
    """Neither chosen nor through a cookie that somebody wrote."""
    client = sign_in(viewer)
    key = f"matrix-{foreign_matrix.pk}"
    assert client.post(_url("overlay_set", matrix), {"with": key}).status_code == 404
    client.cookies["beside"] = key
    body = _body(client, matrix)
    assert "canary" not in body
    assert "≠" not in body


def test_another_matrix_can_be_laid_beside(departed, owner, viewer, sign_in):
    other = create_matrix(sender=Sender(owner), name="Harbour", grid=reference_grid("market"))
    client = sign_in(viewer)
    client.post(_url("overlay_set", departed), {"with": f"matrix-{other.pk}"})
    body = _body(client, departed)
    assert "<bdi>Harbour</bdi>" in body
    assert "Harbour: Informed." in body


def test_the_rows_that_differ_can_be_asked_for(departed, viewer, sign_in):
    answer = sign_in(viewer).get(_url("matrix", departed), {"differs": "1"}, headers=HTMX).content.decode()
    assert "Product Launch" in answer
    assert "Sales Enablement" not in answer


def test_the_panel_says_why_the_lead_leads_in_that_culture(matrix, viewer, sign_in, launch):
    panel = sign_in(viewer).get(_url("activity_panel", matrix, launch.pk)).content.decode()
    assert "Why Product Marketing leads it when market-led: " in panel


def test_with_differences_hidden_the_panel_still_says_what_is_kept_and_why(
    departed, owner, sign_in, launch, engineering
):
    departures.keep(
        matrix=departed.pk,
        sender=Sender(owner),
        activity=launch.pk,
        ours={engineering.pk: Level.SUPPORT},
        theirs={engineering.pk: Level.INFORMED},
        against="market",
        reference="market-led",
        reason="On call",
        until=None,
        seen=2,
    )
    client = sign_in(owner)
    client.post(_url("overlay_set", departed), {"with": "nothing"})
    panel = client.get(_url("activity_panel", departed, launch.pk)).content.decode()
    assert "Support here, Informed in <bdi>Market-led</bdi>" in panel
    assert "On call" in panel
    assert "leads it when market-led" in panel


def _marked(body):
    return re.findall(r'<button name="with" value="([^"]*)" aria-current="true">', body)


def test_the_menu_begins_with_what_the_matrix_follows_and_marks_it_until_another_is_chosen(matrix, viewer, sign_in):
    client = sign_in(viewer)
    body = client.get(_url("overlay_menu", matrix)).content.decode()
    assert re.search(
        r'<button name="with" value=""[^>]*>.*?What it follows: <bdi>Market-led</bdi>.*?72 of 72 agree', body
    )
    assert _marked(body) == [""]
    client.post(_url("overlay_set", matrix), {"with": "market"})
    assert _marked(client.get(_url("overlay_menu", matrix)).content.decode()) == ["market"]
    client.post(_url("overlay_set", matrix), {"with": ""})
    assert _marked(client.get(_url("overlay_menu", matrix)).content.decode()) == [""]


def test_a_house_reference_that_is_put_away_and_followed_is_in_the_menu(matrix, owner, viewer, sign_in):
    house = HouseReference.objects.create(
        workspace=matrix.workspace, name="House 2026", grid=to_plain(reference_grid("market")), is_put_away=True
    )
    Matrix.objects.filter(pk=matrix.pk).update(house=house)
    body = sign_in(viewer).get(_url("overlay_menu", matrix)).content.decode()
    assert "What it follows: <bdi>House 2026</bdi>" in body
    assert f"house-{house.pk}" not in re.findall(r'value="([^"]*)"', body)


def test_where_nothing_is_followed_the_menu_does_not_say_so(matrix, viewer, sign_in):
    Matrix.objects.filter(pk=matrix.pk).update(culture_id=None)
    assert "What it follows" not in sign_in(viewer).get(_url("overlay_menu", matrix)).content.decode()
