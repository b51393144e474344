"""What a session decided and why, in sentences: one by one for its pages, as a whole for the letter about its version.

Pure functions of plain values. Where a text is kept, signs stand for the names of persons (see raci.notices.names).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from raci.grid.text import counted, day, isolated

from .models import Decision

ROOM = 6_000  # characters of what was decided, and of what stays open, in a letter; the page of the version has all
MOST_OF_NOTE = 300  # of a reason
_ENDS = (".", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision. `lead` is who leads by it, "" for nobody; `owner` who sees to what stays open, by `due`. With
    `outcome`, they have. `together` says that it was confirmed with the rest."""

    activity: str
    kind: str
    lead: str = ""
    note: str = ""
    owner: str = ""
    due: date | None = None
    outcome: str = ""
    together: bool = False
    is_open: bool = False


def sentence(one: Decided) -> str:
    """What was decided, as it stands beside the name of the activity."""
    lead, owner = isolated(one.lead), isolated(one.owner)
    by = f" by {day(one.due)}" if one.due else ""
    match one.kind:
        case _ if one.outcome:
            return f"Settled since: {_ended(isolated(one.outcome))}"
        case Decision.Kind.KEEP:
            return f"Stays as it is; {lead} leads." if lead else "Stays as it is."
        case Decision.Kind.LEAD:
            return f"{lead} leads from now on."
        case Decision.Kind.LEVELS:
            return f"Its levels were set anew; {lead} leads." if lead else "Its levels were set anew."
        case Decision.Kind.ASK:
            return f"{owner} finds out{by}." if owner else f"Somebody finds out{by}."
        case _:
            return f"Left open; {owner} sees to it{by}." if owner else "Left open."


def minutes(title: str, on: date, decided: Sequence[Decided]) -> str:
    """What the letter about a version says of the session that led to it; "" where that decided nothing."""
    done = [one for one in decided if not one.is_open and not one.together]
    together, left = sum(one.together for one in decided), [one for one in decided if one.is_open]
    blocks = list[str]()
    if done:
        blocks += [f"What “{isolated(title)}” decided on {day(on)}:", _items(done)]
    if together:
        rows = counted(together, "activity was", "activities were")
        blocks.append(f"{rows} confirmed together as {'it is' if together == 1 else 'they are'}.")
    if left:
        blocks += ["What stays open:", _items(left)]
    return "\n\n".join(blocks)


def _items(decided: Sequence[Decided]) -> str:
    return "\n".join(f"- {line}" for line in _lines(decided))


def _lines(decided: Sequence[Decided]) -> Iterator[str]:
    room = ROOM
    for place, one in enumerate(decided):
        line = " ".join(filter(None, (f"{isolated(one.activity)}:", sentence(one), _ended(isolated(_short(one.note))))))
        room -= len(line)
        if room < 0:
            yield f"And {len(decided) - place:,} more, on the page of the version."
            return
        yield line


def _short(note: str) -> str:
    """A note in one line."""
    line = " ".join(note.split())
    return line if len(line) <= MOST_OF_NOTE else f"{line[: MOST_OF_NOTE - 1]}…"


def _ended(text: str) -> str:
    """The text as a sentence, with what ends it; "" for none."""
    return text if not text or text.endswith(_ENDS) else f"{text}."
