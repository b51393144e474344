"""Webhooks on the page of a letter: added, removed, posted to; and what became of each."""

import re

import pytest
import time_machine
from django.urls import reverse

from raci.matrices.models import Matrix
from raci.publishing import webhooks
from raci.publishing.models import Posting, Version, Webhook
from raci.publishing.postings import post_due
from tests.factories import make_matrix
from tests.matrices.operating import C, set_cell
from tests.publishing.making import publish
from tests.web.outside import HOST, PUBLIC

HOOK = f"https://{HOST}/services/T0/secret-part"


@pytest.fixture(autouse=True)
def _reachable(outside):
    outside.leads(HOST, PUBLIC)


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS", "SL")


@pytest.fixture
def version(small, owner) -> Version:
    return publish(small, owner)


def letter(matrix, number=1) -> str:
    return reverse("letter", args=[matrix.workspace_id, matrix.pk, number])


def add(matrix) -> str:
    return reverse("webhook_add", args=[matrix.workspace_id, matrix.pk])


def press_post(client, matrix):
    return client.post(reverse("webhook_post", args=[matrix.workspace_id, matrix.pk, 1]), follow=True)


def section(client, matrix) -> str:
    """The words about webhooks on the page of the letter."""
    page = client.get(letter(matrix)).content.decode()
    part = re.search(r'<section[^>]* id="webhooks".*?</section>', page, re.DOTALL)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_an_editor_adds_one_posts_the_letter_and_sees_what_became_of_it(small, version, editor, sign_in, outside):
    client = sign_in(editor)
    answer = client.post(add(small), {"version": "1", "address": HOOK}, follow=True)
    assert answer.redirect_chain == [(letter(small), 302)]
    assert f"The webhook at {HOST} is added." in answer.content.decode()
    assert f"{HOST} Not told of version 1" in section(client, small)
    assert "The letter is on its way to 1 webhook." in press_post(client, small).content.decode()
    assert "On its way" in section(client, small)
    post_due()
    assert f"{HOST} posted" in section(client, small)
    assert "Post the letter" not in section(client, small)
    assert "Every webhook has it already." in press_post(client, small).content.decode()
    assert len(outside.requests) == 1


def test_the_address_is_not_shown_again(small, version, editor, sign_in):
    webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    assert b"secret-part" not in sign_in(editor).get(letter(small)).content


def test_a_fault_is_said_and_what_failed_can_be_posted_again(small, version, editor, sign_in, outside):
    webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    client = sign_in(editor)
    outside.answer = b"HTTP/1.1 503 Later\r\n\r\n"
    press_post(client, small)
    post_due()
    said = section(client, small)
    assert "tried again soon The server had a fault: 503." in said
    assert "Post the letter" not in said
    outside.answer = b"HTTP/1.1 410 Gone\r\n\r\n"
    Posting.objects.update(claimed_until=None)
    post_due()
    said = section(client, small)
    assert "failed The server refused it: 410." in said
    assert "Post the letter" in said


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("", "Paste the address your chat tool gave you."),
        ("http://2130706433/", "That is no address that begins with https://."),
        ("https://2130706433/", "There is no public server at that address."),
        ("https://[::ffff:169.254.169.254]/", "There is no public server at that address."),
        (f"https://{HOST}/{'a' * 2000}", "An address has up to 2,000 characters."),
    ],
)
def test_an_address_that_cannot_be_one_comes_back_with_the_reason(
    small, version, editor, sign_in, outside, address, sentence
):
    answer = sign_in(editor).post(add(small), {"version": "1", "address": address})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{address}"' in page or not address
    assert letter(small) in page
    assert (Webhook.objects.count(), outside.hits) == (0, [])


def test_an_editor_removes_one(small, version, editor, sign_in):
    hook = webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    url = reverse("webhook_remove", args=[small.workspace_id, small.pk])
    answer = sign_in(editor).post(url, {"version": "1", "webhook": hook.pk}, follow=True)
    assert answer.redirect_chain == [(letter(small), 302)]
    assert "The webhook is removed." in answer.content.decode()
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999"])
def test_a_form_without_a_version_that_can_be_is_malformed(small, version, editor, sign_in, number):
    assert sign_in(editor).post(add(small), {"version": number, "address": HOOK}).status_code == 400


def test_a_version_that_is_not_there_is_a_404(small, version, editor, sign_in):
    client = sign_in(editor)
    assert client.post(add(small), {"version": "2", "address": HOOK}).status_code == 404
    assert client.post(reverse("webhook_post", args=[small.workspace_id, small.pk, 2])).status_code == 404
    assert not Webhook.objects.exists()


def test_a_matrix_with_five_offers_no_sixth(small, version, editor, sign_in):
    for number in range(5):
        webhooks.add(matrix=small.pk, address=f"{HOOK}{number}", by=editor)
    client = sign_in(editor)
    assert "Add a webhook" not in section(client, small)
    answer = client.post(add(small), {"version": "1", "address": HOOK})
    assert answer.status_code == 422
    assert "Remove one first." in answer.content.decode()


def test_two_at_one_host_are_told_apart_by_their_day(small, version, editor, sign_in):
    client = sign_in(editor)
    with time_machine.travel("2026-03-01T08:00:00Z", tick=False):
        webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    assert "added" not in section(client, small)
    with time_machine.travel("2026-03-02T09:30:00Z", tick=False):
        webhooks.add(matrix=small.pk, address=f"{HOOK}2", by=editor)
    said = section(client, small)
    assert f"{HOST} added 1 Mar 2026, 08:00 Not told" in said
    assert f"{HOST} added 2 Mar 2026, 09:30 Not told" in said


def test_who_may_not_post_sees_no_button_for_it(small, version, editor, viewer, sign_in):
    webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    answer = sign_in(viewer).get(letter(small))
    assert b"webhooks/" not in answer.content


def test_of_a_version_that_another_has_followed_nothing_is_posted(small, version, editor, sign_in):
    webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    set_cell(small, editor, 0, 1, C)
    publish(small, editor)
    client = sign_in(editor)
    assert b"Post the letter" not in client.get(letter(small)).content
    answer = press_post(client, small)
    assert answer.status_code == 409
    assert "Version 2 is published by now" in answer.content.decode()
