"""Departures on activities, house references, and which of them a matrix follows.

SQLite can't rebuild the table of activities under the triggers that read it, so they are taken off and put back. On the
way back the log forgets what the tables no longer hold, or it would not lead to them.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


_cells = import_module("raci.matrices.migrations.0002_cell_in_one_matrix")
_take_off = _cells.run({"sqlite": _cells.SQLITE_BACK, "postgresql": []})
_put_back = _cells.run({"sqlite": _cells.SQLITE, "postgresql": []})


_NEW = {"activity": "departures", "matrix": "house_id"}


def _forget(apps, schema_editor):
    Change = apps.get_model("matrices", "Change")
    changed = []
    for change in Change.objects.order_by("pk").iterator(chunk_size=200):
        edits = [_without(edit) for edit in change.edits]
        if edits != change.edits:
            change.edits = edits
            changed.append(change)
    Change.objects.bulk_update(changed, ["edits"], batch_size=200)


def _without(edit):
    """The edit without the fields that go, perhaps an empty one: the row was touched all the same."""
    field = _NEW.get(edit["table"])
    sides = {
        side: None if edit[side] is None else {name: value for name, value in edit[side].items() if name != field}
        for side in ("before", "after")
    }
    return {**edit, **sides}


class Migration(migrations.Migration):
    dependencies = [
        ("matrices", "0002_cell_in_one_matrix"),
        ("workspaces", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(_take_off, _put_back),
        migrations.RunPython(migrations.RunPython.noop, _forget),
        migrations.AddField(
            model_name="activity",
            name="departures",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.CreateModel(
            name="HouseReference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("grid", models.JSONField()),
                ("saved_at", models.DateTimeField(auto_now_add=True)),
                ("is_put_away", models.BooleanField(default=False)),
                (
                    "saved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="house_references",
                        to="workspaces.workspace",
                    ),
                ),
            ],
            options={
                "ordering": ("name", "id"),
            },
        ),
        migrations.AddField(
            model_name="matrix",
            name="house",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="matrices",
                to="matrices.housereference",
            ),
        ),
        migrations.RunPython(_put_back, _take_off),
    ]
