"""The Markdown table: its shape, and that no text in it is markup."""

import re
from dataclasses import replace

from raci.exchange.export import DepartureLine
from raci.exchange.markdown import to_markdown
from raci.grid.grid import Activity, Grid, Role, Stage
from raci.grid.levels import Level, Notation

NASTY = (
    "a | b",
    "a \\| b",
    "trailing \\",
    "`code | x`",
    "[click](http://evil.example)",
    "![x](javascript:alert(1))",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt;",
    "line\nbreak\r\nand\u2028more",
    "**bold** _it_ ~~gone~~",
    "# title",
    "- item",
    "1. item",
    "www.evil.example and https://evil.example",
    "@everyone #1",
    "$x$ ^note^",
)


def cells(line: str) -> list[str]:
    """The cells of a row, as a Markdown reader splits them: at pipes without a backslash."""
    return [cell.strip() for cell in re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]]


def table(text: str) -> list[list[str]]:
    return [cells(line) for line in text.splitlines() if line.startswith("|")]


def nasty() -> Grid:
    roles = tuple(Role(number, text) for number, text in enumerate(NASTY))
    activities = tuple(Activity(number, text, number, deliverer=1) for number, text in enumerate(NASTY))
    stages = tuple(Stage(number, text) for number, text in enumerate(NASTY))
    return Grid(activities, roles, stages, {activity.id: {0: Level.LEAD} for activity in activities})


def test_title_facts_legend_then_the_table(export):
    lines = to_markdown(export()).splitlines()
    assert lines[0] == "# Core product"
    assert lines[2] == "Tidewater · Revision 12 · 12 Mar 2026"
    assert lines[4] == "L Lead, S Support, C Contribute, I Informed. Exactly one Lead for each activity."
    assert lines[6] == "| Activity | Product Management | Product Marketing | Engineering | Sales |"
    assert lines[7] == "| :--- | :---: | :---: | :---: | :---: |"
    assert lines[8] == "| **Understand the market** |  |  |  |  |"
    assert lines[9].startswith("| Size the Market Opportunity | ")
    assert lines[9].count("**L**") == 1


def test_raci_and_the_deliverer(export, market_grid):
    first = market_grid.activities[0]
    other = next(role for role in market_grid.roles if role.id != market_grid.lead(first.id))
    grid = replace(market_grid, activities=(replace(first, deliverer=other.id), *market_grid.activities[1:]))
    text = to_markdown(export(grid, Notation.RACI))
    assert "A/R or A Accountable, R Responsible" in text
    row = next(row for row in table(text) if row[0] == first.name)
    assert "**A**" in row
    assert row[-1] == other.name
    assert table(text)[0][-1] == "Delivered by"


def test_no_text_breaks_the_table(export):
    rows = table(to_markdown(export(nasty(), name=NASTY[0], workspace=NASTY[9])))
    assert {len(row) for row in rows} == {len(NASTY) + 2}
    assert len(rows) == 2 + 2 * len(NASTY)


def test_no_text_becomes_html_or_a_link(export):
    text = to_markdown(export(nasty(), name="<b>x</b>", workspace="[y](z)"))
    assert "<" not in text
    assert not re.search(r"&(?!amp;|lt;|gt;|#\d+;)", text)
    assert not re.search(r"(?<!\\)[\[\]`]", text)
    assert "://" not in text
    assert "www." not in text
    assert "@" not in text


def test_a_text_of_several_lines_becomes_one(export):
    assert "line break and more" in to_markdown(export(nasty()))


def test_a_workspace_that_looks_like_a_list_stays_a_line(export):
    assert "\n\\- item ·" in to_markdown(export(workspace="- item"))
    assert "\n1\\. item ·" in to_markdown(export(workspace="1. item"))


def test_an_empty_matrix_has_a_header(export):
    assert table(to_markdown(export(Grid())))[0] == ["Activity"]


def test_departures_stand_below_in_a_table_of_their_own(export, kept):
    text = to_markdown(export(departures=kept))
    above, below = text.split("\n## Departures\n")
    assert above == to_markdown(export())
    assert table(below) == [
        ["Activity", "Role", "Ours", "Theirs", "Reference", "Kept because", "Until", "State", "By"],
        [":---"] * 9,
        [
            "Win/Loss Analysis",
            "Product Marketing, Sales",
            "Support, Lead",
            "Lead, Support",
            "market-led",
            "Sales asks, Product Marketing writes it up.",
            "12 Mar 2027",
            "Ended",
            "",
        ],
        ["Product Launch", "Sales", "Support", "Contribute", "House 2026", "No deal desk yet.", "", "Kept", "Jo Lund"],
    ]


def test_without_departures_nothing_is_said_of_them(export):
    assert "Departures" not in to_markdown(export())


def test_no_text_of_a_departure_is_markup(export):
    lines = tuple(DepartureLine(*[text] * 9) for text in NASTY)
    said = to_markdown(export(departures=lines)).split("## Departures")[1]
    rows = table(said)
    assert len(rows) == 2 + len(NASTY)
    assert {len(row) for row in rows} == {9}
    assert not re.search(r"<(?!br)|https?://|(?<!\\)[`*]", said)
