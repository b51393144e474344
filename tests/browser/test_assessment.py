"""An assessment from end to end: its opener and three guests, each in a browser of their own, one on a phone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from culture.asking import answers_of, close, join, open_assessment
from culture.entries import Function
from culture.models import Assessment, Respondent
from raci.workspaces.links import new_token
from tests.browser.test_pages import objections

QUESTIONS = [function.label for function in Function]
GUESTS = {"Gina Guest": "Sales", "Hugo Guest": "Engineering", "Iris Guest": "Finance"}


def heard(page: Page) -> list[str]:
    """The bodies of all answers of the server to this page, from now on."""
    bodies: list[str] = []

    def listen(response):
        if "/static/" not in response.url and not 300 <= response.status < 400:
            bodies.append(response.text())

    page.on("response", listen)
    return bodies


def choose(page: Page, letter: str) -> None:
    page.locator("label.choice", has=page.locator(f'.choice-mark:text-is("{letter}")')).click()


def answer_four(page: Page, letters: str) -> None:
    for letter, title in zip(letters, QUESTIONS, strict=True):
        expect(page.locator(".question-title")).to_have_text(title)
        choose(page, letter)
        page.locator(".question-foot .is-primary").click()


def say_name(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    known = page.locator("option").all_inner_texts()
    group = GUESTS[name]
    page.get_by_label("The function you work in").select_option(label=group if group in known else "Another")
    if group not in known:
        page.get_by_label("Its name").fill(group)
    page.get_by_role("button", name="Begin").click()


def open_together(page: Page, url: str, member) -> str:
    page.goto(url + reverse("assessments", args=[member.workspace_id]))
    page.get_by_role("link", name="Assess your culture").click()
    page.get_by_label("With others, by a link").check()
    page.get_by_role("button", name="Begin").click()
    return page.get_by_label("The link", exact=True).input_value()


@pytest.mark.django_db(transaction=True)
def test_an_opener_and_three_guests_answer_blindly_and_read_the_result(new_page, live_server, seeded, editor):
    opener = new_page(editor)
    bodies = {"Eddie Editor": heard(opener)}
    link = open_together(opener, live_server.url, editor)
    overview = opener.url
    guests = {}
    for name, options in zip(
        GUESTS, ({"viewport": {"width": 390, "height": 844}, "has_touch": True}, {}, {}), strict=True
    ):
        guests[name] = page = new_page(**options)
        bodies[name] = heard(page)
        sent: list[str] = []
        page.on("request", lambda request, sent=sent: sent.append(request.headers.get("referer", "")))
        page.goto(link)
        assert link.split("/")[-2] not in page.url
        say_name(page, name)
        answer_four(page, "ABC–" if name == "Gina Guest" else "CAAB")
        expect(page.get_by_role("heading", name=f"Thank you, {name}")).to_be_visible()
        assert not [referer for referer in sent if link.split("/")[-2] in referer]

    # Until here nobody has heard of anybody's answers, and guests of no other guest.
    opener.goto(overview)
    expect(opener.get_by_text("3 of 3 have given all four answers")).to_be_visible()
    for name, said in bodies.items():
        for other in GUESTS.keys() - {name}:
            assert name == "Eddie Editor" or other not in "".join(said)
        assert not re.search(r"\d of 12|(Technology|Sales|Market)-led,", "".join(said))
    opener.goto(f"{overview}result/")
    expect(opener.get_by_text("Answer first, then read")).to_be_visible()

    opener.goto(overview)
    opener.get_by_role("link", name="Answer the four questions").click()
    answer_four(opener, "ABCA")
    assert opener.url == f"{overview}result/"
    expect(opener.get_by_text("Gina Guest").first).to_be_attached()

    phone = guests["Gina Guest"]
    phone.get_by_role("link", name="Change my answers").click()
    choose(phone, "B")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("heading", name="Thank you, Gina Guest")).to_be_visible()

    opener.goto(overview)
    opener.get_by_role("button", name="Close the assessment").click()
    opener.get_by_label("Share the result with those who answered by the link").check()
    opener.get_by_role("button", name="Close it").click()
    expect(opener.get_by_text("They can read the result where they answered.")).to_be_visible()
    phone.reload()
    phone.get_by_role("link", name="Read the result").click()
    expect(phone.get_by_text("16 answers").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert new_page().goto(link).status == 410
    assert {one.name: len(answers_of(one)) for one in Respondent.objects.all()} == dict.fromkeys(
        [*GUESTS, "Eddie Editor"], 4
    )


@pytest.mark.django_db(transaction=True)
def test_the_questions_can_be_answered_by_keyboard_alone(new_page, live_server, seeded, editor):
    page = new_page(editor)
    page.goto(live_server.url + reverse("assessment_new", args=[editor.workspace_id]))
    page.get_by_label("Title").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # on my own
    page.keyboard.press("Enter")
    for title in QUESTIONS:
        expect(page.locator(".question-title")).to_have_text(title)
        page.locator('[name="first"]').first.focus()
        page.keyboard.press("ArrowDown")  # B
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")  # from "No other" to A
        page.keyboard.press("Enter")
    page.wait_for_url("**/result/")
    for choice in answers_of(Respondent.objects.get()).values():
        assert None not in (choice.first, choice.second)


@pytest.mark.django_db(transaction=True)
def test_what_fits_as_well_is_asked_once_something_fits_and_does_not_offer_it_again(
    new_page, live_server, seeded, editor
):
    page = new_page(editor)
    page.goto(live_server.url + reverse("assessment_new", args=[editor.workspace_id]))
    page.get_by_label("On my own").check()
    page.get_by_role("button", name="Begin").click()
    second = page.locator(".second-choice")
    expect(second).to_be_hidden()
    choose(page, "B")
    expect(second).to_be_visible()
    for label in ("No other", "A", "C"):
        expect(second.get_by_text(label, exact=True)).to_be_visible()
    expect(second.get_by_text("B", exact=True)).to_be_hidden()
    choose(page, "–")
    expect(second).to_be_hidden()


@pytest.mark.django_db(transaction=True)
def test_the_link_is_copied_by_a_button_and_selected_where_that_is_not_allowed(new_page, live_server, seeded, editor):
    page = new_page(editor)
    link = open_together(page, live_server.url, editor)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject() }")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("copy it yourself")).to_be_visible()
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == link
    assert Assessment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_scripts_all_of_it_works(new_page, live_server, seeded, editor):
    page, guest = (new_page(member, java_script_enabled=False) for member in (editor, None))
    link = open_together(page, live_server.url, editor)
    expect(page.get_by_role("button", name="Copy the link")).to_be_hidden()
    guest.goto(link)
    say_name(guest, "Gina Guest")
    answer_four(guest, "ABC–")
    expect(guest.get_by_role("heading", name="Thank you, Gina Guest")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390), ("light", 1024)]
)
@pytest.mark.django_db(transaction=True)
def test_no_page_of_an_assessment_is_objected_to_or_cut_off(new_page, live_server, seeded, editor, theme, width):
    looks = {"color_scheme": theme, "viewport": {"width": width, "height": 844}}
    page, guest, found = new_page(editor, **looks), new_page(**looks), []
    place = [editor.workspace_id]

    def look(one: Page, path: str) -> None:
        one.goto(live_server.url + path)
        found.extend(objections(one))

    look(page, reverse("assessments", args=place))
    look(page, reverse("assessment_new", args=place))
    link = open_together(page, live_server.url, editor)
    found.extend(objections(page))
    row = Assessment.objects.get()
    join(link_token=link.split("/")[-2], name="Gina " + "Guest" * 20, group="Finance" * 9, token=new_token())
    look(guest, reverse("assessment_link", args=[new_token()]))
    guest.goto(link)
    found.extend(objections(guest))
    guest.get_by_role("button", name="Begin").click()
    guest.get_by_label("The function you work in").select_option(label="Another")
    found.extend(objections(guest))
    say_name(guest, "Iris Guest")
    found.extend(objections(guest))
    guest.locator(".question-foot .is-primary").click()
    expect(guest.get_by_role("alert")).to_be_visible()
    found.extend(objections(guest))
    look(guest, reverse("guest_assessment", args=[row.pk]))
    guest.get_by_role("link", name="Begin").click()
    answer_four(guest, "ABCA")
    found.extend(objections(guest))
    for name in ("assessment", "assessment_result"):
        look(page, reverse(name, args=[*place, row.pk]))
    look(page, reverse("assessment_question", args=[*place, row.pk, Function.MARKETING_STRATEGY]))
    choose(page, "A")
    found.extend(objections(page))
    open_assessment(by=editor, title="Alone", asks_others=False)
    look(page, reverse("assessments", args=place))
    close(assessment=row.pk, by=editor, share=True)
    look(page, reverse("assessment", args=[*place, row.pk]))
    for name in ("guest_assessment", "guest_result"):
        look(guest, reverse(name, args=[row.pk]))
    assert not found, "\n".join(found)
