"""Makes the database say what the data files say. Run by migrations, and by tests after their tables were emptied.

Entries are found again by key and keep their ids, because other rooms point at them; levels and reasons, which nobody
points at, are written anew. An entry that the files no longer name stays: the migration that retires it says so.
"""

from dataclasses import asdict
from typing import Any

from django.apps.registry import Apps
from django.db import transaction
from django.db.models import F, Max

from .catalogue import Catalogue, load


@transaction.atomic
def seed(apps: Apps) -> None:
    """Writes the catalogue through the models of `apps`: a migration's, or `django.apps.apps`. Safe to repeat."""
    catalogue = load()
    _seed_entries(apps, catalogue)
    _seed_statements(apps, catalogue)
    _seed_references(apps, catalogue)


@transaction.atomic
def unseed(apps: Apps) -> None:
    """Takes out what `seed` wrote, and nothing else."""
    catalogue = load()
    # Activities go before the roles and stages they point at; references, statements and cells go with their culture.
    for name, entries in (
        ("Culture", catalogue.cultures),
        ("CatalogueActivity", catalogue.activities),
        ("CatalogueRole", catalogue.roles),
        ("CatalogueStage", catalogue.stages),
    ):
        apps.get_model("culture", name).objects.filter(key__in=[entry.key for entry in entries]).delete()


def _seed_entries(apps: Apps, catalogue: Catalogue) -> None:
    _upsert(apps, "Culture", [asdict(culture) for culture in catalogue.cultures])
    _upsert(apps, "CatalogueStage", [asdict(stage) for stage in catalogue.stages])
    _upsert(apps, "CatalogueRole", [asdict(role) for role in catalogue.roles])
    stages, roles = _ids(apps, "CatalogueStage"), _ids(apps, "CatalogueRole")
    rows = []
    for activity in catalogue.activities:
        row = asdict(activity)
        stage, lead = row.pop("stage"), row.pop("proposed_lead")
        rows.append(row | {"stage_id": stages[stage], "proposed_lead_id": roles[lead] if lead else None})
    _upsert(apps, "CatalogueActivity", rows)


def _seed_statements(apps: Apps, catalogue: Catalogue) -> None:
    statement, cultures = apps.get_model("culture", "Statement"), _ids(apps, "Culture")
    statement.objects.bulk_create(
        [
            statement(culture_id=cultures[s.culture], function=s.function.value, text=s.text)
            for s in catalogue.statements
        ],
        update_conflicts=True,
        unique_fields=["culture", "function"],
        update_fields=["text"],
    )


def _seed_references(apps: Apps, catalogue: Catalogue) -> None:
    cultures, activities, roles = (_ids(apps, name) for name in ("Culture", "CatalogueActivity", "CatalogueRole"))
    reference, level, reason = (
        apps.get_model("culture", name) for name in ("Reference", "ReferenceLevel", "ReferenceReason")
    )
    for culture in catalogue.cultures:
        row, _ = reference.objects.get_or_create(culture_id=cultures[culture.key])
        level.objects.filter(reference=row).delete()
        level.objects.bulk_create(
            level(reference=row, activity_id=activities[activity], role_id=roles[role], level=letter.value)
            for activity, levels in catalogue.levels[culture.key].items()
            for role, letter in levels.items()
        )
        reason.objects.filter(reference=row).delete()
        reason.objects.bulk_create(
            reason(reference=row, activity_id=activities[activity], text=text)
            for activity, text in catalogue.reasons[culture.key].items()
        )


def _upsert(apps: Apps, name: str, rows: list[dict[str, Any]]) -> None:
    model = apps.get_model("culture", name)
    # Positions are unique, so the old ones step aside first: entries may have changed places in the file.
    farthest = model.objects.aggregate(Max("position"))["position__max"] or 0
    model.objects.update(position=F("position") + max(farthest, len(rows)))
    model.objects.bulk_create(
        [model(**row) for row in rows],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[field for field in rows[0] if field != "key"],
    )


def _ids(apps: Apps, name: str) -> dict[str, int]:
    return dict(apps.get_model("culture", name).objects.values_list("key", "pk"))
