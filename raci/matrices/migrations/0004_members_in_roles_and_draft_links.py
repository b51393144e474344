"""Members who fill a role, links to a draft, what members were told; and the log rings a bell.

SQLite can't rebuild the table of roles under the triggers that read it, so they are taken off and put back. On
PostgreSQL each new entry of the log notifies whoever listens, at the moment it is committed
(raci/web/bell.py).
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

from raci.workspaces.going_back import refuse_while_one_is_deleted

_cells = import_module("raci.matrices.migrations.0002_cell_in_one_matrix")
_take_off = _cells.run({"sqlite": _cells.SQLITE_BACK, "postgresql": []})
_put_back = _cells.run({"sqlite": _cells.SQLITE, "postgresql": []})

BELL = [
    """
    CREATE FUNCTION ring_for_change() RETURNS trigger AS $$
    BEGIN
      PERFORM pg_notify('remit', 'matrix-' || NEW.matrix_id);
      RETURN NULL;
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER ring_for_change AFTER INSERT ON matrices_change
    FOR EACH ROW EXECUTE FUNCTION ring_for_change()
    """,
]
BELL_BACK = ["DROP TRIGGER ring_for_change ON matrices_change", "DROP FUNCTION ring_for_change()"]

_NEW = {"members", "answers"}


def _forget(apps, schema_editor):
    """On the way back the log forgets what the tables no longer hold, or it would not lead to them."""
    Change = apps.get_model("matrices", "Change")
    changed = []
    for change in Change.objects.order_by("pk").iterator(chunk_size=200):
        edits = [_without(edit) if edit["table"] == "role" else edit for edit in change.edits]
        if edits != change.edits:
            change.edits = edits
            changed.append(change)
    Change.objects.bulk_update(changed, ["edits"], batch_size=200)


def _without(edit):
    """The edit without the fields that go, perhaps an empty one: the row was touched all the same."""
    sides = {
        side: None if edit[side] is None else {name: value for name, value in edit[side].items() if name not in _NEW}
        for side in ("before", "after")
    }
    return {**edit, **sides}


class Migration(migrations.Migration):
    dependencies = [
        ("matrices", "0003_departures_and_house_references"),
        ("workspaces", "0003_invitations_and_audit"),
    ]

    operations = [
        migrations.RunPython(_take_off, _put_back),
        migrations.RunPython(migrations.RunPython.noop, _forget),
        migrations.AddField(
            model_name="role",
            name="answers",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="role",
            name="members",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.CreateModel(
            name="DraftLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(blank=True, help_text="Whom it is for.", max_length=200)),
                ("key", models.CharField(blank=True, max_length=64)),
                (
                    "link",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="draft_link", to="workspaces.link"
                    ),
                ),
                (
                    "matrix",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="draft_links", to="matrices.matrix"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Told",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.BigIntegerField()),
                (
                    "matrix",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="matrices.matrix"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.member"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("matrix", "member"), name="told_once")],
            },
        ),
        migrations.RunPython(_put_back, _take_off),
        migrations.RunPython(
            _cells.run({"sqlite": [], "postgresql": BELL}), _cells.run({"sqlite": [], "postgresql": BELL_BACK})
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_while_one_is_deleted),
    ]
