"""Letters in a browser: nothing axe objects to, and a letter on its way from the press to the one who reads it."""

import pytest
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from raci.matrices.models import Role
from raci.matrices.operations import Sender
from raci.matrices.people import take_part
from raci.notices.models import Outbox
from raci.notices.sending import send_due
from raci.publishing.models import Receipt, Unsubscribed
from tests.browser.test_pages import objections
from tests.publishing.making import publish
from tests.publishing.sending import JON, MEI, next_version, put, send, token_in


@pytest.fixture
def version(matrix, owner, editor):
    """The second one; the editor fills a role."""
    role = Role.objects.filter(matrix=matrix)[1]
    take_part(matrix=matrix.pk, sender=Sender(owner), role=role.pk, user=editor.user_id)
    return next_version(publish(matrix, owner), owner)


def url(version, name="letter"):
    return reverse(name, args=[version.matrix.workspace_id, version.matrix_id, version.number])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_a_letter_has_anything_axe_objects_to(new_page, live_server, version, owner, width, theme):
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": theme}
    role = Role.objects.filter(matrix=version.matrix_id)[1]
    (message,) = send(version, owner, MEI, about=role.pk)
    put(version, owner, JON, "ann@example.org")
    Outbox.objects.filter(to=JON).update(failed_at=version.published_at, error="The mail server refused it: 550.")
    page, found = new_page(owner, **look), []
    for path in (url(version), url(version).replace("versions/2", "versions/1")):
        page.goto(live_server.url + path)
        found += objections(page)
    page.goto(live_server.url + url(version))
    page.get_by_label("Those who fill these roles").check()
    page.get_by_label("Other people").fill(f"{JON}, nonsense.org")
    found += objections(page)
    page.get_by_role("button", name="See who gets it").click()
    expect(page.get_by_text("Choose at least one role.")).to_be_visible()
    found += objections(page)
    page.get_by_label("All of them").check()
    page.get_by_role("button", name="See who gets it").click()
    page.get_by_text("1 person gets the letter, with the part of").click()
    found += objections(page)
    reader = new_page(**look)
    for name in ("letter_link", "letter_stop"):
        reader.goto(live_server.url + reverse(name, args=[token_in(message)]))
        found += objections(reader)
    reader.goto(live_server.url + reverse("letter_link", args=["none"]))
    found += objections(reader)
    assert found == []


def test_a_letter_goes_from_the_press_to_the_one_who_reads_it(new_page, live_server, version, owner):
    page = new_page(owner)
    page.goto(live_server.url + url(version))
    page.get_by_label("Subject").fill("Read this")
    page.get_by_label("None of them").check()
    page.get_by_label("Other people").fill(f"Mei <{MEI}>, {JON}")
    page.get_by_role("button", name="See who gets it").click()
    expect(page.get_by_role("heading", name="Read this")).to_be_visible()
    page.get_by_role("button", name="Back to the letter").click()
    expect(page.get_by_label("Other people")).to_have_value(f"Mei <{MEI}>, {JON}")
    page.get_by_role("button", name="See who gets it").click()
    page.get_by_role("button", name="Send it to 2 people").click()
    progress = page.locator("#progress")
    expect(progress).to_contain_text("0 of 2 sent, 2 still wait.")
    send_due()
    expect(progress).to_contain_text("2 of 2 sent.", timeout=10_000)  # by itself
    assert progress.get_attribute("hx-get") is None
    to_mei = next(message for message in mail.outbox if message.to == [MEI])
    reader = new_page()
    asked = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.goto(live_server.url + reverse("letter_link", args=[token_in(to_mei)]))
    reader.get_by_role("button", name="I have read this").click()
    expect(reader.get_by_role("heading", name="You have read it")).to_be_visible()
    assert Receipt.objects.get(address=MEI).read_at is not None
    assert not [url for url in asked[1:] if token_in(to_mei) in url]
    assert {url for url in asked if not url.startswith(live_server.url)} == set()
    reader.goto(live_server.url + reverse("letter_stop", args=[token_in(to_mei)]))
    reader.get_by_role("button", name="Send me no more").click()
    expect(reader.get_by_role("heading", name="No more letters", exact=True)).to_be_visible()
    assert Unsubscribed.objects.get().address == MEI
    reader.get_by_role("button", name="Send them again").click()
    expect(reader.get_by_role("heading", name="Letters come again")).to_be_visible()
    assert not Unsubscribed.objects.exists()


def test_the_letter_is_copied_as_text(new_page, live_server, version, owner):
    page = new_page(owner, permissions=["clipboard-read", "clipboard-write"])
    page.goto(live_server.url + url(version))
    page.get_by_role("button", name="Copy the text").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Version 2 of “Launch” is published.")


def test_without_script_a_letter_is_sent_and_the_page_loaded_again(new_page, live_server, version, owner):
    page = new_page(owner, java_script_enabled=False)
    page.goto(live_server.url + url(version))
    page.get_by_role("button", name="See who gets it").click()
    page.get_by_role("button", name="Send it to 2 people").click()
    expect(page.locator("#progress")).to_contain_text("Load the page again to see how far it is.")
    send_due()
    page.reload()
    expect(page.locator("#progress")).to_contain_text("2 of 2 sent.")
