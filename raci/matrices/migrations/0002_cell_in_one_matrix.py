"""The database refuses a cell whose activity and role belong to different matrices; foreign keys cannot see it.

SQLite drops triggers with a table that Django rebuilds: a later migration that alters Assignment makes them anew.
"""

from django.db import migrations

MESSAGE = "activity and role of a cell belong to different matrices"

SQLITE = [
    f"""
    CREATE TRIGGER cell_in_one_matrix_{when.lower()} BEFORE {when} ON matrices_assignment
    WHEN (SELECT matrix_id FROM matrices_activity WHERE id = NEW.activity_id)
      <> (SELECT matrix_id FROM matrices_role WHERE id = NEW.role_id)
    BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END
    """
    for when in ("INSERT", "UPDATE")
]
SQLITE_BACK = ["DROP TRIGGER cell_in_one_matrix_insert", "DROP TRIGGER cell_in_one_matrix_update"]

POSTGRESQL = [
    f"""
    CREATE FUNCTION cell_in_one_matrix() RETURNS trigger AS $$
    BEGIN
      IF (SELECT matrix_id FROM matrices_activity WHERE id = NEW.activity_id)
         <> (SELECT matrix_id FROM matrices_role WHERE id = NEW.role_id) THEN
        RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER cell_in_one_matrix BEFORE INSERT OR UPDATE ON matrices_assignment
    FOR EACH ROW EXECUTE FUNCTION cell_in_one_matrix()
    """,
]
POSTGRESQL_BACK = [
    "DROP TRIGGER cell_in_one_matrix ON matrices_assignment",
    "DROP FUNCTION cell_in_one_matrix()",
]


def run(statements):
    def forwards(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return forwards


class Migration(migrations.Migration):
    dependencies = [("matrices", "0001_initial")]

    operations = [
        migrations.RunPython(
            run({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            run({"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}),
        )
    ]
