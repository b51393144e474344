"""Names: what is refused, and how they stand in mail and in sentences."""

import pytest

from raci.grid.text import initials, isolated, plain_line, unlinked


@pytest.mark.parametrize(
    "name", ["https://a.example", "See www.a.example", "ftp://a", "HTTP\uff1a//a", "\uff57ww.a.example"]
)
def test_a_name_is_no_web_address(name):
    with pytest.raises(ValueError, match=r"Leave web addresses out of a name\."):
        plain_line(name)


@pytest.mark.parametrize("name", ["Dr. Ann Lee", "Booking.com", "Wwwhat", "A: B", "R/D"])
def test_dots_and_colons_are_fine(name):
    assert plain_line(name) == name


def test_in_mail_a_name_reads_the_same_and_makes_no_link():
    assert unlinked("Dr. Ann of a.example:8000") == "Dr. Ann of a.\u200bexample:\u200b8000"


@pytest.mark.parametrize("name", ["Sales", "Vertrieb Süd", "מכירות", "販売", "🙂"])
def test_a_name_that_turns_nothing_stands_in_a_sentence_as_it_is(name):
    assert isolated(name) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("\u202eselaS", "\u2068\u202eselaS\u2069"),
        ("Sales\u200f", "\u2068Sales\u200f\u2069"),
        ("a\u2069\u202eb\u2067", "\u2068a\u202eb\u2069"),
    ],
)
def test_what_turns_the_direction_of_writing_ends_with_the_name(name, said):
    assert isolated(name) == said


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ann b. cee", "AB"),
        ("e\u0301mile", "E\u0301"),
        ("👩🏽\u200d💻 Bo", "👩🏽\u200d💻B"),
        ("🇳🇱 🦉 Jan", "🇳🇱🦉"),
        ("\u200fنور 🦉", "ن\u200c🦉"),
        ("نور حداد", "ن\u200cح"),
        (".", ""),
    ],
)
def test_initials_are_whole_signs(name, shown):
    assert initials(name) == shown
