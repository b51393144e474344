"""The activities each function touches."""

import shutil

import pytest

from culture.catalogue import DATA
from culture.entries import Function
from culture.functions import functions, load_functions


@pytest.fixture
def folder(tmp_path):
    shutil.copy(DATA / "functions.toml", tmp_path)
    return tmp_path


def test_every_activity_of_the_references_belongs_to_a_function(catalogue):
    touched = {key for about in functions().values() for key in about.activities}
    assert touched == {activity.key for activity in catalogue.activities if activity.in_references}
    assert len(touched) == 18
    assert functions().keys() == set(Function)


@pytest.mark.parametrize(
    ("there", "instead", "complaint"),
    [
        ('  "sales-enablement",\n', "", "no function touches sales-enablement"),
        ('  "sales-enablement",\n', '  "sales-enabling",\n', "'sales-enabling' is no activity of the references"),
        ('  "sales-enablement",\n', '  "sales-enablement",\n' * 2, "sales-strategy: an activity stands twice"),
        ('subject = "selling"', "", "sales-strategy: subject is missing"),
        ("[sales-strategy.otherwise]", "[sales-strategy.other]", "the field 'other' is not known"),
        ('sales = "selling', 'sails = "selling', "otherwise: the field 'sails'"),
        ("[market-segmentation]", "[segmentation]", "the field 'segmentation' is not known"),
    ],
)
def test_a_damaged_entry_is_named_in_the_complaint(catalogue, folder, there, instead, complaint):
    text = (folder / "functions.toml").read_text()
    assert there in text
    (folder / "functions.toml").write_text(text.replace(there, instead))
    with pytest.raises(ValueError, match=complaint):
        load_functions(catalogue, folder)
