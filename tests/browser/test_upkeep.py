"""Keeping a matrix up, as a person does: the pages with something on them, and confirming a row beside the grid."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from raci.matrices.models import Matrix, Role
from raci.matrices.operations import Sender
from raci.matrices.structure import edit_role
from raci.publishing import subscriptions, upkeeping
from tests.browser.test_pages import objections
from tests.factories import make_matrix
from tests.publishing.making import publish


@pytest.fixture
def agreed(owner) -> Matrix:
    """A role was renamed since the version, and strategy changed."""
    matrix = make_matrix(owner, "LSC", ".LI", "SLI", name="Launch")
    publish(matrix, owner)
    role, seen = Role.objects.filter(matrix=matrix)[0], Matrix.objects.get(pk=matrix.pk).revision
    edit_role(matrix=matrix.pk, sender=Sender(owner), role=role.pk, values={"name": "Client Care"}, seen=seen)
    upkeeping.declare_changed(matrix=matrix.pk, why="We sell through partners now", by=owner)
    return matrix


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_reviews_and_upkeep_have_nothing_axe_objects_to(new_page, live_server, owner, viewer, agreed, width, theme):
    subscriptions.subscribe(by=owner)
    found, ids = [], [agreed.workspace_id, agreed.pk]
    upkeep, checks, calendar = (
        reverse("upkeep", args=ids),
        reverse("checks", args=ids),
        reverse("calendar", args=ids[:1]),
    )
    for member in (owner, viewer):
        page = new_page(member, viewport={"width": width, "height": 844}, color_scheme=theme)
        for path in (upkeep, checks, calendar):
            page.goto(live_server.url + path)
            found += objections(page)
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("The link, for your calendar program")).to_have_value(re.compile("/calendars/"))
    found += objections(page)
    assert found == []


def test_a_row_is_confirmed_beside_the_grid_by_keyboard(new_page, live_server, owner, agreed):
    page, first = new_page(owner), agreed.activities.first()
    page.goto(f"{live_server.url}{reverse('matrix', args=[agreed.workspace_id, agreed.pk])}#a{first.pk}")
    row, panel = page.locator(f"#a{first.pk}"), page.locator("#panel")
    row.locator("td").first.click()
    button = panel.get_by_role("button", name="Confirm Activity 1")
    button.press("Enter")  # for both events at once, and the focus stays in the panel
    expect(button).to_have_count(0)
    expect(panel.locator("#panel-title")).to_be_focused()
    expect(row.get_by_text("needs confirming")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_rows_are_confirmed_one_after_the_other_where_one_stands(new_page, live_server, owner, agreed, width):
    page, names = new_page(owner, viewport={"width": width, "height": 600}), ["Activity 1", "Activity 2", "Activity 3"]
    page.goto(live_server.url + reverse("upkeep", args=[agreed.workspace_id, agreed.pk]))
    page.evaluate("window.isStillHere = true")
    toast = page.locator("#toasts [data-toast]")
    for name, behind in zip(names, [*names[1:], ""], strict=True):
        page.get_by_role("button", name=f"Confirm {name}", exact=True).press("Enter")
        expect(toast).to_have_text(re.compile(f"Confirmed: “{name}” still stands."))
        focused = page.get_by_role("button", name=f"Confirm {behind}", exact=True) if behind else None
        expect(focused or page.get_by_role("heading", name="Rows to confirm")).to_be_focused()
        expect(page.get_by_role("button", name=f"Confirm {name}", exact=True)).to_have_count(0)
    expect(page.get_by_text("No row needs confirming.")).to_be_visible()
    assert page.evaluate("window.isStillHere")


def test_without_script_a_row_is_confirmed_too(new_page, live_server, owner, agreed):
    page = new_page(owner, java_script_enabled=False)
    page.goto(live_server.url + reverse("upkeep", args=[agreed.workspace_id, agreed.pk]))
    page.get_by_role("button", name="Confirm Activity 2", exact=True).click()
    expect(page.get_by_text("Confirmed: “Activity 2” still stands.")).to_be_visible()
    expect(page).to_have_url(re.compile("#confirm$"))
    page.get_by_role("button", name="Confirm all 2 that are yours").click()
    expect(page.get_by_text("No row needs confirming.")).to_be_visible()
