"""Deciding on differences by keyboard alone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from raci.grid.levels import Level
from raci.matrices.models import Activity
from raci.matrices.operations import Sender, set_level

from .test_pages import objections

LAUNCH, NEED = "Product Launch", "Identify Market Need"


@pytest.fixture
def differing(matrix, owner):
    """Two cells that the market-led reference has otherwise, and a Lead that is another there."""
    cells = [("product-launch", "engineering", Level.SUPPORT), ("identify-market-need", "engineering", Level.SUPPORT)]
    for seen, (activity, role, level) in enumerate([*cells, ("win-loss-analysis", "sales", Level.LEAD)], start=1):
        set_level(
            matrix=matrix.pk,
            sender=Sender(owner),
            activity=matrix.activities.get(origin=activity).pk,
            role=matrix.roles.get(origin=role).pk,
            level=level,
            seen=seen,
        )
    return matrix


@pytest.fixture
def page(new_page, live_server, owner, differing) -> Page:
    page = new_page(owner, reduced_motion="reduce")
    page.goto(live_server.url + reverse("compare", args=[differing.workspace_id, differing.pk]))
    page.wait_for_load_state("networkidle")
    return page


def focused(page: Page) -> str:
    return " ".join(page.evaluate("document.activeElement.textContent").split())


def tab_to(page: Page, text: str) -> None:
    """Goes on by Tab until something that begins with this has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page).startswith(text):
            return
    pytest.fail(f"Tab never comes to “{text}”")


def toast(page: Page):
    return page.locator("#toasts [data-toast]")


def kept(matrix, name: str) -> list[str]:
    departures = Activity.objects.get(matrix=matrix, name=name).departures
    return [departure["reason"] for departure in departures.values()]


def test_a_reference_is_taken_and_undone_by_keyboard_alone(page, differing):
    tab_to(page, f"Use the reference: {NEED}")
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text(NEED)
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 3 of 72 cells.")
    expect(page.locator(":focus")).to_contain_text("Use the reference: Win/Loss Analysis")
    page.evaluate("document.body.dataset.same = 'yes'")
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text("Undone.")
    expect(page.locator("body[data-same]")).to_have_count(1)  # in place: the page was not loaded again
    expect(page.locator(":focus")).to_contain_text(f"Use the reference: {NEED}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compared with market-led")
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 4 of 72 cells.")


def test_ours_is_kept_with_a_reason_and_the_reason_changed_by_keyboard_alone(page, differing):
    tab_to(page, f"Keep ours: {LAUNCH}")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why do you keep yours?")).to_be_focused()
    assert objections(page) == []
    page.keyboard.type("An engineer is on call.")
    tab_to(page, "Keep ours")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kept for a reason 1")).to_be_visible()
    expect(page.locator(":focus")).to_contain_text("Use the reference")
    assert kept(differing, LAUNCH) == ["An engineer is on call."]
    tab_to(page, "Change")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why do you keep yours?")).to_have_value("An engineer is on call.")
    page.keyboard.press("Control+a")
    page.keyboard.type("Somebody is on call.")
    page.keyboard.press("Tab")
    page.keyboard.type("01312000")
    page.get_by_role("button", name="Keep ours", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".errorlist")).to_contain_text("That day has passed.")
    expect(page.get_by_label("Why do you keep yours?")).to_have_value("Somebody is on call.")
    expect(page.get_by_label("Until")).to_be_focused()
    assert objections(page) == []
    page.keyboard.type("01312099")
    page.get_by_role("button", name="Keep ours", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".kept-why")).to_contain_text("Somebody is on call. Olive Owner, until 31 Jan 2099.")
    expect(page.locator(":focus")).to_have_text(re.compile(r"Change the reason for Product Launch"))
    assert objections(page) == []


def test_cancel_closes_the_form_and_the_focus_is_where_it_was(page):
    tab_to(page, f"Keep ours: {LAUNCH}")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why do you keep yours?")).to_be_focused()
    tab_to(page, "Cancel")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why do you keep yours?")).to_have_count(0)
    expect(page.locator(":focus")).to_contain_text(f"Keep ours: {LAUNCH}")


def test_once_all_is_decided_the_focus_stays_on_the_page_and_what_is_kept_is_decided_again(page):
    for _ in range(3):
        page.get_by_role("button", name="Use the reference").first.focus()
        before = page.locator("#compare-lede").text_content()
        page.keyboard.press("Enter")
        expect(page.locator("#compare-lede")).not_to_have_text(before)
    expect(page.get_by_role("heading", name="No difference")).to_be_focused()


def test_without_script_it_is_all_there(new_page, live_server, owner, differing):
    page = new_page(owner, java_script_enabled=False)
    page.goto(live_server.url + reverse("compare", args=[differing.workspace_id, differing.pk]))
    page.get_by_role("link", name=re.compile(f"Keep ours.*{LAUNCH}")).click()
    page.get_by_label("Why do you keep yours?").fill("An engineer is on call.")
    page.get_by_role("button", name="Keep ours", exact=True).click()
    expect(page.get_by_role("heading", name="Kept for a reason 1")).to_be_visible()
    page.get_by_role("button", name="Decide again").click()
    expect(page.get_by_role("heading", name="Kept for a reason")).to_have_count(0)
    page.get_by_role("button", name=re.compile(f"Use the reference.*{LAUNCH}")).click()
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 3 of 72 cells.")
    page.get_by_role("link", name="Sales-led", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compared with sales-led")


def test_what_was_decided_is_taken_back_and_done_again_by_keys_where_one_is(page, differing):
    page.set_viewport_size({"width": 1024, "height": 300})
    page.get_by_role("button", name=re.compile(f"Use the reference.*{LAUNCH}")).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 3 of 72 cells.")
    page.keyboard.press("Control+z")
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 4 of 72 cells.")
    expect(page.locator(":focus")).to_contain_text(f"Use the reference: {LAUNCH}")
    assert page.evaluate("scrollY") > 0
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 3 of 72 cells.")


def test_what_is_typed_stays_while_another_is_decided_and_taken_back(page, differing):
    page.get_by_role("link", name=re.compile(f"Keep ours.*{LAUNCH}")).click()
    why = page.get_by_label("Why do you keep yours?")
    expect(why).to_be_focused()
    page.keyboard.type("Half a sen")
    page.get_by_role("link", name=re.compile("Keep ours.*Win")).click()
    expect(why).to_have_count(2)
    expect(page.locator(":focus")).to_have_value("")
    page.get_by_role("button", name=re.compile(f"Use the reference.*{NEED}")).click()
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 3 of 72 cells.")
    expect(why).to_have_count(2)
    assert sorted(field.input_value() for field in why.all()) == ["", "Half a sen"]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 4 of 72 cells.")
    assert sorted(field.input_value() for field in why.all()) == ["", "Half a sen"]
    why.first.focus()
    page.keyboard.type("x")
    page.keyboard.press("Control+z")  # the text, and not the matrix
    expect(page.locator("#compare-lede")).to_contain_text("You differ in 4 of 72 cells.")
    page.get_by_role("button", name="Keep ours", exact=True).last.click()
    expect(page.locator("#differences form.reason")).to_have_count(2)  # one of them asks for a reason
    assert objections(page) == []
