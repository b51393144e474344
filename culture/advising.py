"""The advice on product marketing a workspace keeps, and the signs it has seen. Nothing else writes them."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from raci.grid.text import day
from raci.web import days
from raci.web.refusals import Refused
from raci.workspaces.access import lock, still
from raci.workspaces.models import Access, Member, Workspace

from .advice import Answers, texts
from .models import Advice, Sign

YEARS_BACK = 10  # a sign of longer ago says nothing about today


def kept_advice(workspace: Workspace) -> Sequence[Advice]:
    """What was answered so far, the latest first, with who answered; one query."""
    return list(Advice.objects.filter(workspace=workspace).select_related("by"))


def seen_signs(workspace: Workspace) -> dict[str, Sign]:
    """Key -> the sign that was seen, with who ticked it; one query."""
    return {sign.key: sign for sign in Sign.objects.filter(workspace=workspace).select_related("by")}


def first_day() -> date:
    """The earliest day on which a sign may have been seen."""
    today = days.today()
    is_leap_day = (today.month, today.day) == (2, 29)
    return today.replace(year=today.year - YEARS_BACK, day=28 if is_leap_day else today.day)


@transaction.atomic
def keep_answers(*, by: Member, answers: Answers) -> Advice:
    """Keeps the answers as the latest. The same person saying the same again, with nothing between, adds nothing."""
    lock(by.workspace_id)
    still(by, Access.EDITOR)
    last = Advice.objects.filter(workspace=by.workspace_id).first()
    if last is not None and last.by_id == by.user_id and last.answers == answers.as_json():
        return last
    return Advice.objects.create(
        workspace_id=by.workspace_id, answers=answers.as_json(), by_id=by.user_id, at=timezone.now()
    )


@transaction.atomic
def tick(*, by: Member, key: str, on: date) -> Sign:
    """A sign was seen on a day of the last ten years; a later tick of the same sign takes the place of the first."""
    still(by, Access.EDITOR)
    _check_key(key)
    if on > days.today():
        raise Refused("That day is still to come. Give the day on which the sign was seen.")
    if on < first_day():
        said = f"That is more than ten years ago. Give a day from {day(first_day())} on, on which the sign was seen."
        raise Refused(said)
    sign, _ = Sign.objects.update_or_create(
        workspace_id=by.workspace_id, key=key, defaults={"ticked_on": on, "by_id": by.user_id}
    )
    return sign


@transaction.atomic
def untick(*, by: Member, key: str) -> None:
    """The sign is no longer seen; a second time changes nothing."""
    still(by, Access.EDITOR)
    _check_key(key)
    Sign.objects.filter(workspace=by.workspace_id, key=key).delete()


def _check_key(key: str) -> None:
    if key not in {sign.key for sign in texts().signs}:
        raise Refused("There is no such sign. Reload the page and choose one of those it shows.")
