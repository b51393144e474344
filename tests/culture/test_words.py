"""The sentences a subject expert wrote: what they must and must not say."""

import re

import pytest

from culture.catalogue import CULTURES
from culture.entries import Function

SOURCES = ("Gartner", "Forrester", "SBI", "Opower", "Meering", "Gilley", "Yockelson", "Waters")


def texts(catalogue):
    """Everything a page may print outside the page about the sources."""
    for culture in catalogue.cultures:
        yield from (culture.name, culture.summary, culture.strategy, *culture.suits, culture.danger, culture.note)
    yield from (statement.text for statement in catalogue.statements)
    yield from (stage.name for stage in catalogue.stages)
    yield from (text for activity in catalogue.activities for text in (activity.name, activity.help))
    yield from (text for role in catalogue.roles for text in (role.name, role.short, role.purpose))
    yield from (function.label for function in Function)
    yield from (reason for reasons in catalogue.reasons.values() for reason in reasons.values())


def test_each_function_is_described_by_each_culture_once(catalogue):
    found = [(statement.culture, statement.function) for statement in catalogue.statements]
    assert sorted(found) == sorted((culture, function) for culture in CULTURES for function in Function)


def test_a_statement_does_not_name_its_culture(catalogue):
    for statement in catalogue.statements:
        assert not re.search(r"(technology|engineering|sales|revenue|market|customer)[- ]led", statement.text, re.I)


def test_a_statement_is_two_or_three_sentences_spoken_as_we(catalogue):
    for statement in catalogue.statements:
        assert len(re.findall(r"\.(?: |$)", statement.text)) in (2, 3), statement.text
        assert re.search(r"\b(we|our)\b", statement.text, re.I), statement.text


def test_statements_of_a_function_are_alike_in_length(catalogue):
    """Otherwise the longest looks like the right answer."""
    for function in Function:
        lengths = [len(s.text) for s in catalogue.statements if s.function is function]
        assert max(lengths) < 1.5 * min(lengths), (function, lengths)


def test_there_are_54_different_reasons_of_one_short_line(catalogue):
    reasons = [reason for of_culture in catalogue.reasons.values() for reason in of_culture.values()]
    assert len(set(reasons)) == 54
    assert all(20 < len(reason) <= 110 and reason.endswith(".") for reason in reasons)


def test_reasons_do_not_open_alike(catalogue):
    reasons = [reason for of_culture in catalogue.reasons.values() for reason in of_culture.values()]
    assert len({" ".join(reason.split()[:4]) for reason in reasons}) > 50


@pytest.mark.parametrize("name", SOURCES)
def test_no_source_is_named_outside_the_sources(catalogue, name):
    assert [text for text in texts(catalogue) if re.search(rf"\b{name}\b", text)] == []


def test_nothing_is_called_a_standard_or_best(catalogue):
    for text in texts(catalogue):
        assert not re.search(r"\b(best practice|standard|certified|endorsed|proven)\b", text, re.I), text


def test_the_guidance_says_what_the_references_are_not(catalogue):
    assert "examples" in catalogue.about.guidance
    assert "neither facts nor a standard" in catalogue.about.guidance
