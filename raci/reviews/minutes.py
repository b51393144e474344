"""What a session decided and why, in sentences: one by one for its pages, as a whole for the letter about its version.

Plain values go in, and nothing is read. Where a text is kept, signs stand for the names of persons (see
raci.notices.names).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from raci.grid.levels import Level, Notation
from raci.grid.text import counted, day, isolated
from raci.publishing.news_words import does

from .besides import Beside
from .models import Decision

ROOM = 6_000  # characters of each list in a letter; the page of the version has all
MOST_OF_NOTE = 300  # of a reason
_ENDS = (".", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision. `lead` is who leads by it, "" for nobody; `owner` who sees to what stays open, by `due`. With
    `outcome`, they have. `together` says that it was confirmed with the rest, `stands` that its row is in what was put
    up as it was then."""

    activity: str
    kind: str
    lead: str = ""
    note: str = ""
    owner: str = ""
    due: date | None = None
    outcome: str = ""
    together: bool = False
    is_open: bool = False
    stands: bool = True


def sentence(one: Decided, notation: Notation = Notation.LEAD_SUPPORT) -> str:
    """What was decided, as it stands beside the name of the activity."""
    owner = isolated(one.owner)
    leads = does([isolated(one.lead)], Level.LEAD, notation) if one.lead else ""
    by = f" by {day(one.due)}" if one.due else ""
    match one.kind:
        case _ if one.outcome:
            return f"Settled since: {_ended(isolated(one.outcome))}"
        case Decision.Kind.KEEP:
            return f"Stays as it is; {leads}." if leads else "Stays as it is."
        case Decision.Kind.LEAD:
            return f"{leads} from now on."
        case Decision.Kind.LEVELS:
            return f"Its levels were set anew; {leads}." if leads else "Its levels were set anew."
        case Decision.Kind.ASK:
            return f"{owner} finds out{by}." if owner else f"Somebody finds out{by}."
        case _:
            return f"Left open; {owner} sees to it{by}." if owner else "Left open."


def was(one: Decided, notation: Notation = Notation.LEAD_SUPPORT) -> str:
    """What had been decided on a row that was changed since, with why, beside what changed in it."""
    return " ".join(filter(None, ("Decided before that:", sentence(one, notation), _reason(one))))


def minutes(
    title: str,
    on: date,
    decided: Sequence[Decided],
    besides: Sequence[Beside] = (),
    notation: Notation = Notation.LEAD_SUPPORT,
) -> str:
    """What the letter about a version says of the session that led to it; "" where nothing came of that. `besides` are
    the rows that were changed without a decision, or after it; what they say takes in what had been decided."""
    done = [one for one in decided if one.stands and not one.is_open and not one.together]
    left = [one for one in decided if one.is_open]
    together = sum(one.together and one.stands for one in decided)
    blocks = list[str]()
    if done:
        blocks += [f"What “{isolated(title)}” decided on {day(on)}:", _items(_said(done, notation))]
    if together:
        rows = counted(together, "activity was", "activities were")
        blocks.append(f"{rows} confirmed together as {'it is' if together == 1 else 'they are'}.")
    if besides:
        blocks += ["Changed besides:", _items([f"{isolated(row.name)}: {row.text}" for row in besides])]
    if left:
        blocks += ["What stays open:", _items(_said(left, notation))]
    return "\n\n".join(blocks)


def _said(decided: Sequence[Decided], notation: Notation) -> list[str]:
    parts = ((f"{isolated(one.activity)}:", sentence(one, notation), _reason(one)) for one in decided)
    return [" ".join(filter(None, each)) for each in parts]


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in _fitting(lines))


def _fitting(lines: Sequence[str]) -> Iterator[str]:
    room = ROOM
    for place, line in enumerate(lines):
        room -= len(line)
        if room < 0:
            yield f"And {len(lines) - place:,} more, on the page of the version."
            return
        yield line


def _reason(one: Decided) -> str:
    return _ended(isolated(_short(one.note)))


def _short(note: str) -> str:
    """A note in one line."""
    line = " ".join(note.split())
    return line if len(line) <= MOST_OF_NOTE else f"{line[: MOST_OF_NOTE - 1]}…"


def _ended(text: str) -> str:
    """The text as a sentence, with what ends it; "" for none."""
    return text if not text or text.endswith(_ENDS) else f"{text}."
