"""Blocks of letters to and from the clipboard of a spreadsheet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.exchange.clipboard import Block, BlockError, read_block, settle, write_block
from raci.grid.levels import Level, Notation

LEVELS = st.sampled_from([None, *Level])
BLOCKS = st.integers(1, 12).flatmap(
    lambda width: st.lists(st.lists(LEVELS, min_size=width, max_size=width).map(tuple), min_size=1, max_size=30)
)
L, S, C, I = Level  # noqa: E741


@given(BLOCKS, st.sampled_from(Notation))
def test_what_is_copied_can_be_pasted(rows, notation):
    assert read_block(write_block(rows, notation), notation) == Block(tuple(rows))


@given(st.text(max_size=60), st.sampled_from(Notation))
def test_any_text_is_a_block_or_is_refused_with_a_sentence(text, notation):
    refusal = ""
    try:
        rows = read_block(text, notation).rows
    except BlockError as error:
        refusal, rows = str(error), ()
    assert len({len(row) for row in rows}) == (0 if refusal else 1)
    assert not refusal or (refusal.endswith(".") and len(refusal) < 200)


@pytest.mark.parametrize("text", ["L\tS\r\nC\tI\r\n", "L\tS\nC\tI", "l\ts\nc\ti\n\n", '"L"\t"S\n"\nC\tI'])
def test_line_ends_case_and_quotes_do_not_matter(text):
    block = read_block(text, Notation.LEAD_SUPPORT)
    assert block.rows == ((L, S), (C, I))
    assert (block.height, block.width) == (2, 2)


def test_words_of_both_notations_are_understood_in_either():
    text = "Lead\tsupport\tCONTRIBUTE\tInformed\tNot involved\tAccountable\tresponsible\tConsulted"
    for notation in Notation:
        assert read_block(text, notation).rows == ((L, S, C, I, None, L, S, C),)


@pytest.mark.parametrize("cell", ["A/R", "R/A", "a,r", "A, R", "AR", "A & R", "A", "Accountable/Responsible"])
def test_a_raci_lead_is_written_in_many_ways(cell):
    assert read_block(cell, Notation.RACI).rows == ((L,),)


@pytest.mark.parametrize("cell", ["", " ", "-", "–", "·"])
def test_a_dash_or_nothing_means_not_involved(cell):
    assert read_block(f"{cell}\tL", Notation.LEAD_SUPPORT).rows == ((None, L),)


def test_one_blank_cell_is_a_block():
    assert read_block("\r\n", Notation.LEAD_SUPPORT).rows == ((None,),)


def test_blank_rows_of_a_single_column_are_kept():
    assert read_block("L\r\n\r\nS\r\n\r\n", Notation.LEAD_SUPPORT).rows == ((L,), (None,), (S,), (None,))


@pytest.mark.parametrize(
    ("text", "notation", "sentence"),
    [
        ("L\tS\nC\tI\nS\tX", "lsci", "Row 3, column 2 holds “X”. Use L, S, C, I or leave it blank."),
        ("A\tL", "raci", "Row 1, column 2 holds “L”. Use A/R, A, R, C, I or leave it blank."),
        ("A/R", "lsci", "Row 1, column 1 holds “A/R”. Use L, S, C, I or leave it blank."),
        ("L\tS\nC", "lsci", "Row 2 has 1 column and row 1 has 2 columns. Copy a block with straight edges."),
        ("", "lsci", "There is nothing to paste. Copy a block of cells first."),
        (
            "The quick brown fox jumps",
            "lsci",
            "Row 1, column 1 holds “The quick brown fox …”. Use L, S, C, I or leave it blank.",
        ),
    ],
)
def test_a_refusal_names_the_place_and_the_way_out(text, notation, sentence):
    with pytest.raises(BlockError) as refused:
        read_block(text, Notation(notation))
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [(1001, 1, "1,001 rows"), (1, 101, "101 columns"), (1000, 31, "31,000 cells"), (400_000, 3, "too much text")],
)
def test_a_block_beyond_the_limits_is_refused(rows, columns, words):
    with pytest.raises(BlockError, match=words):
        read_block(("\t".join(["L"] * columns) + "\n") * rows, Notation.LEAD_SUPPORT)


def test_the_largest_block_is_read():
    block = read_block(("\t".join("LSCI-" * 6) + "\n") * 1000, Notation.LEAD_SUPPORT)
    assert (block.height, block.width) == (1000, 30)


def test_the_first_lead_stays_and_the_others_support():
    assert settle([C, L, None, L, S, L]) == ((C, L, None, S, S, S), (3, 5))
    assert settle([C, None]) == ((C, None), ())


@given(st.lists(LEVELS))
def test_a_settled_row_has_at_most_one_lead_and_changes_nothing_else(row):
    settled, moved = settle(row)
    assert settled.count(L) == min(1, row.count(L))
    assert [level for at, level in enumerate(settled) if at not in moved] == [
        level for at, level in enumerate(row) if at not in moved
    ]
    assert settle(settled) == (settled, ())
