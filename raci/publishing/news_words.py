"""How the news says what roles do beside an activity whose name stands before it: now, before, and no longer."""

from collections.abc import Sequence
from dataclasses import dataclass

from raci.grid.levels import Level, Notation
from raci.grid.text import listed


@dataclass(frozen=True, slots=True)
class Verb:
    """A level as a verb without an object, each form for one role and for several."""

    does: tuple[str, str]
    did: tuple[str, str]
    now: tuple[str, str]
    only_does: tuple[str, str]
    only_did: tuple[str, str]
    no_longer: tuple[str, str]


def now_does(roles: Sequence[str], level: Level, notation: Notation) -> str:
    """Engineering and Sales now support."""
    return f"{listed(roles)} {_form(verb(level, notation).now, roles)}"


def does(roles: Sequence[str], level: Level, notation: Notation) -> str:
    """Engineering and Sales support."""
    return f"{listed(roles)} {_form(verb(level, notation).does, roles)}"


def moved(roles: Sequence[str], before: Level | None, after: Level | None, notation: Notation) -> str:
    """What those roles do now that did something else, in one clause that says both."""
    who = listed(roles)
    if before is None:
        return who if after is None else now_does(roles, after, notation)
    past = verb(before, notation)
    if after is None:
        be = _form(("is", "are"), roles)
        if before is Level.INFORMED:
            return f"{who} {be} no longer {_form(past.no_longer, roles)}"
        return f"{who}, which {_form(past.did, roles)}, {be} no longer involved"
    present = verb(after, notation)
    if after.depth > before.depth:
        return f"{who} {_form(present.now, roles)}, {_form(past.only_did, roles)} before"
    return f"{who} {_form(present.only_does, roles)}, no longer {_form(past.no_longer, roles)}"


def left(role: str, level: Level | None, notation: Notation) -> str:
    """What a role does that led: Sales, which led it, supports."""
    led = "which led it" if notation is Notation.LEAD_SUPPORT else f"which {verb(Level.LEAD, notation).did[0]}"
    return f"{role}, {led}, {verb(level, notation).only_does[0] if level else 'is no longer involved'}"


def you(level: Level, notation: Notation, when: str = "") -> str:
    """What the reader does, before the name of an activity: support, are no longer consulted on."""
    does_it = _YOURS[notation][level]
    if when and does_it.startswith("are "):
        return does_it.replace("are ", f"are {when} ", 1)
    return f"{when} {does_it}".lstrip()


def verb(level: Level, notation: Notation) -> Verb:
    """The verb of a level in that notation."""
    return _VERBS[notation][level]


def _form(forms: tuple[str, str], roles: Sequence[str]) -> str:
    return forms[0] if len(roles) == 1 else forms[1]


def _active(one: str, many: str, past: str, *, only: str = "") -> Verb:
    return Verb(
        does=(one, many),
        did=(past, past),
        now=(f"now {one}", f"now {many}"),
        only_does=(only + one, only + many),
        only_did=(f"only {past}", f"only {past}"),
        no_longer=(one, many),
    )


def _passive(what: str, *, only: str = "only ") -> Verb:
    return Verb(
        does=(f"is {what}", f"are {what}"),
        did=(f"was {what}", f"were {what}"),
        now=(f"is now {what}", f"are now {what}"),
        only_does=(f"is {only}{what}", f"are {only}{what}"),
        only_did=(f"was only {what}", f"were only {what}"),
        no_longer=(what, what),
    )


_VERBS = {
    Notation.LEAD_SUPPORT: {
        Level.LEAD: _active("leads", "lead", "led"),
        Level.SUPPORT: _active("supports", "support", "supported"),
        Level.CONTRIBUTE: _active("contributes", "contribute", "contributed", only="only "),
        Level.INFORMED: _passive("informed"),
    },
    Notation.RACI: {
        Level.LEAD: _passive("accountable", only=""),
        Level.SUPPORT: _passive("responsible", only=""),
        Level.CONTRIBUTE: _passive("consulted"),
        Level.INFORMED: _passive("informed"),
    },
}
_YOURS = {
    Notation.LEAD_SUPPORT: {
        Level.LEAD: "lead",
        Level.SUPPORT: "support",
        Level.CONTRIBUTE: "contribute to",
        Level.INFORMED: "are informed of",
    },
    Notation.RACI: {
        Level.LEAD: "are accountable for",
        Level.SUPPORT: "are responsible for",
        Level.CONTRIBUTE: "are consulted on",
        Level.INFORMED: "are informed of",
    },
}
