"""Pages of reviews in the states that those of the other pages do not show, in both themes, wide and on a phone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from raci.reviews import planning
from raci.reviews.models import Poll, Review
from raci.reviews.planning import Plan
from tests.browser.test_pages import objections
from tests.publishing.making import answers
from tests.reviews import ending, holding, polls

WIDE, PROJECTOR, PHONE = (1440, 900), (1920, 1080), (390, 844)
LONG = "Because whoever has the contact with the customer hears first what they need, and says so to the others. " * 3


@pytest.fixture
def poll(matrix, owner) -> Poll:
    """Closed, by function: two functions that can be told apart, and others that can't."""
    roles = list(matrix.roles.values_list("pk", flat=True))
    poll = polls.opened(owner, matrix, naming="function", title="Who leads what, by function?")
    health = {"done": "yes", "well": "partly", "on_time": "no", "skill": "no", "time": "partly"}
    for n, role in enumerate([roles[0]] * 3 + [roles[1]] * 4 + [roles[2], None, None]):
        said = ["nobody", roles[n % 3], "unknown", roles[0], roles[1], None] * 3
        polls.answered(poll, role, said, function="" if role else "Finance", health=health)
    polls.answered(poll, roles[3], [], sent=False)
    return polls.closed(poll, owner)


@pytest.fixture
def published(matrix, owner, viewer, poll) -> Review:
    """Signed by one of two who answer for a role, and published with what it left open."""
    answers(matrix, owner, 0)
    answers(matrix, viewer, 1, by=owner)
    review = holding.running(matrix, owner, 0, 1, 2, title="What was published", asked=(owner, viewer))
    Review.objects.filter(pk=review.pk).update(poll=poll)
    holding.decide(review, owner, 0, "lead", lead=2, note=LONG)
    holding.decide(review, owner, 1, "ask", owner=viewer.user_id, due=ending.IN_A_WEEK, note="Finance knows.")
    holding.confirm_rest(review, owner)
    ended = ending.end(review, owner, {2: ending.by(name="Jonas Weber")})
    ending.sign(ended, owner)
    ending.publish(ended, owner)
    return ending.fresh(review)


@pytest.fixture
def cancelled(matrix, owner, viewer) -> Review:
    at = {"matrix": matrix.pk, "by": owner}
    wanted = Plan(title="Off", at=timezone.now() + timedelta(days=7), place="Room 4", people=[viewer.user_id])
    return planning.cancel(**at, review=planning.plan(**at, wanted=wanted).pk)


@pytest.fixture
def paused(matrix, owner, published, poll) -> Review:
    review = holding.running(matrix, owner, 3, 4, 5, title="Paused now")
    Review.objects.filter(pk=review.pk).update(poll=poll)
    holding.decide(review, owner, 3, note=LONG)
    holding.do("pause", review, owner)
    return ending.fresh(review)


def viewport(size) -> dict[str, int]:
    return dict(zip(("width", "height"), size, strict=True))


def pages(matrix, paused, cancelled, published, poll) -> list[str]:
    ids = [matrix.workspace_id, matrix.pk]
    return [
        *(reverse("review", args=[*ids, review.pk]) for review in (paused, cancelled)),
        *(reverse("session", args=[*ids, review.pk]) for review in (paused, cancelled, published)),
        reverse("result", args=[*ids, published.pk]),
        reverse("poll", args=[*ids, poll.pk]),
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_nothing_is_objected_to_nor_cut_off(
    new_page, live_server, matrix, owner, viewer, paused, cancelled, published, poll, size, theme
):
    found = []
    for who in (owner, viewer):
        page = new_page(who, viewport=viewport(size), color_scheme=theme)
        for path in pages(matrix, paused, cancelled, published, poll):
            assert page.goto(live_server.url + path).status == 200, path
            found += objections(page)
    assert found == []


@pytest.mark.parametrize("is_facilitator", [True, False])
def test_a_paused_session_is_whole_on_a_projector(new_page, live_server, owner, viewer, paused, is_facilitator):
    page = new_page(owner if is_facilitator else viewer, viewport=viewport(PROJECTOR))
    page.goto(live_server.url + reverse("session", args=[paused.matrix.workspace_id, paused.matrix_id, paused.pk]))
    expect(page.locator("body")).to_contain_text("The session is paused")
    expect(page.locator("#session-go-on")).to_have_count(int(is_facilitator))
    assert objections(page) == []
