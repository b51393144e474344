"""Whom to ask, in a browser: answers come while one types, stand in the address, and anybody can read them."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from raci.matrices.operations import Sender
from raci.matrices.structure import edit_role
from raci.publishing.versions import publish
from tests.browser.test_pages import objections


@pytest.fixture
def published(matrix, owner):
    role, values = matrix.roles.first(), {"contact": "product@example.org", "people": ["Ann Lee"]}
    done = edit_role(matrix=matrix.pk, sender=Sender(owner), role=role.pk, values=values, seen=matrix.revision)
    publish(matrix=done.matrix, sender=Sender(owner), seen=done.matrix.revision)
    return matrix


def test_answers_come_while_one_types_and_the_field_keeps_the_focus(new_page, live_server, viewer, published):
    page = new_page(viewer)
    page.goto(live_server.url + reverse("find", args=[viewer.workspace_id]))
    field = page.get_by_role("searchbox", name="Who do I ask about")
    expect(field).to_be_focused()
    page.keyboard.type("roadm")
    expect(page.locator(".who-item")).to_have_count(2)
    expect(page.locator(".who-item").first).to_contain_text("Ann Lee")
    expect(page.locator("#answers-count")).to_have_text("2 answers")
    expect(page).to_have_url(re.compile(r"\?q=roadm$"))
    expect(field).to_be_focused()
    field.fill("zebra")
    expect(page.locator("#answers")).to_contain_text("Nothing here goes by “zebra”.")
    page.reload()
    expect(field).to_have_value("zebra")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_objects_to_nothing_among_the_answers(new_page, live_server, viewer, published, width, theme):
    page = new_page(viewer, viewport={"width": width, "height": 844}, color_scheme=theme)
    page.goto(live_server.url + reverse("find", args=[viewer.workspace_id]) + "?q=market")
    expect(page.locator(".who-item").first).to_be_visible()
    assert objections(page) == []
