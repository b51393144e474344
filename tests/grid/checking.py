"""What the tests of the checks share."""

from datetime import date

from raci.grid.checks import findings
from raci.grid.departures import Reference
from raci.grid.grid import Departure
from raci.grid.levels import Level
from tests.grid.builders import (
    TODAY,
    grid_of,
    keeping,
)

FOUR = ["Product Management", "Product Marketing", "Engineering", "Sales"]


def fired(grid, **options):
    return {finding.rule for finding in findings(grid, **options)}


def only(grid, rule):
    (finding,) = [finding for finding in findings(grid) if finding.rule == rule]
    return finding


def rows(count, *letters):
    """A grid of `count` unlike rows, the given letters repeating."""
    return grid_of(*((f"Task {at}", letters[at % len(letters)]) for at in range(count)))


YESTERDAY = date(2026, 11, 21)


def against(*letters, roles=None):
    return Reference("market", "market-led", grid_of(*letters, roles=roles))


def departure(role, theirs, *, key="market", until=None):
    return Departure(role, key, theirs, "Agreed in spring.", until)


def of_departures(grid, reference=None, today=None):
    return [x for x in findings(grid, reference=reference, today=today) if x.rule in ("D1", "D2")]


def every_rule():
    """Grids in which, together, every rule fires."""
    return (
        grid_of("SCI-", "LLCI", "----", "LI--", "LSSS", "LS--", "LC--", deliverers={1: 104}),
        grid_of("LSSSSI", "LCCCCI", "LSIIII"),
        grid_of("CSIL", ("Task 1", "CSIL"), roles=FOUR, culture="sales", headcounts=[9, 9, 9, 1]),
        rows(41, "LSCI-C"),
        keeping(grid_of("LSI-", headcounts=[0, None, None, None]), 1, departure(102, Level.INFORMED, until=YESTERDAY)),
    )


MEASURED = {"reference": against("----", "----", "----", "SL--"), "today": TODAY}
