"""The four functions of the assessment as the data file describes them: the activities each touches, and its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import files
from .catalogue import CULTURES, DATA, Catalogue, load
from .entries import Function
from .files import Entry


@dataclass(frozen=True, slots=True)
class About:
    """One function; `subject` is its name inside a sentence, `activities` are keys of the references it touches.

    `otherwise` maps a culture to how the function reads in it, to complete "Except in …".
    """

    subject: str
    activities: tuple[str, ...]
    otherwise: Mapping[str, str]


Functions = Mapping[Function, About]


@cache
def catalogue() -> Catalogue:
    """The data files, read once a process: what they hold changes with the code alone."""
    return load()


@cache
def functions() -> Functions:
    """The four functions, read once a process."""
    return load_functions(catalogue())


def load_functions(entries: Catalogue, folder: Path = DATA) -> Functions:
    """The functions in a folder, checked against the catalogue. Raises ValueError saying entry and what is wrong."""
    file = files.toml(folder / "functions.toml")
    file.knows_only(Function)
    keys = {activity.key for activity in entries.activities if activity.in_references}
    found = {function: _about(file.table(function), keys) for function in Function}
    if missing := keys - {key for about in found.values() for key in about.activities}:
        raise ValueError(f"{file.where}: no function touches {', '.join(sorted(missing))}.")
    return found


def _about(entry: Entry, keys: set[str]) -> About:
    entry.knows_only(["subject", "activities", "otherwise"])
    activities = entry.lines("activities")
    for key in activities:
        if key not in keys:
            raise ValueError(f"{entry.where}: {key!r} is no activity of the references.")
    if len(set(activities)) < len(activities):
        raise ValueError(f"{entry.where}: an activity stands twice.")
    otherwise = entry.table("otherwise")
    otherwise.knows_only(CULTURES)
    return About(entry.line("subject"), activities, {culture: otherwise.line(culture) for culture in CULTURES})
