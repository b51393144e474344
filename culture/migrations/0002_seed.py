"""Fills the catalogue from culture/data."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from culture import seed


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    seed.seed(apps)


def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    seed.unseed(apps)


class Migration(migrations.Migration):
    dependencies = [("culture", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
