"""A session held by keyboard, and followed by others on their own devices."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from raci.matrices.models import Activity, Matrix
from raci.matrices.operations import Sender
from raci.matrices.people import answer_for, take_part
from raci.publishing.models import SignOff, Version
from raci.reviews.models import Decision, Item, Participant, Review
from tests.factories import make_matrix
from tests.matrices.reading import roles_of
from tests.reviews.holding import decide, do, planned, running


@pytest.fixture
def small(owner, editor, viewer):
    """A matrix whose three roles are answered for."""
    made = make_matrix(owner, "LSI", "SLI", ".SL", "LIS")
    for role, member in zip(roles_of(made), (owner, editor, viewer), strict=True):
        done = take_part(matrix=made.pk, sender=Sender(owner), role=role.pk, user=member.user_id)
        answer_for(matrix=made.pk, sender=Sender(owner), role=role.pk, user=member.user_id, seen=done.matrix.revision)
    return Matrix.objects.get(pk=made.pk)


@pytest.fixture
def open_session(new_page, live_server):
    def opened(member, review, *, link="stream", **options) -> Page:
        page = new_page(member, **options)
        if link != "stream":
            page.route(re.compile("/stream/"), lambda route: route.fulfill(status=204))
        page.goto(live_server.url + reverse("session", args=[review.matrix.workspace_id, review.matrix_id, review.pk]))
        page.locator(f'main[data-link="{link}"]').wait_for(state="attached")
        return page

    return opened


def shows(page: Page, name: str) -> None:
    expect(page.locator("h1")).to_have_text(name)


def press(page: Page, *keys: str) -> None:
    """Presses keys as somebody does who looks at what came to the screen first."""
    page.wait_for_timeout(450)
    for key in keys:
        page.keyboard.press(key)


def test_a_whole_review_from_its_start_to_the_published_version(
    small, owner, editor, viewer, open_session, live_server
):
    review = planned(small, 0, 1, asked=(owner, editor, viewer))
    Review.objects.filter(pk=review.pk).update(step=1)  # somebody has seen to its agenda: it stays
    lead = open_session(owner, review)
    one, two = open_session(editor, review), open_session(viewer, review)
    everyone = (lead, one, two)
    for page in everyone:
        expect(page.locator("main")).to_contain_text("The session has not begun.")

    press(lead, "s")
    for page in everyone:
        shows(page, "Activity 1")
    expect(lead.locator(".signoff")).to_contain_text("Vic Viewer")
    expect(lead.locator(".signoff-state.is-here")).to_have_count(3)
    assert Participant.objects.filter(review=review, came_at=None).count() == 0

    press(lead, "k")
    for page in everyone:
        shows(page, "Activity 2")
        expect(page.locator(".rail")).to_contain_text("Role 1 leads it, as before")

    press(lead, "p")
    for page in everyone:
        expect(page.locator("#session-notice")).to_contain_text("The session is paused.")
    two.reload()
    shows(two, "Activity 2")
    expect(two.locator("#session-notice")).to_contain_text("The session is paused.")
    press(lead, "p")
    for page in everyone:
        expect(page.locator("#session-notice")).not_to_contain_text("paused")

    press(lead, "a")
    expect(lead.locator("#dialog")).to_contain_text("Another role leads")
    press(lead, "2", "Enter")
    for page in everyone:
        shows(page, "The rest")
    assert Decision.objects.get(review=review, kind="lead").lead_name == "Role 3"

    press(lead, "ArrowLeft")
    shows(lead, "Activity 2")
    shows(two, "Activity 2")
    expect(lead.locator(".stage-decided")).to_contain_text("Decided: Role 3 leads it.")
    press(lead, "Control+z")
    expect(lead.locator(".stage-decided")).to_have_count(0)
    expect(two.locator(".assignment li").nth(1)).to_contain_text("Lead")

    press(lead, "f")
    expect(lead.locator("#dialog")).to_contain_text("Someone finds out")
    lead.keyboard.type("Eddie")
    lead.locator("#dialog button[type=submit]").focus()
    lead.keyboard.press("Enter")
    for page in everyone:
        shows(page, "The rest")
        expect(page.locator(".rail")).to_contain_text("Eddie Editor finds out by")

    press(lead, "k")  # once too often: nothing is confirmed unread
    shows(lead, "The rest")
    assert not Decision.objects.filter(together=True).exists()
    press(lead, "c")
    for page in everyone:
        expect(page.locator(".stage-lede")).to_contain_text("Confirmed together")
    press(lead, "e")
    expect(lead.locator("h1")).to_have_text("End the session")
    lead.get_by_role("button", name="End the session").focus()
    lead.keyboard.press("Enter")
    expect(lead.locator("main")).to_contain_text("0 of 3 roles signed")

    for page, role in ((lead, "Role 1"), (one, "Role 2"), (two, "Role 3")):
        if page is not lead:
            page.get_by_role("link", name="See the result").click()
        sign = page.get_by_role("button", name=f"Sign for {role}")
        sign.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=f"Sign for {role}")).to_have_count(0)
    assert SignOff.objects.filter(matrix=small).count() == 3

    lead.reload()
    publish = lead.get_by_role("button", name="Publish version 1")
    publish.focus()
    lead.keyboard.press("Enter")
    expect(lead.locator("h1")).not_to_have_text(review.title)
    assert Review.objects.get(pk=review.pk).version == Version.objects.get(matrix=small)


def test_two_facilitators_never_overwrite_each_other(small, owner, editor, open_session):
    review = running(small, owner, 0, 1)
    one, two = open_session(owner, review), open_session(editor, review)
    for page in (one, two):  # what the other does reaches neither page by itself
        page.route(re.compile("/now/"), lambda route: route.fulfill(status=204))
    decide(review, editor, 0, "lead", lead=1)
    press(one, "k")
    expect(one.locator("#session-refusal")).to_contain_text("Eddie Editor decided on “Activity 1” a moment before")
    shows(one, "Activity 2")
    do("move", review, owner, to="rest")
    press(two, "ArrowRight")
    expect(two.locator("#session-refusal")).to_contain_text("the rest is on the screen. Nothing was changed.")
    shows(two, "The rest")
    two.unroute(re.compile("/now/"))
    do("move", review, owner, to="previous")
    shows(two, "Activity 2")  # followed, and why nothing was done still stands there
    expect(two.locator("#session-refusal")).to_contain_text("Nothing was changed.")
    press(two, "ArrowRight")
    shows(two, "The rest")
    expect(two.locator("#session-refusal")).to_be_empty()
    assert Decision.objects.filter(review=review, taken_back_at=None).get().kind == "lead"


def test_a_page_without_a_stream_asks_and_follows_all_the_same(small, owner, viewer, open_session):
    review = running(small, owner, 0, 1)
    page = open_session(viewer, review, link="poll")
    shows(page, "Activity 1")
    do("move", review, owner, to="next")
    shows(page, "Activity 2")


def test_what_is_typed_in_a_dialog_survives_what_others_do(small, owner, editor, open_session):
    review = running(small, owner, 0, 1)
    page = open_session(owner, review)
    press(page, "n")
    page.locator("#dialog textarea").fill("They carry the price list.")
    decide(review, editor, 1)
    expect(page.locator(".rail")).to_contain_text("Role 2 leads it, as before")
    expect(page.locator("#dialog textarea")).to_have_value("They carry the price list.")
    page.locator("#dialog button[type=submit]").click()
    expect(page.locator("#dialog")).to_be_hidden()
    assert Decision.objects.get(review=review, activity=review.item.activity).note == "They carry the price list."


def test_an_arrow_pressed_twice_at_once_is_no_conflict(small, owner, open_session):
    review = running(small, owner, 0, 1, 2)
    page = open_session(owner, review)
    press(page, "ArrowRight", "ArrowRight")
    expect(page.locator("h1")).not_to_have_text("Activity 1")
    page.wait_for_timeout(300)
    assert "moment before" not in page.locator("#session-refusal").inner_text()


def test_keys_that_are_typed_into_a_note_decide_nothing(small, owner, open_session):
    review = running(small, owner, 0, 1)
    page = open_session(owner, review)
    press(page, "n")
    page.locator("#dialog textarea").press_sequentially("k 1 p o")
    expect(page.locator("#dialog textarea")).to_have_value("k 1 p o")
    page.keyboard.press("Escape")
    assert not Decision.objects.exists()
    assert Review.objects.get(pk=review.pk).state == "running"


def test_every_key_is_listed_and_every_control_shows_its_own(small, owner, open_session):
    review = running(small, owner, 0, 1)
    page = open_session(owner, review)
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    listed = set("".join(page.locator("#keys dt").all_text_contents()))
    page.keyboard.press("Escape")
    for control in page.locator("[data-key]").all():
        key = control.get_attribute("data-key")
        expect(control).to_be_visible()
        assert {"arrowleft": "←", "arrowright": "→"}.get(key, key.upper()) in listed


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (390, 844)])
def test_it_fits_projectors_and_telephones(small, owner, open_session, width, height):
    Activity.objects.filter(matrix=small).update(name="Competitive-Intelligence-and-everything-that-belongs-to-it")
    page = open_session(owner, running(small, owner, 0, 1), viewport={"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width > 1000:
        expect(page.locator(".decide")).to_be_in_viewport(ratio=1)


def test_it_works_without_a_script(small, owner, new_page, live_server):
    review = running(small, owner, 0, 1)
    page = new_page(owner, java_script_enabled=False)
    page.goto(live_server.url + reverse("session", args=[small.workspace_id, small.pk, review.pk]))
    page.get_by_role("link", name="Another role leads").click()
    page.get_by_label("Role 2").check()
    page.get_by_role("button", name="Decide").click()
    shows(page, "Activity 2")
    page.locator("#decide-keep").click()
    shows(page, "The rest")
    expect(page.get_by_role("link", name="Where are they now?")).to_be_visible()
    page.get_by_role("button", name="Confirm all of them").click()
    expect(page.locator("main")).to_contain_text("Confirmed together")


def test_a_decision_is_sent_from_its_note_by_keyboard(small, owner, open_session):
    review = running(small, owner, 0, 1)
    page = open_session(owner, review)
    press(page, "n")
    page.locator("#dialog textarea").press_sequentially("They carry it.")
    page.keyboard.press("Control+Enter")
    shows(page, "Activity 2")
    assert Decision.objects.get(review=review).note == "They carry it."


def test_the_name_of_somebody_without_an_account_is_asked_for_where_it_is_needed(small, owner, open_session):
    review = running(small, owner, 0, 1)
    page = open_session(owner, review)
    press(page, "f")
    name = page.get_by_label("Their name, without an account")
    expect(page.get_by_label("Who finds out")).to_have_value(str(owner.user_id))  # answers for the Lead
    expect(name).to_be_hidden()
    page.get_by_label("Who finds out").select_option("Somebody without an account")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog")).to_contain_text("Write their name.")
    name.fill("Noor")
    page.keyboard.press("Control+Enter")
    shows(page, "Activity 2")
    assert Decision.objects.get(review=review).owner_name == "Noor"


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1440, 900), (1280, 720)])
def test_before_it_begins_what_is_waited_for_is_in_sight(small, owner, open_session, width, height):
    title = "The review of everything that we agreed on in spring, and of all that has come up since then: who leads it"
    page = open_session(owner, planned(small, 0, title=title), viewport={"width": width, "height": height})
    for part in ("h1", ".stage-lede", "#session-start"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    text, foot = page.locator(".stage-lede").bounding_box(), page.locator(".decide").bounding_box()
    assert text["y"] + text["height"] <= foot["y"]
    assert foot["height"] < height / 4


def test_the_agenda_and_who_signs_stay_in_sight_however_long_it_is(owner, open_session):
    long = "A very long name of an activity that everybody knows and nobody has ever shortened"
    matrix = make_matrix(owner, *["LSI"] * 18)
    Activity.objects.filter(matrix=matrix).update(name=long)
    review = running(matrix, owner, *range(18))
    for row in range(12):
        decide(review, owner, row)
    page = open_session(owner, review, viewport={"width": 1280, "height": 720})
    expect(page.locator(".rail [aria-current]")).to_be_in_viewport(ratio=1)
    expect(page.locator("#sign-title")).to_be_in_viewport(ratio=1)
    press(page, "k")
    expect(page.locator(".rail [aria-current] .rail-mark")).to_have_text("14")
    expect(page.locator(".rail [aria-current]")).to_be_in_viewport(ratio=1)


def test_what_does_not_fit_is_announced_and_reached_by_keyboard(small, owner, open_session):
    review = running(small, owner, 0, 1)
    why = [{"rule": "D2", "text": f"The departure for role {place} ended. " * 4} for place in range(12)]
    Item.objects.filter(review=review, pk=review.item_id).update(reasons=why)
    page = open_session(owner, review, viewport={"width": 1280, "height": 720})
    more = page.get_by_role("button", name="More below")
    expect(more).to_be_visible()
    for _ in range(6):
        press(page, "Space")
    expect(more).to_be_hidden()
    expect(page.get_by_text(why[-1]["text"].strip()).last).to_be_in_viewport()
    press(page, "ArrowRight")
    shows(page, "Activity 2")
    expect(more).to_be_hidden()
