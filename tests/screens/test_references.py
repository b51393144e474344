"""The three references side by side, and the page that names their sources."""

import re
from html import unescape

from django.test import Client
from django.urls import reverse

from culture.models import Culture, ReferenceReason


def page_of(member) -> str:
    return reverse("references", args=[member.workspace_id])


def test_the_three_cultures_stand_side_by_side_with_their_facts(sign_in, viewer):
    page = unescape(sign_in(viewer).get(page_of(viewer)).text)
    for culture in Culture.objects.all():
        for words in (culture.name, culture.summary, culture.strategy, culture.danger, culture.note):
            assert words in page
    assert "guidance, not prescription" in page


def test_all_216_levels_are_shown_and_54_lead(sign_in, viewer):
    page = sign_in(viewer).get(page_of(viewer)).text
    table = page[page.index("<table") : page.index("</table>")]
    assert table.count('<span class="level"') == 216
    assert table.count('data-level="lead"') == 54


def test_every_lead_has_its_reason_on_demand(sign_in, viewer):
    page = unescape(sign_in(viewer).get(page_of(viewer)).text)
    reasons = ReferenceReason.objects.values_list("text", flat=True)
    assert len(reasons) == 54
    assert all(page.count(reason) >= 2 for reason in reasons)  # as a title and in the row that opens
    assert page.count("<summary") >= 18


def test_the_levels_are_shown_in_the_readers_notation(sign_in, viewer):
    client = sign_in(viewer)
    client.cookies["notation"] = "raci"
    page = client.get(page_of(viewer)).text
    assert "<b>A/R</b>" in page
    assert "Accountable" in page


def test_an_editor_can_start_from_each(sign_in, editor, viewer):
    start = f"{reverse('matrix_new', args=[editor.workspace_id])}?start="
    assert sign_in(editor).get(page_of(editor)).text.count(start) == 3
    assert start not in sign_in(viewer).get(page_of(viewer)).text


def test_a_stranger_gets_what_a_nonexistent_workspace_gives(sign_in, stranger, viewer):
    client = sign_in(stranger)
    foreign, none = client.get(page_of(viewer)), client.get("/w/999999/references/")
    assert foreign.status_code == none.status_code == 404
    assert foreign.content == none.content


def test_posting_is_refused(sign_in, viewer):
    assert sign_in(viewer).post(page_of(viewer)).status_code == 405


def test_the_references_stay_within_their_queries(sign_in, viewer, django_assert_max_num_queries):
    client = sign_in(viewer)
    with django_assert_max_num_queries(12):
        client.get(page_of(viewer))


def test_the_sources_are_open_to_everybody(db):
    page = Client().get(reverse("about_references"))
    assert page.status_code == 200
    for words in ("Gartner", "G00740200", "Forrester", "SBI", "neither facts nor a standard", "Sign in"):
        assert words in page.text


def test_the_sources_are_named_nowhere_else_on_the_references(sign_in, viewer):
    page = sign_in(viewer).get(page_of(viewer)).text
    assert not re.search("gartner|forrester|opower", page, re.IGNORECASE)
