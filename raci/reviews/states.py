"""Polls and reviews as what they may become: one table each of what can be done in which state, and what it leads to.

Whoever does something asks `poll_after` or `review_after`, under the lock of the row; they refuse with the sentence
that says why not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from raci.web.refusals import Conflict


class PollState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class ReviewState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Step:
    """What can be done in which states; `to` is what it leads to, None where the state stays."""

    here: frozenset[str]
    to: str | None = None


def _step(*here: str, to: str | None = None) -> Step:
    return Step(frozenset(here), to)


_PLANNED, _RUNNING, _PAUSED, _ENDED, _PUBLISHED, _CANCELLED = ReviewState
_LIVE = (_RUNNING, _PAUSED)

POLL_STEPS: Mapping[str, Step] = {
    "ask": _step(PollState.OPEN),  # somebody more
    "name": _step(PollState.OPEN),  # choose what is shown of names
    "join": _step(PollState.OPEN),
    "answer": _step(PollState.OPEN),
    "remind": _step(PollState.OPEN),
    "close": _step(PollState.OPEN, to=PollState.CLOSED),
}
REVIEW_STEPS: Mapping[str, Step] = {
    "plan": _step(_PLANNED),  # another day, other people
    "cancel": _step(_PLANNED, *_LIVE, to=_CANCELLED),  # held by mistake: as long as nothing is decided
    "arrange": _step(_PLANNED, *_LIVE),  # its agenda
    "start": _step(_PLANNED, to=_RUNNING),
    "pause": _step(_RUNNING, to=_PAUSED),
    "resume": _step(_PAUSED, to=_RUNNING),
    "move": _step(_RUNNING),
    "decide": _step(_RUNNING),
    "take back": _step(*_LIVE, _ENDED),
    "note": _step(*_LIVE, _ENDED),  # why something was decided
    "confirm": _step(_RUNNING),  # the rest, together
    "end": _step(*_LIVE, to=_ENDED),
    "reopen": _step(_ENDED, to=_RUNNING),
    "put up": _step(_ENDED),  # what stands now, to be signed and published
    "sign": _step(_ENDED),
    "publish": _step(_ENDED, to=_PUBLISHED),
    "follow up": _step(*_LIVE, _ENDED, _PUBLISHED),  # what stays open
}
_CLOSED = "This poll is closed. Its answers stay as they are."
_WHY_NOT_REVIEW = {
    _PLANNED: "This session has not begun. Start it first.",
    _RUNNING: "This session is going on. Look again at where it is now.",
    _PAUSED: "This session is paused. Look again at where it is now.",
    _ENDED: "This session has ended. Reopen it to go on.",
    _PUBLISHED: "What this session decided is published. The next review can change it.",
    _CANCELLED: "This session was cancelled. Plan another one.",
}
_RESUME = "This session is paused. Resume it first."
_END = "This session has not ended. End it first."
_WHY_NOT_THIS = {
    **{(_PAUSED, step): _RESUME for step in ("move", "decide", "confirm")},
    **{(state, step): _END for state in _LIVE for step in ("put up", "sign", "publish")},
}


def poll_may(state: str, step: str) -> bool:
    return state in POLL_STEPS[step].here


def review_may(state: str, step: str) -> bool:
    return state in REVIEW_STEPS[step].here


def poll_after(state: str, step: str) -> str:
    """The state a poll is in after this step; 409 where it can't be done in the one it is in."""
    if not poll_may(state, step):
        raise Conflict(_CLOSED)
    return POLL_STEPS[step].to or state


def review_after(state: str, step: str) -> str:
    """The state a review is in after this step; 409 where it can't be done in the one it is in."""
    if not review_may(state, step):
        here = ReviewState(state)
        raise Conflict(_WHY_NOT_THIS.get((here, step), _WHY_NOT_REVIEW[here]))
    return REVIEW_STEPS[step].to or state
