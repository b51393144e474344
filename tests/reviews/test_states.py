"""What can be done with a poll and a review in which state, what it leads to, and why not otherwise."""

import pytest

from raci.reviews.states import (
    POLL_STEPS,
    REVIEW_STEPS,
    PollState,
    ReviewState,
    poll_after,
    poll_may,
    review_after,
    review_may,
)
from raci.web.refusals import Conflict

POLLS = {
    "open": {
        "ask": "open",
        "name": "open",
        "join": "open",
        "answer": "open",
        "remind": "open",
        "close": "closed",
    },
    "closed": {},
}
REVIEWS = {
    "planned": {"plan": "planned", "cancel": "cancelled", "arrange": "planned", "start": "running"},
    "running": {
        "cancel": "cancelled",
        "arrange": "running",
        "pause": "paused",
        "move": "running",
        "decide": "running",
        "take back": "running",
        "note": "running",
        "confirm": "running",
        "end": "ended",
        "follow up": "running",
    },
    "paused": {
        "cancel": "cancelled",
        "arrange": "paused",
        "resume": "running",
        "take back": "paused",
        "note": "paused",
        "end": "ended",
        "follow up": "paused",
    },
    "ended": {
        "take back": "ended",
        "note": "ended",
        "reopen": "running",
        "put up": "ended",
        "sign": "ended",
        "publish": "published",
        "follow up": "ended",
    },
    "published": {"follow up": "published"},
    "cancelled": {},
}
FIRST = {
    "planned": "Start it first.",
    "running": "Look again at where it is now.",
    "paused": "Look again at where it is now.",
    "ended": "Reopen it to go on.",
    "published": "The next review can change it.",
    "cancelled": "Plan another one.",
}


@pytest.mark.parametrize("state", PollState)
@pytest.mark.parametrize("step", POLL_STEPS)
def test_a_poll_goes_where_the_table_says_and_nowhere_else(state, step):
    leads_to = POLLS[state].get(step)
    assert poll_may(state, step) == (leads_to is not None)
    if leads_to is None:
        with pytest.raises(Conflict):
            poll_after(state, step)
    else:
        assert poll_after(state, step) == leads_to


@pytest.mark.parametrize("state", ReviewState)
@pytest.mark.parametrize("step", REVIEW_STEPS)
def test_a_review_goes_where_the_table_says_and_nowhere_else(state, step):
    leads_to = REVIEWS[state].get(step)
    assert review_may(state, step) == (leads_to is not None)
    if leads_to is None:
        with pytest.raises(Conflict):
            review_after(state, step)
    else:
        assert review_after(state, step) == leads_to


def test_the_tables_here_know_every_state_and_every_step():
    assert POLLS.keys() == set(PollState)
    assert REVIEWS.keys() == set(ReviewState)
    assert {step for steps in POLLS.values() for step in steps} == POLL_STEPS.keys()
    assert {step for steps in REVIEWS.values() for step in steps} == REVIEW_STEPS.keys()


@pytest.mark.parametrize("step", POLL_STEPS)
def test_a_poll_that_is_closed_says_so(step):
    with pytest.raises(Conflict) as refused:
        poll_after("closed", step)
    assert refused.value.sentence == "This poll is closed. Its answers stay as they are."


@pytest.mark.parametrize("state", ReviewState)
@pytest.mark.parametrize("step", REVIEW_STEPS)
def test_a_review_says_why_not_and_what_to_do_first(state, step):
    if step in REVIEWS[state]:
        return
    first = FIRST[state]
    if state == "paused" and step in ("move", "decide", "confirm"):
        first = "Resume it first."
    if state in ("running", "paused") and step in ("put up", "sign", "publish"):
        first = "End it first."
    with pytest.raises(Conflict) as refused:
        review_after(state, step)
    assert refused.value.status == 409
    assert refused.value.sentence.endswith(first)
