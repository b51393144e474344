"""Names: what is refused, and how they stand in mail."""

import pytest

from raci.grid.text import plain_line, unlinked


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
