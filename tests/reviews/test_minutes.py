"""What a session decided, in sentences: one by one, and as the letter has them."""

from datetime import date

import pytest

from raci.reviews.minutes import MOST_OF_NOTE, ROOM, Decided, minutes, sentence

DAY = date(2026, 6, 16)


def some(kind: str, **more) -> Decided:
    return Decided("Pricing", kind, **more)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (some("keep", lead="Sales"), "Stays as it is; Sales leads."),
        (some("keep"), "Stays as it is."),
        (some("lead", lead="Sales"), "Sales leads from now on."),
        (some("levels", lead="Sales"), "Its levels were set anew; Sales leads."),
        (some("levels"), "Its levels were set anew."),
        (some("ask", owner="Jonas", due=DAY), "Jonas finds out by 16 Jun 2026."),
        (some("ask", due=DAY), "Somebody finds out by 16 Jun 2026."),
        (some("open", owner="Jonas", due=DAY), "Left open; Jonas sees to it by 16 Jun 2026."),
        (some("open", owner="Jonas"), "Left open; Jonas sees to it."),
        (some("open"), "Left open."),
        (some("ask", owner="Jonas", due=DAY, outcome="Sales does it"), "Settled since: Sales does it."),
    ],
)
def test_each_decision_is_a_sentence(one, said):
    assert sentence(one) == said


def test_the_minutes_say_what_was_decided_and_why_then_what_stays_open():
    assert minutes(
        "Review, June 2026",
        date(2026, 6, 4),
        [
            some("lead", lead="Sales", note="They know\nthe customers"),
            some("open", owner="Mei", due=DAY, is_open=True),
            Decided("Launch", "keep", lead="Marketing", note="It works!"),
            Decided("Support", "keep", lead="Sales", together=True),
            Decided("Training", "keep", lead="Sales", together=True),
        ],
    ) == (
        "What “Review, June 2026” decided on 4 Jun 2026:\n\n"
        "- Pricing: Sales leads from now on. They know the customers.\n"
        "- Launch: Stays as it is; Marketing leads. It works!\n\n"
        "2 activities were confirmed together as they are.\n\n"
        "What stays open:\n\n"
        "- Pricing: Left open; Mei sees to it by 16 Jun 2026."
    )


def test_without_a_decision_there_are_none():
    assert minutes("Review", DAY, []) == ""


def test_one_that_was_confirmed_alone_is_told_in_the_singular():
    said = minutes("Review", DAY, [some("keep", together=True)])
    assert said == "1 activity was confirmed together as it is."


def test_long_minutes_are_shortened():
    each = len(f"Pricing: Stays as it is. {'x' * (MOST_OF_NOTE - 1)}…")
    said = minutes("Review", DAY, [some("keep", note="x" * 1_000)] * 100)
    assert said.endswith(f"- And {100 - ROOM // each} more, on the page of the version.")
    assert f"{'x' * (MOST_OF_NOTE - 1)}…\n" in said
    assert "x" * MOST_OF_NOTE not in said
    assert len(minutes("Review", DAY, [some("keep", note="x")] * 50)) < ROOM


def test_a_name_that_turns_the_direction_ends_with_itself():
    turning = "\u202eevil"
    said = minutes(turning, DAY, [Decided(turning, "open", owner=turning, note=turning, is_open=True)])
    assert said.count("\u2068\u202eevil\u2069") == 3
    assert minutes(turning, DAY, [some("keep")]).startswith("What “\u2068\u202eevil\u2069” decided")
