"""Who should own product marketing: each rule just inside and just outside, and the text file."""

import shutil
from dataclasses import replace

import pytest

from culture.advice import Answers, Launch, Owner, Segments, Size, advise, load_texts, texts
from culture.catalogue import DATA

MARKETING = Answers(False, None, None, Size.GROWING, Segments.YES, Launch.WELL)


def answers(**changes):
    return Answers(**{name: changes.get(name, getattr(MARKETING, name)) for name in Answers.__dataclass_fields__})


def dedicated(marketers=1, products=1, **changes):
    return answers(is_dedicated=True, marketers=marketers, products=products, **changes)


def test_without_dedicated_product_marketers_marketing_owns_it():
    assert advise(answers()).owner is Owner.MARKETING


def test_with_dedicated_product_marketers_product_owns_it():
    assert advise(dedicated()).owner is Owner.PRODUCT


def test_at_about_ten_people_neither_is_hired_and_above_that_marketing_owns_it():
    assert advise(answers(size=Size.SMALL)).owner is Owner.NEITHER
    assert advise(answers(size=Size.GROWING)).owner is Owner.MARKETING
    assert advise(answers(size=Size.GROWN)).owner is Owner.MARKETING


def test_at_about_ten_people_with_somebody_dedicated_product_owns_it_and_the_other_view_is_told():
    small, growing = advise(dedicated(size=Size.SMALL)), advise(dedicated(size=Size.GROWING))
    assert small.owner is growing.owner is Owner.PRODUCT
    assert texts().notes["small"] in small.reasons
    assert texts().notes["small"] not in growing.reasons


@pytest.mark.parametrize(("given", "note"), [(answers(), "grown-marketing"), (dedicated(), "grown-product")])
def test_reasons_to_keep_the_two_apart_are_for_those_who_have_grown(given, note):
    said = texts().notes[note]
    assert said in advise(replace(given, size=Size.GROWN)).reasons
    assert said not in advise(replace(given, size=Size.GROWING)).reasons


def test_where_nobody_has_the_job_the_reasons_to_keep_two_apart_speak_of_whoever_will():
    reasons = " ".join(advise(answers(size=Size.GROWN)).reasons)
    assert "Nobody has product marketing as a job of their own yet" in reasons
    assert "once somebody has" in reasons


@pytest.mark.parametrize(
    ("marketers", "products", "spread"), [(1, 1, False), (1, 2, True), (3, 3, False), (3, 4, True)]
)
def test_more_products_than_product_marketers_is_a_spread(marketers, products, spread):
    watch = " ".join(advise(dedicated(marketers, products)).watch)
    assert ("so somebody has more than one" in watch) is spread


def test_a_spread_is_told_in_numbers():
    assert "1 product marketer for 5 products" in " ".join(advise(dedicated(1, 5)).watch)


@pytest.mark.parametrize(
    ("segments", "launch", "needs"),
    [
        (Segments.YES, Launch.WELL, 0),
        (Segments.YES, Launch.NONE, 0),
        (Segments.PARTLY, Launch.WELL, 1),
        (Segments.NO, Launch.WELL, 1),
        (Segments.YES, Launch.SHAKY, 1),
        (Segments.NO, Launch.SHAKY, 2),
    ],
)
def test_segments_one_cannot_name_and_a_shaky_launch_are_signs_of_a_need(segments, launch, needs):
    advice = advise(answers(segments=segments, launch=launch))
    assert len(advice.needs) == needs
    assert advice.need == texts().notes["need-marketing" if needs else "no-need"]


@pytest.mark.parametrize("given", [answers(), dedicated(), answers(size=Size.SMALL)])
def test_what_signs_of_a_need_come_to_depends_on_who_owns_it(given):
    advice = advise(replace(given, launch=Launch.SHAKY))
    assert advice.need == texts().notes[f"need-{advice.owner}"]
    assert "together" not in advice.need.lower()  # one sign is not several


def test_at_about_ten_people_a_sign_of_a_need_asks_nobody_to_be_hired():
    advice = advise(answers(size=Size.SMALL, segments=Segments.NO))
    assert "separately" in advice.answer
    assert "you need somebody" not in advice.need
    assert "among those who are there" in advice.need


def test_what_the_source_does_not_say_is_marked_as_ours():
    neither = advise(answers(size=Size.SMALL, launch=Launch.SHAKY))
    assert neither.ours == {"concentrate", "watch", "need", "signs"}
    assert advise(answers(size=Size.SMALL)).ours == {"concentrate", "watch", "signs"}
    assert advise(dedicated(launch=Launch.SHAKY)).ours == {"need"}
    assert advise(dedicated()).ours == set()
    assert advise(answers(size=Size.GROWN, launch=Launch.SHAKY)).ours == set()


@pytest.mark.parametrize("owner", Owner)
def test_each_owner_has_reasons_and_signs(owner):
    given = {Owner.MARKETING: answers(), Owner.PRODUCT: dedicated(), Owner.NEITHER: answers(size=Size.SMALL)}[owner]
    advice = advise(given)
    assert advice.owner is owner
    assert advice.reasons
    assert advice.concentrate
    assert advice.watch
    assert advice.signs
    assert all(sign.owner is owner for sign in advice.signs)


def test_answers_come_back_from_what_is_kept():
    for given in (answers(), dedicated(2, 7, size=Size.GROWN, segments=Segments.NO, launch=Launch.NONE)):
        assert Answers.from_json(given.as_json()) == given


# ---- The text file


@pytest.fixture
def folder(tmp_path):
    for name in ("advice.toml", "sources.toml"):
        shutil.copy(DATA / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("there", "instead", "complaint"),
    [
        ('key = "launches"', 'key = "engagement"', "a sign has the key of another"),
        ('owner = "neither"', 'owner = "product"', "no sign shows that it works where the owner is neither"),
        ('owner = "product"', 'owner = "sales"', r"signs 4 \(unit-economics\): the owner is 'sales'"),
        ('source = "Who should', 'source = "Who could', "is no source of sources.toml"),
        ("caution =", "warning =", "the field 'warning' is not known"),
        ("no-need =", "nope =", "notes: the field 'nope' is not known"),
        ('"neither.watch"', '"neither.whatever"', "ours: 'neither.whatever' is nothing this file says"),
        ('"need-neither"', '"need-nobody"', "ours: 'need-nobody' is nothing this file says"),
        ("[neither]", "[nobody]", "the field 'nobody' is not known"),
        ('watch = ["Marketers', 'wacht = ["Marketers', "marketing: the field 'wacht'"),
        ("watch = [", "watch = [1, ", "watch: 1 must be a text"),
    ],
)
def test_a_damaged_entry_is_named_in_the_complaint(folder, there, instead, complaint):
    text = (folder / "advice.toml").read_text()
    assert there in text
    (folder / "advice.toml").write_text(text.replace(there, instead))
    with pytest.raises(ValueError, match=complaint):
        load_texts(folder)


def test_no_sentence_sounds_more_certain_than_its_source():
    assert "one practitioner" in texts().caution
    assert "neither a rule" in texts().caution
