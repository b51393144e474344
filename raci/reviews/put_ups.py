"""What a session put up: one grid, with what was decided, from one moment on; and the signatures that hold for it.

A grid goes by its digest. What was decided is no part of that, so who signed before a decision or a reason changed is
asked again: a signature holds where it was given since what is put up was put up like this.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from raci.accounts.models import User
from raci.grid.grid import Grid
from raci.grid.text import day, isolated, listed
from raci.matrices.store import read_grid
from raci.notices.notices import notify
from raci.publishing import signing
from raci.publishing.models import SignOff
from raci.publishing.versions import digest_of
from raci.web import days
from raci.workspaces.models import Member

from .besides import besides_now
from .models import Decision, Result, Review
from .settling import unsettle


def put_up(review: Review, grid: Grid) -> None:
    """This is what can be signed and published; `result` and `result_revision` are to be saved. Where it was put up
    before with the same decisions, it is so since then."""
    review.result, review.result_revision = digest_of(grid), review.matrix.revision
    decided, besides = digest_of_decisions(review), besides_now(review)
    unsettle(review, [each["activity"] for each in besides])
    stood = {"revision": review.result_revision, "besides": besides, "decided": decided}
    if not Result.objects.filter(review=review, digest=review.result, decided=decided).exists():
        stood["at"] = timezone.now()
    Result.objects.update_or_create(review=review, digest=review.result, defaults=stood)


def decided_anew(review: Review, by: Member) -> None:
    """Why something was decided was changed after the end: it is put up anew, and who had signed is asked again. What
    was taken back has to be put up by ending it again."""
    if was_taken_back(review):
        return
    void = set(signed_now(review))
    stood = Result.objects.filter(review=review, digest=review.result)
    stood.update(at=timezone.now(), decided=digest_of_decisions(review))
    if void:
        ask_to_sign(review, read_grid(review.matrix), by, anew=True, roles=void)


def digest_of_decisions(review: Review) -> str:
    """What tells the decisions that stand, with their reasons, from others; one query."""
    rows = Decision.objects.order_by("pk").filter(review=review, taken_back_at=None).values_list("pk", "note")
    return hashlib.sha256(json.dumps([list(row) for row in rows]).encode()).hexdigest()


def signed_now(review: Review) -> dict[int, SignOff]:
    """Role id -> who signed for it what is put up, as it was decided; two queries, and one where anybody did again."""
    stood = Result.objects.filter(review=review, digest=review.result).first()
    return _holding(stood, signing.signatures(review.matrix_id, review.result)) if stood else {}


def holding(review: Review, digest: str) -> dict[int, SignOff]:
    """The same of the grid with this digest, if it was put up with what stands decided now. One query where nobody
    signed it."""
    signed = signing.signatures(review.matrix_id, digest)
    stood = Result.objects.filter(review=review, digest=digest).first() if signed else None
    if stood is None or stood.decided != digest_of_decisions(review):
        return {}
    return _holding(stood, signed)


def sign_again(review: Review, signed: SignOff, by: Member) -> None:
    """Who signed before the decisions changed signs with them; under the lock of the review."""
    stood = Result.objects.get(review=review, digest=signed.digest)
    stood.again[str(signed.role)] = {"by": by.user_id, "at": timezone.now().isoformat()}
    stood.save(update_fields=["again"])


def as_last_given(stood: Result, signed: Iterable[SignOff]) -> None:
    """Each of these signatures of what is put up says who gave it last, and when; a query where one was given again."""
    given = {row.role: row for row in signed if row.digest == stood.digest}
    again = {int(role): said for role, said in stood.again.items() if int(role) in given}
    people = User.objects.in_bulk({said["by"] for said in again.values()}) if again else {}
    for role, said in again.items():
        given[role].by, given[role].at = people.get(said["by"]), datetime.fromisoformat(said["at"])


def _holding(stood: Result, signed: Mapping[int, SignOff]) -> dict[int, SignOff]:
    as_last_given(stood, signed.values())
    return {role: row for role, row in signed.items() if row.at >= stood.at}


def was_taken_back(review: Review) -> bool:
    """Whether what is put up has a decision in it that was taken back since; one query."""
    stood = Result.objects.filter(review=OuterRef("review"), digest=review.result, at__lt=OuterRef("taken_back_at"))
    return Decision.objects.filter(Exists(stood), review=review).exists()


def ask_to_sign(
    review: Review, grid: Grid, by: Member, *, anew: bool = False, roles: Collection[int] | None = None
) -> None:
    """A notice to each member who answers for a role that has a part and is not signed for, but to who puts it up;
    `roles` names those that are asked, where not all are."""
    wanted = set(signing.roles_to_sign(grid)) - set(signed_now(review))
    wanted &= wanted if roles is None else set(roles)
    held: dict[int, list[str]] = {}
    for role in grid.roles:
        if role.id in wanted and role.answers not in (None, by.user_id):
            held.setdefault(role.answers or 0, []).append(isolated(role.name))
    if not held:
        return
    stood = Result.objects.get(review=review, digest=review.result)
    url = reverse("result", args=[review.matrix.workspace_id, review.matrix_id, review.pk])
    members = Member.objects.filter(workspace=review.matrix.workspace_id, user__in=held, user__is_active=True)
    for member in members:
        names, matrix = listed(held[member.user_id]), isolated(review.matrix.name)
        title, what = f"“{isolated(review.title)}” of “{matrix}”", "changed" if anew else "was decided"
        ended = f"What {title} came to was changed and put up anew" if anew else f"{title} has ended"
        until = f" by {day(review.sign_by)}" if review.sign_by and review.sign_by >= days.today() else ""
        text = f"{ended}. You answer for {names}: see what {what}, and sign{until}."
        notify(member, text=text, url=url, key=f"result:{review.pk}:{stood.revision}:{stood.at:%y%m%d%H%M%S%f}")
