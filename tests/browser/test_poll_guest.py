"""A poll as it is answered: on a phone, without script, by keyboard; and each of its pages as axe sees it."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from raci.matrices.models import Activity, Role
from raci.reviews.models import Answer, Poll, Respondent
from raci.reviews.polling import close
from tests.browser.test_pages import cut_off, objections
from tests.factories import make_matrix
from tests.reviews.respondents import FUNCTION, asked, opened

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenmanufaktur" * 3


@pytest.fixture
def small(seeded, editor):
    return make_matrix(editor, "LS.", ".LI", "S.L", stages=1)


def link_of(opened, live_server) -> str:
    return live_server.url + reverse("poll_link", args=[opened.token])


def begin(page: Page, address: str, place: str = "Role 2", name: str = "Gina Guest") -> None:
    page.goto(address)
    if name:
        page.get_by_label("Your name").fill(name)
    page.get_by_label(place, exact=True).check()
    page.get_by_role("button", name="Begin").click()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_script", [True, False])
def test_somebody_answers_on_a_phone_with_and_without_script(new_page, live_server, small, editor, has_script):
    made = opened(small, editor)
    page = new_page(**PHONE, java_script_enabled=has_script)
    page.goto(link_of(made, live_server))
    assert made.token not in page.url
    begin(page, page.url)
    heading(page, "Activity 1")
    page.get_by_role("button", name="Role 3").click()
    heading(page, "Activity 2")
    page.get_by_role("link", name="Skip", exact=True).click()
    heading(page, "Activity 3")
    page.get_by_role("link", name="Say how it is going, too").click()
    page.get_by_role("button", name="Role 1").click()
    page.get_by_role("group", name="Is it done?").get_by_label("Partly").check()
    page.get_by_role("group", name="Has Role 1 the time?").get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Keep and go on").click()
    heading(page, "2 of 3 answered")
    page.get_by_role("button", name="Send my answers").click()
    heading(page, "Your answers are sent")
    page.get_by_role("link", name="Activity 2").click()
    page.get_by_role("button", name="Nobody").click()
    roles = asked(made.poll)[1]
    kept = Answer.objects.order_by("activity").values_list("said", "lead", "done", "time")
    assert list(kept) == [("role", roles[2], "", ""), ("nobody", None, "", ""), ("role", roles[0], "partly", "no")]
    assert Respondent.objects.get().submitted_at


@pytest.mark.django_db(transaction=True)
def test_it_can_be_answered_by_keyboard_alone(new_page, live_server, small, editor):
    made = opened(small, editor, FUNCTION)
    page = new_page()
    page.goto(link_of(made, live_server))
    page.get_by_label("Role 1", exact=True).focus()
    page.keyboard.press("ArrowDown")  # Role 2
    page.keyboard.press("Enter")
    for name in ("Activity 1", "Activity 2", "Activity 3"):
        heading(page, name)
        page.get_by_role("button", name="Role 1").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    heading(page, "All 3 answered")
    page.get_by_role("button", name="Send my answers").press("Enter")
    heading(page, "Your answers are sent")
    assert set(Answer.objects.values_list("lead", flat=True)) == {asked(made.poll)[1][1]}


@pytest.mark.django_db(transaction=True)
def test_after_not_done_nothing_more_is_asked(new_page, live_server, small, editor):
    page = new_page()
    begin(page, link_of(opened(small, editor), live_server))
    page.get_by_role("link", name="Say how it is going, too").click()
    page.get_by_role("button", name="Role 1").click()
    expect(page.get_by_role("group", name="Is it done well?")).to_be_visible()
    page.get_by_role("group", name="Is it done?").get_by_label("No", exact=True).check()
    expect(page.get_by_role("group", name="Is it done well?")).to_be_hidden()
    page.get_by_role("button", name="Keep and go on").click()
    heading(page, "Activity 2")
    assert page.url.endswith("?how=1")


@pytest.mark.django_db(transaction=True)
def test_another_function_is_named_in_a_field_that_shows_with_it(new_page, live_server, small, editor):
    page = new_page(**PHONE)
    page.goto(link_of(opened(small, editor), live_server))
    expect(page.get_by_label("What is it called?")).to_be_hidden()
    page.get_by_label("Another function").check()
    page.get_by_label("What is it called?").fill("Legal")
    page.get_by_label("Your name").fill("Gina Guest")
    page.get_by_role("button", name="Begin").click()
    heading(page, "Activity 1")
    assert Respondent.objects.get().function == "Legal"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_it_has_anything_axe_objects_to(new_page, live_server, small, editor, theme):
    made = opened(small, editor)
    page, found = new_page(**PHONE, color_scheme=theme), []
    page.goto(link_of(made, live_server))
    found += objections(page)
    page.get_by_role("button", name="Begin").click()
    found += objections(page)  # with what is wrong
    begin(page, link_of(made, live_server))
    found += objections(page)
    page.get_by_role("link", name="Say how it is going, too").click()
    page.get_by_role("button", name="Role 1").click()
    found += objections(page)
    page.get_by_role("link", name="Overview").click()
    page.get_by_text("Go on with another device").click()
    found += objections(page)
    page.get_by_role("button", name="Send my answers").click()
    found += objections(page)
    close(poll=made.poll.pk, by=editor)
    page.reload()
    heading(page, "This poll is closed")
    found += objections(page)
    page.get_by_role("button", name="Not you? Leave this page").click()
    heading(page, "This link does not open anything")
    assert found + objections(page) == []


@pytest.mark.django_db(transaction=True)
def test_long_names_widen_no_page(new_page, live_server, small, editor):
    Activity.objects.filter(matrix=small).update(name=LONG, description=f"{LONG} {LONG}")
    Role.objects.filter(matrix=small).update(name=LONG)
    made = opened(small, editor)
    Poll.objects.update(title=LONG)
    page, found = new_page(), []

    def look():
        for width in (320, 390, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            found.extend(cut_off(page))

    page.goto(link_of(made, live_server))
    look()
    page.get_by_label("Your name").fill(LONG)
    page.locator("[name=place]").first.check()
    page.get_by_role("button", name="Begin").click()
    look()
    page.get_by_role("link", name="Say how it is going, too").click()
    page.locator("[name=choice]").first.click()
    look()
    page.get_by_role("link", name="Overview").click()
    look()
    assert found == []
