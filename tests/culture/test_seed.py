"""Seeding: repeatable, repairing, and undone by its reverse."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from culture.catalogue import CULTURES
from culture.models import CatalogueActivity, CatalogueStage, Culture, ReferenceLevel, Statement
from culture.references import reference_grid, references
from culture.seed import seed, unseed


def entries():
    """What other rooms point at, with ids."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in apps.get_app_config("culture").get_models()
        if model.__name__ not in {"ReferenceLevel", "ReferenceReason"}
    }


KEPT = {"Assessment", "Respondent", "Answer", "Advice", "Sign"}  # what workspaces write, and no seed


def counts():
    models = apps.get_app_config("culture").get_models()
    return {model.__name__: model.objects.count() for model in models if model.__name__ not in KEPT}


def test_seeding_again_changes_nothing(seeded):
    before = entries(), counts(), reference_grid("sales")
    seed(apps)
    assert (entries(), counts(), reference_grid("sales")) == before
    assert counts()["ReferenceLevel"] == 216
    assert counts()["ReferenceReason"] == 54


@pytest.mark.parametrize("culture", CULTURES)
def test_the_references_of_the_database_are_those_of_the_files(seeded, catalogue, culture):
    found = {reference.culture.key: reference for reference in references()}[culture]
    assert found.grid == catalogue.reference(culture)
    assert found.reasons.keys() == {activity.id for activity in found.grid.activities}


def test_seeding_repairs_what_was_changed_and_keeps_ids(seeded, catalogue):
    before = entries()
    Culture.objects.filter(key="sales").update(name="Something else")
    Statement.objects.filter(culture__key="market").update(text="We do.")
    ReferenceLevel.objects.filter(level="C").update(level="I")
    seed(apps)
    assert entries() == before
    assert reference_grid("market") == catalogue.reference("market")


def test_entries_that_changed_places_are_put_back(seeded):
    first, second = CatalogueStage.objects.all()[:2]
    CatalogueStage.objects.filter(pk=first.pk).update(position=99)
    CatalogueStage.objects.filter(pk=second.pk).update(position=1)
    seed(apps)
    assert list(CatalogueStage.objects.values_list("key", "position")[:2]) == [(first.key, 1), (second.key, 2)]


def test_an_entry_the_files_do_not_name_stays(seeded):
    stage = CatalogueStage.objects.create(key="retire", name="Retire it", position=6)
    CatalogueActivity.objects.create(key="end-of-life", name="End of Life", stage=stage, help="Stop.", position=34)
    seed(apps)
    seed(apps)
    assert CatalogueActivity.objects.filter(key="end-of-life").exists()
    unseed(apps)
    assert list(CatalogueActivity.objects.values_list("key", flat=True)) == ["end-of-life"]
    assert list(CatalogueStage.objects.values_list("key", flat=True)) == ["retire"]


@pytest.fixture
def migrated_again(transactional_db):
    """Brings every app to its last migration, whatever the test did."""
    seed(apps)
    yield
    call_command("migrate", verbosity=0)


def test_the_migrations_go_forward_back_and_forward(migrated_again, catalogue):
    call_command("migrate", "culture", "0001", verbosity=0)
    assert set(counts().values()) == {0}
    call_command("migrate", "culture", verbosity=0)
    assert reference_grid("technology") == catalogue.reference("technology")
    call_command("migrate", "culture", "zero", verbosity=0)
    assert not [name for name in connection.introspection.table_names() if name.startswith("culture_")]
    call_command("migrate", "culture", verbosity=0)
    assert reference_grid("technology") == catalogue.reference("technology")


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "culture", check=True, dry_run=True, verbosity=0)
