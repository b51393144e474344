"""What a closed poll says: its rows by how badly they need talk, who said what, and how the work goes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from raci.grid.grid import Activity, Grid
from raci.grid.levels import Notation
from raci.grid.rules import Finding
from raci.grid.text import SOMEBODY
from raci.matrices.models import Matrix
from raci.reviews.agreement import FunctionCount, Result, RowResult, Verdict, median, verdicts
from raci.reviews.evidence import evidence_read, result_in
from raci.reviews.health import ANSWERS, Question, question_text
from raci.reviews.models import Answer, Poll, Respondent
from raci.reviews.poll_checks import functions_in, thin
from raci.reviews.polling import called

from .votes import Named, Vote, named, sentence, votes_of

MOST_NAMES = 12  # people with one answer on one activity that are named
MOST_ROWS = 100  # that are shown unless all are asked for


@dataclass(frozen=True, slots=True)
class Going:
    """How many gave which answer to one question, the best answer first; `answer` is the one in the middle."""

    question: str
    answer: str
    word: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of the result. `lead` is the name of the role that leads it now, `led` that of the one that did when
    the poll was closed, by which the answers are judged; "" for none."""

    activity: Activity
    lead: str
    led: str
    verdicts: tuple[Named, ...]
    sentence: str
    votes: tuple[Vote, ...]
    going: tuple[Going, ...]
    is_settled: bool
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One activity and what its answers come to, the worst first."""

    activity: Activity
    row: RowResult
    verdicts: tuple[Verdict, ...]

    @property
    def is_agreed(self) -> bool:
        return self.verdicts[0] is Verdict.AGREED

    @property
    def is_to_talk(self) -> bool:
        """Whether people answered it, and do not agree."""
        return self.verdicts[0] not in (Verdict.AGREED, Verdict.UNANSWERED)


@dataclass(frozen=True, slots=True)
class Filter:
    """A kind of row that can be asked for, and how many there are; `key` is what the address says."""

    key: str
    word: str
    count: int
    is_chosen: bool


@dataclass
class ResultPage:
    """All of the page; `asked` is the kind of rows that its address asks for. The worst are shown, unless it asks for
    all, and the one with the id `beside`, "" for none."""

    matrix: Matrix
    poll: Poll
    grid: Grid
    notation: Notation
    asked: str = ""
    is_all: bool = False
    beside: str = ""

    @cached_property
    def result(self) -> Result:
        return result_in(self.poll)

    @cached_property
    def functions(self) -> tuple[FunctionCount, ...]:
        return functions_in(self.result, self.grid)

    @property
    def later(self) -> Poll | None:
        """The poll that the grid and the checks speak of, where that is not this one."""
        latest = evidence_read(self.matrix).poll
        return latest if latest is not None and latest.pk != self.poll.pk else None

    @property
    def thin(self) -> Finding | None:
        """P6: that too few answered to call it agreement."""
        return next(thin(self.result), None)

    @cached_property
    def rows(self) -> list[Judged]:
        """Every activity that was asked about and is still there, the one that needs talk most first."""
        by_id = {row.id: row for row in self.grid.activities}
        judged = [
            Judged(by_id[activity], row, verdicts(row, self._led(activity), self.functions))
            for activity, row in self.result.rows.items()
            if activity in by_id
        ]
        place = {row.id: at for at, row in enumerate(self.grid.activities)}
        return sorted(judged, key=lambda each: (*_urgency(each.verdicts, each.row), place[each.activity.id]))

    @cached_property
    def of_kind(self) -> list[Judged]:
        """Those of the kind that was asked for; without one, all that need talk."""
        if self._chosen is None:
            return [each for each in self.rows if each.is_to_talk]
        return [each for each in self.rows if self._chosen in each.verdicts]

    @cached_property
    def all_agreed(self) -> list[Judged]:
        """The rows on which all agree, which are folded below the others; none where a kind was asked for."""
        return [each for each in self.rows if each.is_agreed] if self._chosen is None else []

    @cached_property
    def shown(self) -> list[Line]:
        """The first of `of_kind`."""
        return [self._line(each) for each in self._first(self.of_kind)]

    @cached_property
    def agreed(self) -> list[Line]:
        """The first of `all_agreed`."""
        return [self._line(each) for each in self._first(self.all_agreed)]

    @property
    def is_more(self) -> bool:
        """Whether there are more than are shown."""
        return len(self.shown) < len(self.of_kind) or len(self.agreed) < len(self.all_agreed)

    @property
    def is_complete(self) -> bool:
        """Whether each of the activities was answered by somebody."""
        return all(each.is_agreed or each.is_to_talk for each in self.rows)

    @property
    def gone(self) -> list[str]:
        """The names of the activities that were asked about and are not in the matrix any more."""
        here = {row.id for row in self.grid.activities}
        return [each["name"] for each in self.poll.asked["activities"] if each["id"] not in here]

    @property
    def filters(self) -> list[Filter]:
        """The kinds there are, with "to talk about" first."""
        counts = Counter(verdict for each in self.rows for verdict in each.verdicts)
        to_talk = sum(each.is_to_talk for each in self.rows)
        kinds = [
            Filter(verdict.value, named(verdict, self.notation).word, counts[verdict], self._chosen is verdict)
            for verdict in Verdict
            if counts[verdict]
        ]
        return [Filter("", "To talk about", to_talk, self._chosen is None), *kinds]

    @property
    def _chosen(self) -> Verdict | None:
        return Verdict(self.asked) if self.asked in tuple(Verdict) else None

    def _first(self, rows: list[Judged]) -> list[Judged]:
        if self.is_all:
            return rows
        return [each for at, each in enumerate(rows) if at < MOST_ROWS or str(each.activity.id) == self.beside]

    def _line(self, judged: Judged) -> Line:
        activity, row = judged.activity, judged.row
        lead, led = self.grid.lead(activity.id), self._led(activity.id)
        votes = votes_of(row, self.functions, self._names, lead)
        return Line(
            activity=activity,
            lead=self._names.get(lead or 0, ""),
            led=self._names.get(led or 0, ""),
            verdicts=tuple(named(verdict, self.notation) for verdict in judged.verdicts),
            sentence=sentence(row, self._names),
            votes=tuple(self._with_names(activity.id, vote) for vote in votes),
            going=going(row, led, self._names),
            is_settled=self.later is None and activity.id in evidence_read(self.matrix).settled,
            is_changed=lead != led,
        )

    def _led(self, activity: int) -> int | None:
        """The role that led it when the poll was closed."""
        return self.result.leads.get(activity, self.grid.lead(activity))

    @cached_property
    def _names(self) -> Mapping[int, str]:
        """Role id -> its name as it is now; that of a role that is gone, as it was when the poll was opened."""
        then = {role["id"]: role["name"] for role in self.poll.asked["roles"]}
        return then | {role.id: role.name for role in self.grid.roles}

    def _with_names(self, activity: int, vote: Vote) -> Vote:
        people = self._people.get((activity, vote.said), []) if self.poll.is_named else []
        return replace(vote, names=tuple(people[:MOST_NAMES]), more=max(len(people) - MOST_NAMES, 0))

    @cached_property
    def _people(self) -> Mapping[tuple[int, str], Sequence[str]]:
        """(activity, answer) -> the names of those who gave it, in the order they were asked; two queries. Only of the
        rows that are shown."""
        rows = {each.activity.id for each in (*self._first(self.of_kind), *self._first(self.all_agreed))}
        sent = Respondent.objects.filter(poll=self.poll, submitted_at__isnull=False, is_left_out=False)
        sent = sent.select_related("user")
        names = {each.pk: called(each) or SOMEBODY for each in sent}
        given = Answer.objects.filter(respondent__in=sent.order_by().values("pk"), activity__in=rows)
        said: dict[tuple[int, int], str] = {
            (pk, activity): how if lead is None else str(self.result.heirs.get(lead, lead))
            for pk, activity, how, lead in given.order_by().values_list("respondent", "activity", "said", "lead")
        }
        found: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
        for pk, name in names.items():
            for activity in rows:
                if answer := said.get((pk, activity)):
                    found[activity, answer].append(name)
        return found


def going(row: RowResult, lead: int | None, names: Mapping[int, str]) -> tuple[Going, ...]:
    """How the work goes, as far as anybody said: the four questions in their order, skill and time of `lead`."""
    found = []
    for question in Question:
        is_of_lead = question in (Question.SKILL, Question.TIME)
        counts = row.able.get(lead or 0, {}).get(question, {}) if is_of_lead else row.health.get(question, {})
        if answer := median(counts):
            text = question_text(question, names.get(lead or 0, ""))
            shown = tuple((ANSWERS[each], counts[each]) for each in ANSWERS if counts.get(each))
            found.append(Going(text, answer, ANSWERS[answer], shown))
    return tuple(found)


def _urgency(found: tuple[Verdict, ...], row: RowResult) -> tuple[int, float]:
    """How badly a row needs talk: by the worst that is said of it, then by how few name the same role."""
    most, of = row.agreeing
    return list(Verdict).index(found[0]), most / of if of else 0.0
