"""A poll that is open: how far it is, who is missing, and what its reader can do. Never an answer."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists
from django.utils import timezone

from raci.grid.text import counted, listed
from raci.matrices.models import Matrix
from raci.reviews.agreement import FunctionCount, groups
from raci.reviews.asking import Asked, to_remind
from raci.reviews.counting import UNSAID, Answering, Progress, progress
from raci.reviews.leaving_out import to_list
from raci.reviews.models import Answer, Poll, Respondent
from raci.reviews.polling import called
from raci.workspaces.links import is_open
from raci.workspaces.models import Access, Member

MOST_MISSING = 100  # people who have not answered that are named
MOST_BY_LINK = 200  # who came by the link and can be left out at once
MOST_SHOWN = 3  # addresses in a sentence


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody who was asked and has not sent their answers. `has_failed` says that no mail reaches them."""

    name: str
    has_begun: bool
    has_failed: bool
    row: Respondent


@dataclass
class PollPage:
    """All of the page, for one reader."""

    matrix: Matrix
    poll: Poll
    member: Member

    @property
    def may_run(self) -> bool:
        """Whether this reader may ask, remind and close."""
        return self.member.may(Access.EDITOR)

    @cached_property
    def progress(self) -> Progress:
        return progress(self.poll)

    @property
    def begun(self) -> int:
        """How many have begun and not sent their answers yet."""
        return self.progress.begun - self.progress.sent

    @property
    def functions(self) -> list[Answering]:
        """How many of each function have answered; by function, only what the result will show."""
        known = [each for each in self.progress.functions if each.key != UNSAID]
        if self.poll.is_named:
            return known
        asked = {each.key: each.asked for each in known}
        sent = [FunctionCount(each.key, each.name, None, each.sent) for each in known if each.sent]
        numbers = {each.key: each.known for each in known}
        return [Answering(each.key, each.name, asked.get(each.key, 0), each.answered) for each in groups(sent, numbers)]

    @property
    def unsaid(self) -> int:
        """How many have not said where they work."""
        return sum(each.asked for each in self.progress.functions if each.key == UNSAID)

    @cached_property
    def missing(self) -> list[Missing]:
        """Who is missing, as far as they are named: for those who run it, where it is with names."""
        if not (self.may_run and self.poll.is_named):
            return []
        rows = [row for row in self._listed if row.submitted_at is None and not row.is_left_out]
        return [
            Missing(called(row), row.joined_at is not None, bool(row.mail and row.mail.failed_at), row)
            for row in rows[:MOST_MISSING]
            if called(row)
        ]

    @cached_property
    def by_link(self) -> list[Respondent]:
        """Who came by the link, for those who run it: when, and their name where it is with names."""
        if not self.may_run:
            return []
        came = [row for row in self._listed if not row.is_known and row.joined_at]
        came.sort(key=lambda row: (row.is_left_out, -row.pk))
        return came[:MOST_BY_LINK]

    @cached_property
    def _listed(self) -> list[Respondent]:
        """Everyone who is named as missing or can be left out; one query."""
        return list(to_list(self.poll))

    @property
    def left(self) -> int:
        """How many have not sent their answers."""
        return self.progress.asked - self.progress.sent

    @property
    def more(self) -> int:
        """How many of them are not named."""
        return self.left - len(self.missing)

    @property
    def can_remind(self) -> bool:
        """Whether a reminder would go to anybody now."""
        return self.may_run and self.left > 0 and self._known[0]

    @property
    def can_rename(self) -> bool:
        """Whether names may still be treated otherwise: until the first answer."""
        return self.may_run and not self._known[1]

    @cached_property
    def _known(self) -> tuple[bool, bool]:
        """Whether anybody can be reminded, and whether anybody has answered; one query."""
        waiting = to_remind(self.poll, timezone.now())
        given = Answer.objects.filter(respondent__poll=self.poll)
        known: tuple[bool, bool] = Poll.objects.values_list(Exists(waiting), Exists(given)).get(pk=self.poll.pk)
        return known

    @property
    def link_works(self) -> bool:
        return self.poll.link is not None and is_open(self.poll.link)

    @cached_property
    def mine(self) -> Respondent | None:
        """What is known of the reader, as somebody who is asked."""
        return Respondent.objects.filter(poll=self.poll, user=self.member.user_id).first()

    @property
    def answer(self) -> str:
        """What the reader is offered."""
        if self.mine is None or self.mine.joined_at is None:
            return "Answer"
        return "Change my answers" if self.mine.submitted_at else "Go on answering"


def told(asked: Asked) -> str:
    """What came of asking people, in sentences."""
    said = [f"{counted(asked.mailed, 'person gets', 'people get')} a mail with a link of their own."]
    if not asked.mailed:
        said = ["No mail goes out."]
    if asked.silent:
        said.append(f"{counted(asked.silent, 'member wants', 'members want')} no mail and can answer here.")
    if asked.before:
        said.append(f"{counted(len(asked.before), 'person was', 'people were')} asked before.")
    if asked.unsubscribed:
        said.append(f"{_some(asked.unsubscribed)} {_is(asked.unsubscribed)} not asked: they want no mail.")
    if asked.lately:
        mailed = "they got another poll of this matrix within a day. Ask them tomorrow, or send them the link."
        said.append(f"{_some(asked.lately)} {_is(asked.lately)} not asked: {mailed}")
    if asked.bad:
        said.append(f"{_some(asked.bad)} {_is(asked.bad)} no address.")
    return " ".join(said)


def _is(addresses: tuple[str, ...]) -> str:
    return "is" if len(addresses) == 1 else "are"


def _some(addresses: tuple[str, ...]) -> str:
    """The first of them, and how many more there are."""
    more = len(addresses) - MOST_SHOWN
    shown = [f"“{address}”" for address in addresses[:MOST_SHOWN]]
    return listed([*shown, f"{more:,} more"] if more > 0 else shown)
