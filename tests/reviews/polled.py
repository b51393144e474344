"""Polls for tests, as people answered them: roles are 101, 102, … and activities 1, 2, …, as in tests/grid/builders.py."""

import json

from raci.reviews.agreement import Answered, Result, result_of

NOBODY, UNKNOWN = "nobody", "unknown"


def person(function, *said, **health):
    """Somebody of a role (its id) or of another function (its name), and who they say leads activities 1, 2, …: a role,
    `NOBODY`, `UNKNOWN`, or None where they leave one out. The rest is how they say activity 1 goes: done="no"."""
    leads = {at: str(who) for at, who in enumerate(said, 1) if who is not None}
    told = {1: health} if health else {}
    if isinstance(function, int):
        return Answered(f"role:{function}", f"Role {function - 100}", function, leads, told)
    return Answered(f"other:{function.lower()}", function, None, leads, told)


def people(count, function, *said, **health):
    return [person(function, *said, **health)] * count


def counted(*answered, rows=1, asked=None, named=True):
    """What is kept of a poll on that many activities, through JSON as the database gives it back; `asked` is how many
    were, unless it is as many as answered."""
    asked_of = {"": len(answered) if asked is None else asked}
    return json.loads(json.dumps(result_of(range(1, rows + 1), answered, asked_of, is_named=named)))


def polled(*answered, **options):
    return Result.read(counted(*answered, **options))
