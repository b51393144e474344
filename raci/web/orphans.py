"""Foreign keys that point at nothing, whatever the database itself believes."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import Exists, ForeignKey, OuterRef


def orphans() -> list[str]:
    """I9, over all tables: one sentence for each column with such rows."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            lost = cursor.execute("PRAGMA foreign_key_check").fetchall()
        return [f"I9: row {row} of {table} points at nothing in {parent}" for table, row, parent, _ in lost]
    return list(_counted())


def _counted() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if not isinstance(field, ForeignKey) or not model._meta.managed:
                continue
            target = field.target_field
            found = target.model._default_manager.filter(**{target.attname: OuterRef(field.attname)})
            rows = model._default_manager.filter(**{f"{field.attname}__isnull": False})
            if lost := rows.filter(~Exists(found)).count():
                yield f"I9: {lost} rows of {model._meta.label}.{field.name} point at nothing"
