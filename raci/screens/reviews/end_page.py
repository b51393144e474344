"""Ending a session: who sees to what stays open, and by when everyone signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django import forms
from django.http import QueryDict

from raci.grid.grid import Grid
from raci.matrices.store import read_grid
from raci.reviews.models import Decision, Review
from raci.reviews.results import Owner, has_owner
from raci.reviews.sessions import Session, session_of
from raci.web import days
from raci.workspaces.models import Member

from .decided import DecidedLine, record
from .forms import DayField, HandOverForm

TO_SIGN = timedelta(days=7)  # proposed, and what stays open for four weeks
OPEN_FOR = timedelta(days=28)


class EndForm(forms.Form):
    sign_by = DayField(label="Everyone signs by")


@dataclass(frozen=True, slots=True)
class Opening:
    """Something that stays open and that nobody sees to yet; `is_undecided` says that it was not talked about."""

    activity: int
    name: str
    note: str
    is_undecided: bool
    form: HandOverForm


@dataclass
class EndPage:
    """All of the page. `data` is what was sent, None where it is only asked for."""

    review: Review
    member: Member
    data: QueryDict | None = None

    @cached_property
    def session(self) -> Session:
        return session_of(self.review)

    @cached_property
    def grid(self) -> Grid:
        return read_grid(self.review.matrix)

    @cached_property
    def form(self) -> EndForm:
        return EndForm(self.data, initial={"sign_by": days.today() + TO_SIGN})

    @cached_property
    def openings(self) -> list[Opening]:
        """Each with its form; a query for the members, where there is any."""
        found = [(row.activity, row.name, row.note, False) for row in self._left if not has_owner(row)]
        found += [(item.activity, item.name, "", True) for item in self.session.undecided]
        members = _members(self.member) if found else ()
        return [Opening(*each, self._form(each[0], members)) for each in found]

    @property
    def seen_to(self) -> tuple[DecidedLine, ...]:
        """What stays open and has somebody."""
        return record(self.review, [row for row in self._left if has_owner(row)]).left

    @property
    def rest(self) -> int:
        """How many activities nobody has talked about or confirmed."""
        known = self.session.decisions.keys() | {item.activity for item in self.session.items}
        return sum(activity.id not in known for activity in self.grid.activities)

    @property
    def unled(self) -> int:
        """How many have no Lead, so that nothing could be published."""
        return sum(self.grid.lead(activity.id) is None for activity in self.grid.activities)

    @property
    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(each.form.is_valid() for each in self.openings)])

    @property
    def owners(self) -> Mapping[int, Owner]:
        """Who was chosen, by activity; only of what was sent whole."""
        said = {each.activity: each.form.cleaned_data for each in self.openings}
        return {row: Owner(one["owner"], one["owner_name"], one["due"]) for row, one in said.items()}

    @property
    def _left(self) -> list[Decision]:
        return [row for row in self.session.decisions.values() if row.is_open]

    def _form(self, activity: int, members: Sequence[Member]) -> HandOverForm:
        begins = {"owner": self.member.user_id, "due": days.today() + OPEN_FOR}
        return HandOverForm(self.data, members=members, initial=begins, prefix=f"open-{activity}")


def _members(member: Member) -> list[Member]:
    rows = Member.objects.filter(workspace=member.workspace_id, user__is_active=True).select_related("user")
    return sorted(rows, key=lambda each: str(each.user).casefold())
