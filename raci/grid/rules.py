"""The rules by which a matrix is read, in the words of either notation, and what one of them says.

They and their thresholds are those of domain/checks.md (all but E7). What E1 to E6 look for stands beside a version, in
raci/publishing/upkeep_checks.py; C7 and P1 to P6 need what people rated and answered, in raci/reviews.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from .levels import Notation


class Severity(StrEnum):
    """An error blocks publishing, a warning is shown, a note waits until asked for."""

    ERROR = "error"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: `about` says what it looks for and why; `waivable` is False where publishing insists."""

    id: str
    name: str
    severity: Severity
    about: str
    waivable: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says about a row (`activity`), a column (`role`), a cell (both) or the whole grid (neither).

    `text` names its subject and says why it matters, `step` is what to do next; both are sentences. `other` is the
    second row of a pair, which only R14 has. `of` tells apart what D, E and P say of one subject: the key of the
    reference, and the end of the departure, so that one that was renewed and ends again is heard again; the version,
    the day or the event that an E is about; the poll.
    """

    rule: str
    severity: Severity
    text: str
    step: str
    activity: int | None = None
    role: int | None = None
    other: int | None = None
    of: str = ""

    @property
    def key(self) -> str:
        """What a finding is set aside by, "R4:12:" or "C1::3": the same as long as rule and subject are.

        A pair is named by both ids, the smaller first ("R14:5+12:"), so that moving a row does not bring it back. What
        departures are about stands at the end: "D1:12::market", "D2:12:3:market:2026-03-12".
        """
        rows = "+".join(map(str, sorted(row for row in (self.activity, self.other) if row is not None)))
        key = f"{self.rule}:{rows}:{'' if self.role is None else self.role}"
        return f"{key}:{self.of}" if self.of else key


_ERROR, _WARN, _NOTE = Severity

_RULES = (
    Rule("R1", "No Lead", _ERROR, "Roles are on the activity and none leads, so nobody answers for it.", False),
    Rule("R2", "Two Leads", _ERROR, "More than one role leads. Where two lead, each waits for the other.", False),
    Rule("R3", "Blank row", _ERROR, "No role is on the activity: it is not done, or not agreed.", False),
    Rule("R4", "Lead alone", _WARN, "Nobody supports the Lead or gives input. Few activities need one role only."),
    Rule("R5", "All hands", _WARN, "Every other role supports. That is often two activities in one."),
    Rule("R6", "Many doers", _WARN, "Half of six or more roles support. Each handover between them costs time."),
    Rule("R7", "Many asked", _WARN, "Half of six or more roles give input. Each can hold the work up."),
    Rule("R8", "Many told", _NOTE, "Nearly every role is told. News for everyone is read by few."),
    Rule("R9", "Silent row", _WARN, "Nobody is asked or told. What others do not hear of is started twice."),
    Rule("R10", "No support", _NOTE, "There is input and no Support, so the Lead does all the work."),
    Rule("R11", "Full row", _NOTE, "Every one of six or more roles is on the row, some perhaps as a courtesy."),
    Rule("R12", "Deliverer off", _ERROR, "The deliverer neither leads nor supports, so the row says two things."),
    Rule("R13", "Formal Lead", _NOTE, "In a sales-led culture, Sales leads much that the role in Support delivers."),
    Rule("R14", "Twin activities", _WARN, "Two activities have nearly one name: perhaps the same work twice."),
    Rule("R15", "Too long", _NOTE, "There are over 40 activities or 12 roles. Long matrices stop being read."),
    Rule("C1", "Leads too much", _WARN, "A role leads more than 55 in 100 activities, and much waits on it."),
    Rule("C2", "Carries too much", _WARN, "A role leads or supports more than 9 in 10. Few can carry that."),
    Rule("C3", "On every row", _NOTE, "One of six or more roles is on every activity, and some may not need it."),
    Rule("C4", "Spectator", _WARN, "A role never leads or supports: perhaps the right role in the wrong matrix."),
    Rule("C5", "Empty column", _WARN, "A role is on no activity, so its column says nothing."),
    Rule("C6", "Orphan Lead", _ERROR, "A role with a stated headcount of 0 leads, so nobody answers for the work."),
    Rule("C7", "Weak Lead", _WARN, "A role that leads is rated 1 or 2 of 5 for the skill, and no reason is recorded."),
    Rule("C8", "Swamped Lead", _WARN, "A role carries over twice its share of people, all headcounts being stated."),
    Rule("P1", "Not done", _WARN, "The work is said not to happen. Whether to start comes before who answers for it."),
    Rule("P2", "Contested", _WARN, "Three functions or more answered, and under 60 in 100 name the same Lead."),
    Rule("P3", "Lead unaware", _WARN, "Most who answered for the Lead do not name it, so nobody may be driving it."),
    Rule("P4", "Rival claims", _WARN, "Two roles or more each name themselves. The work may be done twice."),
    Rule("P5", "Unclaimed", _WARN, "Most answer that nobody leads, or that they do not know who does."),
    Rule("P6", "Few answers", _NOTE, "Fewer than three functions, or than half of those asked, answered the poll."),
    Rule("D1", "Lead unlike reference", _NOTE, "Another role leads in the reference, and no reason is recorded here."),
    Rule("D2", "Departure ended", _WARN, "A level was kept against a reference until a day that has passed."),
    Rule("E1", "Review due", _WARN, "It is time, or nearly, to look again at what was agreed."),
    Rule("E2", "To confirm", _WARN, "A role on the row, or strategy or culture, changed since the last version."),
    Rule("E3", "Look back", _NOTE, "The first version is one to two months old, and nobody has looked back on it."),
    Rule("E4", "Not published", _NOTE, "Changes have waited for over 30 days, while people read the last version."),
    Rule("E5", "Nobody told", _WARN, "A version was published over a week ago, and nobody was told of it."),
    Rule("E6", "Not signed", _NOTE, "Two weeks after a version, a role that leads has not signed its rows."),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _RULES}
"""The table of rules by id, in the order of the page that lists them."""

_IN_RACI: dict[str, dict[str, str]] = {
    "R1": {
        "name": "Nobody accountable",
        "about": "Roles are on the activity and none is accountable, so nobody answers for it.",
    },
    "R2": {
        "name": "Two accountable",
        "about": "More than one role is accountable. Where two are, each waits for the other.",
    },
    "R4": {
        "name": "Accountable alone",
        "about": "Nobody else is responsible or consulted. Few activities need one role only.",
    },
    "R5": {"about": "Every other role is responsible. That is often two activities in one."},
    "R6": {"about": "Half of six or more roles are responsible. Each handover between them costs time."},
    "R7": {"about": "Half of six or more roles are consulted. Each can hold the work up."},
    "R8": {"about": "Nearly every role is informed. News for everyone is read by few."},
    "R9": {"about": "Nobody is consulted or informed. What others do not hear of is started twice."},
    "R10": {
        "name": "Nobody else responsible",
        "about": "Roles are consulted and no other is responsible, so the accountable one does all the work.",
    },
    "R12": {"about": "The deliverer is neither accountable nor responsible, so the row says two things."},
    "R13": {
        "name": "Formally accountable",
        "about": "In a sales-led culture, Sales is accountable for much that the responsible role delivers.",
    },
    "C1": {
        "name": "Accountable for too much",
        "about": "A role is accountable for more than 55 in 100 activities, and much waits on it.",
    },
    "C2": {"about": "A role is accountable or responsible for more than 9 in 10. Few can carry that."},
    "C4": {"about": "A role is never accountable or responsible: perhaps the right role in the wrong matrix."},
    "C6": {
        "name": "Accountable without people",
        "about": "A role with a stated headcount of 0 is accountable, so nobody answers for the work.",
    },
    "C7": {
        "name": "Accountable and new to it",
        "about": "A role that is accountable is rated 1 or 2 of 5 for the skill, and no reason is recorded.",
    },
    "C8": {"name": "Accountable and swamped"},
    "P2": {"about": "Three functions or more answered, and under 60 in 100 name the same accountable role."},
    "P3": {
        "name": "Accountable unaware",
        "about": "Most who answered for the accountable role do not name it, so nobody may be driving it.",
    },
    "P5": {"about": "Most answer that nobody is accountable, or that they do not know who is."},
    "D1": {
        "name": "Accountable unlike reference",
        "about": "Another role is accountable in the reference, and no reason is recorded here.",
    },
    "E6": {"about": "Two weeks after a version, a role that is accountable has not signed its rows."},
}
_RULES_IN: dict[Notation, dict[str, Rule]] = {
    Notation.LEAD_SUPPORT: RULES,
    Notation.RACI: {key: replace(rule, **_IN_RACI.get(key, {})) for key, rule in RULES.items()},  # type: ignore[arg-type]
}


def rules_in(notation: Notation) -> Mapping[str, Rule]:
    """`RULES` as a reader of that notation knows them: names and what they are about differ, nothing else."""
    return _RULES_IN[notation]
