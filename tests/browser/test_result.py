"""The result of an assessment in a browser: readable by all, at each width, in both themes, and on one sheet of paper."""

import re

import pytest
from django.urls import reverse

from tests.browser.test_pages import objections
from tests.screens.test_assessment_result import SIX, assess

NEAR = {"A B": "ms m t -", "C D": "t t m m", "E F": "- - - -"}


@pytest.fixture
def results(owner):
    """A result beside an earlier one, a near tie with somebody beside the triangle, one of many people, one of none."""
    crowd = {f"Person {n}": "m s t -" if n % 3 else "m m s t" for n in range(40)}
    rows = [{"A B": "- - - -"}, SIX, NEAR, crowd]
    made = [assess(owner, one, days=50 - n, title=f"Round {n}") for n, one in enumerate(rows)]
    return [reverse("assessment_result", args=[one.workspace_id, one.pk]) for one in made]


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1024, "dark"), (390, "light")])
def test_axe_objects_to_nothing_on_a_result_and_it_does_not_scroll_sideways(
    new_page, live_server, owner, results, width, theme
):
    page = new_page(owner, viewport={"width": width, "height": 844}, color_scheme=theme)
    found = []
    for path in results:
        page.goto(live_server.url + path)
        for line in page.locator("main summary").all():
            line.click()
        found += objections(page)
    assert found == []


def test_a_result_is_printed_on_one_sheet_with_its_charts(new_page, live_server, owner, results):
    page = new_page(owner)
    page.goto(live_server.url + results[1])
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    page.emulate_media(media="print")
    assert page.locator(".ternary").is_visible()
    assert page.locator(".share-bar").first.is_visible()
    assert not page.get_by_role("button", name="Start from market-led").is_visible()


def test_starting_takes_one_click_and_the_keyboard_alone_is_enough(new_page, live_server, owner, results):
    page = new_page(owner)
    page.goto(live_server.url + results[1])
    page.get_by_role("button", name="Start from market-led").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/matrices/**")
    assert page.get_by_role("grid").is_visible()


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_axe_objects_to_nothing_on_the_advisor(new_page, live_server, owner, width, theme):
    page = new_page(owner, viewport={"width": width, "height": 844}, color_scheme=theme)
    page.goto(live_server.url + reverse("advisor", args=[owner.workspace_id]))
    assert not page.get_by_label("How many products is that for?").is_visible()
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("How many people is it the job of?").fill("1")
    page.get_by_label("How many products is that for?").fill("4")
    for answer in ("Grown: product and marketing are departments", "In part, or without data", "It was shaky"):
        page.get_by_label(answer).check()
    found = objections(page)
    page.get_by_role("button", name="See the answer").click()
    assert page.get_by_text("1 product marketer for 4 products").is_visible()
    page.get_by_role("button", name="Seen").first.click()
    assert page.get_by_text("ticked by").is_visible()
    page.get_by_text("Answer again").click()
    assert found + objections(page) == []
