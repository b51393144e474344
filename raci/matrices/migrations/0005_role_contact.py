"""How to reach those who fill a role. SQLite may have to rebuild the table of roles for it: see 0004."""

from importlib import import_module

from django.db import migrations, models

_before = import_module("raci.matrices.migrations.0004_members_in_roles_and_draft_links")


def _forget(apps, schema_editor):
    """On the way back the log forgets what the table no longer holds, or it would not lead to it."""
    Change = apps.get_model("matrices", "Change")
    changed = []
    for change in Change.objects.order_by("pk").iterator(chunk_size=200):
        edits = [_without(edit) if edit["table"] == "role" else edit for edit in change.edits]
        if edits != change.edits:
            change.edits = edits
            changed.append(change)
    Change.objects.bulk_update(changed, ["edits"], batch_size=200)


def _without(edit):
    sides = {
        side: None if edit[side] is None else {name: value for name, value in edit[side].items() if name != "contact"}
        for side in ("before", "after")
    }
    return {**edit, **sides}


class Migration(migrations.Migration):
    dependencies = [("matrices", "0004_members_in_roles_and_draft_links")]

    operations = [
        migrations.RunPython(_before._take_off, _before._put_back),
        migrations.RunPython(migrations.RunPython.noop, _forget),
        migrations.AddField(
            model_name="role",
            name="contact",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.RunPython(_before._put_back, _before._take_off),
    ]
