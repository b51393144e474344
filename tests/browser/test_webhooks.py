"""Webhooks on the page of a letter, in every state, and an address that comes back: on a screen and on a phone."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from raci.publishing.models import Posting, Webhook
from raci.publishing.webhooks import SALT
from raci.web.sealed import seal
from tests.browser.test_pages import objections
from tests.factories import make_matrix
from tests.publishing.making import publish

STATES = [
    ("hooks.example.org", {"sent_at": timezone.now()}),
    ("hooks.example.org", {"failed_at": timezone.now(), "error": "The server refused it: 404."}),
    ("a-long-name-of-a-chat-tool-of-ours.chat.example.org", {"error": "The server took too long to answer."}),
    ("chat.example.org", None),
]


@pytest.fixture
def letter(owner) -> str:
    matrix = make_matrix(owner, "LS", "SL")
    version = publish(matrix, owner)
    for host, state in STATES:
        address = seal(f"https://{host}/x", salt=SALT)
        hook = Webhook.objects.create(matrix=matrix, host=host, address=address, by=owner.user)
        if state is not None:
            Posting.objects.create(webhook=hook, version=version, text="News.", **state)
    return reverse("letter", args=[matrix.workspace_id, matrix.pk, 1])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_webhooks_have_nothing_axe_objects_to_and_a_wrong_address_can_be_mended(
    new_page, live_server, owner, letter, width, theme
):
    page = new_page(owner, viewport={"width": width, "height": 844}, color_scheme=theme)
    page.goto(live_server.url + letter)
    hooks = page.locator("#webhooks")
    expect(hooks.get_by_role("listitem")).to_have_count(len(STATES))
    hooks.get_by_text("Add a webhook").click()
    found = objections(page)
    hooks.get_by_label("Address of the webhook").fill("https://127.0.0.1/x")
    hooks.get_by_role("button", name="Add it").click()
    field = page.get_by_label("Address of the webhook")
    expect(field).to_have_value("https://127.0.0.1/x")
    expect(page.get_by_text("There is no public server at that address.")).to_be_visible()
    assert [*found, *objections(page)] == []
