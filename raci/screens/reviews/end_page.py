"""Ending a session: who sees to what stays open, and by when everyone signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django import forms
from django.http import QueryDict

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.matrices.store import read_grid
from raci.reviews.besides import Beside, besides_of, changed_since
from raci.reviews.models import Decision, Review
from raci.reviews.results import Owner, has_owner
from raci.reviews.sessions import Session, session_of
from raci.web import days
from raci.workspaces.members import by_name
from raci.workspaces.models import Member

from .decided import DecidedLine, record
from .forms import DayField, HandOverForm

TO_SIGN = timedelta(days=7)  # proposed, and what stays open for four weeks
OPEN_FOR = timedelta(days=28)
MOST_APART = 30  # that are asked for one by one; of more, one answer is for all
_ALL = "all"


class EndForm(forms.Form):
    sign_by = DayField(label="Everyone signs by")


@dataclass(frozen=True, slots=True)
class Opening:
    """Something that stays open and that nobody sees to yet; `is_undecided` says that it was not talked about. `form`
    is None where one answer is for all."""

    activity: int
    name: str
    note: str
    is_undecided: bool
    form: HandOverForm | None


@dataclass
class EndPage:
    """All of the page. `data` is what was sent, None where it is only asked for."""

    review: Review
    member: Member
    data: QueryDict | None = None
    notation: Notation = Notation.LEAD_SUPPORT

    @cached_property
    def session(self) -> Session:
        return session_of(self.review, here={activity.id for activity in self.grid.activities})

    @cached_property
    def grid(self) -> Grid:
        return read_grid(self.review.matrix, stages=False)

    @cached_property
    def form(self) -> EndForm:
        return EndForm(self.data, initial={"sign_by": days.today() + TO_SIGN})

    @cached_property
    def openings(self) -> list[Opening]:
        """The few each with its form."""
        found = [(row.activity, row.name, row.note, False) for row in self._left if not has_owner(row)]
        found += [(item.activity, item.name, "", True) for item in self.session.undecided]
        apart = len(found) <= MOST_APART and not self._was_for_all
        return [Opening(*each, self._form(f"open-{each[0]}") if apart else None) for each in found]

    @cached_property
    def for_all(self) -> HandOverForm | None:
        """Who sees to all of them, where they are many."""
        return self._form(_ALL) if any(each.form is None for each in self.openings) else None

    @cached_property
    def changed(self) -> list[Beside]:
        """What was changed since it was decided, so that it has to be decided anew, or kept as it stands."""
        return besides_of(changed_since(self.review, self.session.decisions.values()), self.notation)

    @property
    def seen_to(self) -> tuple[DecidedLine, ...]:
        """What stays open and has somebody."""
        return record(self.review, [row for row in self._left if has_owner(row)]).left

    @property
    def rest(self) -> int:
        """How many activities nobody has talked about or confirmed."""
        return len(self.session.unconfirmed(activity.id for activity in self.grid.activities))

    @property
    def unled(self) -> int:
        """How many have no Lead, so that nothing could be published."""
        return sum(self.grid.lead(activity.id) is None for activity in self.grid.activities)

    @property
    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(form.is_valid() for form in self._forms.values())])

    @property
    def owners(self) -> Mapping[int, Owner]:
        """Who was chosen, by activity; only of what was sent whole."""
        said = {activity: form.cleaned_data for activity, form in self._forms.items()}
        return {row: Owner(one["owner"], one["owner_name"], one["due"]) for row, one in said.items()}

    @property
    def _left(self) -> list[Decision]:
        here = {activity.id for activity in self.grid.activities}
        return [row for row in self.session.decisions.values() if row.is_open and row.activity in here]

    @property
    def _forms(self) -> Mapping[int, HandOverForm]:
        """Activity -> what says who sees to it."""
        found = {each.activity: each.form or self.for_all for each in self.openings}
        return {activity: form for activity, form in found.items() if form is not None}

    @property
    def _was_for_all(self) -> bool:
        """Whether the sender's page asked once for all, also where they are few by now."""
        return self.data is not None and f"{_ALL}-due" in self.data

    @cached_property
    def _members(self) -> Sequence[Member]:
        return by_name(self.member.workspace_id)

    def _form(self, prefix: str) -> HandOverForm:
        begins = {"owner": self.member.user_id, "due": days.today() + OPEN_FOR}
        return HandOverForm(self.data, members=self._members, initial=begins, prefix=prefix)
