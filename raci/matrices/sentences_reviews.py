"""What the log says of the decisions of a review: where they were made, and those that moved no level."""

from collections.abc import Mapping
from datetime import date

from raci.grid.text import counted, day

from .models import Change


def where_decided(change: Change) -> str:
    """How the line about a decision begins, or about one that was taken back; "" for any other change."""
    if change.kind not in Change.DECIDED:
        return ""
    how = "Decided" if change.kind == "decide" else "Taken back"
    return f"{how} in “{change.names['about']['review']}”. "


def decided(change: Change) -> str:
    """The line about a decision that is not told by the levels that moved, or about taking one back."""
    about: Mapping[str, str] = change.names["about"]
    said = _stands(about) if change.kind == "decide" else _stands_no_more(about)
    return where_decided(change) + said


def _stands(about: Mapping[str, str]) -> str:
    name = f"“{about['activity']}”"
    if about["rows"]:
        if about["decision"] == "open":
            return f"{_counted(about, 'stays open', 'stay open')}."
        return f"{_counted(about, 'stays as it is', 'stay as they are')}."
    match about["decision"]:
        case "ask":
            return f"Someone finds out about {name} by {day(date.fromisoformat(about['due']))}."
        case "open":
            return f"{name} stays open."
        case "keep":
            return f"{name} stays as it is."
    return f"{name} has the levels that were decided before."


def _stands_no_more(about: Mapping[str, str]) -> str:
    if about["rows"]:
        return f"{_counted(about, 'is', 'are')} to be confirmed again."
    return f"“{about['activity']}” is to be decided again."


def _counted(about: Mapping[str, str], one: str, many: str) -> str:
    return counted(int(about["rows"]), f"activity {one}", f"activities {many}")
