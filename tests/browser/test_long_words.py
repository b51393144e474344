"""Names and reasons without a blank in them, as long as they may be: no page of what is published scrolls sideways."""

import re
from dataclasses import replace

import pytest
from django.urls import reverse

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, create_matrix
from raci.matrices.structure import edit_role
from raci.publishing import pages, subscriptions, upkeeping
from raci.publishing.models import Version
from raci.publishing.pages import Kind, Wanted
from tests.browser.test_pages import cut_off
from tests.factories import make_grid
from tests.publishing.making import answers, publish
from tests.publishing.sending import next_version, send, token_in

ADDRESS = f"{'m' * 60}@{'n' * 60}.{'p' * 60}.example"


def word(start: str, length: int = 200) -> str:
    return f"{start}{'w' * length}"[:length]


@pytest.fixture
def long(owner, viewer) -> Version:
    """The second version of a matrix with long words wherever there are words; a role was renamed since."""
    grid = make_grid("LSC", "CLS", "SIL", stages=1)
    grid = replace(
        grid,
        activities=tuple(
            replace(row, name=word(f"Do{row.id}"), description=word("About", 900)) for row in grid.activities
        ),
        roles=tuple(
            replace(role, name=word(f"Role{role.id}"), people=(word("Ann"),), purpose=word("For"), contact=word("At"))
            for role in grid.roles
        ),
        stages=tuple(replace(stage, name=word("Stage")) for stage in grid.stages),
    )
    matrix = create_matrix(sender=Sender(owner), name=word("Matrix", 150), grid=grid)
    answers(matrix, viewer, column=0, by=owner)
    version = next_version(publish(matrix, owner, note=word("Note", 300)), owner)
    role, seen = matrix.roles.last(), Matrix.objects.get(pk=matrix.pk).revision
    edit_role(matrix=matrix.pk, sender=Sender(owner), role=role.pk, values={"name": word("Renamed")}, seen=seen)
    upkeeping.declare_changed(matrix=matrix.pk, why=word("Because", 190), by=owner)
    pages.make(matrix=matrix.pk, by=owner, wanted=Wanted(name=word("Board")))
    subscriptions.subscribe(by=owner)
    return version


def for_members(version: Version) -> list[str]:
    workspace, matrix = version.matrix.workspace_id, version.matrix_id
    role, row = version.matrix.roles.first().pk, version.matrix.activities.first().pk
    of_version = ("version", "letter", "readers")
    of_matrix = ("versions", "upkeep", "shared_pages", "checks", "publish", "matrix")
    return [
        *(reverse(name, args=[workspace, matrix, version.number]) for name in of_version),
        *(reverse(name, args=[workspace, matrix]) for name in of_matrix),
        reverse("version_role", args=[workspace, matrix, version.number, role]),
        reverse("version_changes", args=[workspace, matrix]) + "?from=1&to=draft",
        reverse("activity", args=[workspace, matrix, row]),
        reverse("role", args=[workspace, matrix, role]),
        *(reverse(name, args=[workspace]) for name in ("matrices", "calendar", "find")),
        f"{reverse('find', args=[workspace])}?q=Do1",
        f"{reverse('version', args=[workspace, matrix, version.number])}?q=Do1",
    ]


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_for_members_scrolls_sideways(new_page, live_server, owner, long, width):
    page, found = new_page(owner, viewport={"width": width, "height": 844}), []
    send(long, owner, ADDRESS)
    for path in for_members(long):
        page.goto(live_server.url + path)
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        found += cut_off(page)
    page.goto(live_server.url + for_members(long)[1])
    page.get_by_label("All of them").check()
    page.get_by_label("Other people").fill(f"{ADDRESS.replace('m', 'k')}, {word('nonsense')}")
    page.get_by_role("button", name="See who gets it").click()
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    found += cut_off(page)
    assert found == []


@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_for_visitors_scrolls_sideways(new_page, live_server, owner, long, width):
    (message,) = send(long, owner, ADDRESS, about=long.matrix.roles.first().pk)
    kinds = [Wanted(shows_people=True), Wanted(kind=Kind.EMBED, origins="https://intranet.example")]
    shared, embedded = (pages.make(matrix=long.matrix_id, by=owner, wanted=wanted).token for wanted in kinds)
    page, found = new_page(viewport={"width": width, "height": 844}), []
    page.goto(live_server.url + reverse("shared_link", args=[shared]))
    page.wait_for_url(re.compile(r"/shared/\d+/$"))
    paths = [page.url, f"{page.url}?q=Do1", page.locator(".role-pages a").first.evaluate("link => link.href")]
    letter = reverse("letter_link", args=[token_in(message)])
    paths += [live_server.url + path for path in (letter, f"{letter}stop/", reverse("embed", args=[embedded]))]
    for path in paths:
        page.goto(path)
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        found += cut_off(page)
    assert found == []
