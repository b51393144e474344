"""What the tables hold, answer and refuse."""

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from culture.catalogue import CULTURES
from culture.models import (
    CatalogueActivity,
    CatalogueRole,
    Culture,
    Reference,
    ReferenceLevel,
    ReferenceReason,
    Statement,
)
from culture.references import reference_grid, references

pytestmark = pytest.mark.usefixtures("seeded")


def refused(write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


@pytest.mark.parametrize("culture", CULTURES)
def test_the_grid_of_the_database_is_the_grid_of_the_files(catalogue, culture):
    assert reference_grid(culture) == catalogue.reference(culture)
    assert Reference.objects.get(culture__key=culture).grid() == catalogue.reference(culture)


def test_an_unknown_culture_has_no_reference():
    with pytest.raises(Reference.DoesNotExist):
        reference_grid("product")


def test_all_references_come_in_order_with_culture_and_reasons(catalogue):
    shown = references()
    assert [reference.culture.key for reference in shown] == list(CULTURES)
    for reference in shown:
        assert reference.grid == catalogue.reference(reference.culture.key)
        keys = {activity.id: activity.origin for activity in reference.grid.activities}
        assert {keys[activity]: text for activity, text in reference.reasons.items()} == catalogue.reasons[
            reference.culture.key
        ]


def test_one_reference_takes_six_queries_and_all_take_seven(django_assert_num_queries):
    with django_assert_num_queries(6):
        reference_grid("sales")
    with django_assert_num_queries(7):
        assert [reference.culture.name for reference in references()] == ["Technology-led", "Sales-led", "Market-led"]


def test_a_reference_without_levels_is_an_empty_grid():
    ReferenceLevel.objects.all().delete()
    grid = reference_grid("sales")
    assert grid.cells == {}
    assert len(grid.activities) == 18


def test_a_second_lead_is_refused():
    cell = ReferenceLevel.objects.filter(level="S").first()
    refused(lambda: ReferenceLevel.objects.filter(pk=cell.pk).update(level="L"))


def test_a_second_level_in_one_cell_is_refused():
    cell = ReferenceLevel.objects.filter(level="S").first()
    refused(
        lambda: ReferenceLevel.objects.create(
            reference_id=cell.reference_id, activity_id=cell.activity_id, role_id=cell.role_id, level="I"
        )
    )


@pytest.mark.parametrize("letter", ["A", "R", "l", ""])
def test_a_letter_that_is_no_level_is_refused(letter):
    cell = ReferenceLevel.objects.filter(level="S").first()
    refused(lambda: ReferenceLevel.objects.filter(pk=cell.pk).update(level=letter))


def test_a_second_statement_of_a_function_is_refused():
    statement = Statement.objects.first()
    refused(
        lambda: Statement.objects.create(culture_id=statement.culture_id, function=statement.function, text="We do.")
    )


def test_a_statement_of_an_unknown_function_is_refused():
    refused(lambda: Statement.objects.create(culture=Culture.objects.first(), function="finance", text="We do."))


def test_a_second_reason_for_an_activity_is_refused():
    reason = ReferenceReason.objects.first()
    refused(
        lambda: ReferenceReason.objects.create(
            reference_id=reason.reference_id, activity_id=reason.activity_id, text="Again."
        )
    )


def test_a_second_reference_of_a_culture_is_refused():
    refused(lambda: Reference.objects.create(culture=Culture.objects.first()))


def test_an_activity_or_role_in_use_cannot_be_deleted():
    with pytest.raises(models.ProtectedError):
        CatalogueActivity.objects.get(key="product-launch").delete()
    with pytest.raises(models.ProtectedError):
        CatalogueRole.objects.get(key="sales").delete()


def test_the_statements_and_further_entries_are_in_the_tables(catalogue):
    assert set(Statement.objects.values_list("culture__key", "function", "text")) == {
        (statement.culture, statement.function.value, statement.text) for statement in catalogue.statements
    }
    assert list(CatalogueActivity.objects.values_list("key", "stage__key", "proposed_lead__key")) == [
        (activity.key, activity.stage, activity.proposed_lead) for activity in catalogue.activities
    ]
    assert list(CatalogueRole.objects.values_list("key", "short")) == [
        (role.key, role.short) for role in catalogue.roles
    ]
    assert Culture.objects.get(key="market").suits == ["Mature markets", "Scaling to many customers who share a need"]


def test_every_text_fits_its_column():
    """SQLite does not look, PostgreSQL does."""
    for model in apps.get_app_config("culture").get_models():
        for entry in model.objects.all():
            entry.clean_fields()


def test_every_key_is_64_bit():
    for model in apps.get_app_config("culture").get_models():
        assert isinstance(model._meta.pk, models.BigAutoField)
