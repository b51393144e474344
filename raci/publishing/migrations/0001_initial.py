"""Versions, and how everyone comes to know them.

The database itself refuses to change a version or a signature (but to forget who made it, when their account goes), to
remove one from a workspace that is in use, and to take a version in which not exactly one role leads each activity. On
SQLite an INSERT OR REPLACE removes rows without a word to the triggers that keep them, so it is refused there too.
SQLite drops triggers with a table that Django rebuilds: a later migration that alters either makes them anew.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from raci.workspaces.going_back import refuse_while_one_is_deleted

VERSION = "a version is never changed"
SIGNATURE = "a signature is never changed"
KEPT = "versions and signatures go with their workspace only"
LEADS = "in a version exactly one role leads each activity"


_VERSION = (
    "id",
    "matrix_id",
    "number",
    "revision",
    "logged",
    "name",
    "grid",
    "digest",
    "filled",
    "note",
    "known",
    "published_at",
)
_SIGNATURE = ("id", "matrix_id", "digest", "role", "name", "at")
_ONE_VERSION = (("id",), ("matrix_id", "number"), ("matrix_id", "revision"), ("matrix_id", "logged"))
_ONE_SIGNATURE = (("id",), ("matrix_id", "digest", "role"))
_IN_USE = """
    EXISTS (SELECT 1 FROM matrices_matrix m JOIN workspaces_workspace w ON w.id = m.workspace_id
            WHERE m.id = OLD.matrix_id AND w.deleted_at IS NULL)
"""


def _sqlite(table, columns, keys, by, message):
    known = " OR ".join("(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys)
    differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
    return [
        f"""
        CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON publishing_{table}
        WHEN {differs} OR NEW.{by} IS NOT NULL AND NEW.{by} IS NOT OLD.{by}
        BEGIN SELECT RAISE(ABORT, '{message}'); END
        """,
        f"""
        CREATE TRIGGER {table}_kept BEFORE DELETE ON publishing_{table} WHEN {_IN_USE}
        BEGIN SELECT RAISE(ABORT, '{KEPT}'); END
        """,
        f"""
        CREATE TRIGGER {table}_new BEFORE INSERT ON publishing_{table}
        WHEN EXISTS (SELECT 1 FROM publishing_{table} WHERE {known})
        BEGIN SELECT RAISE(ABORT, '{message}'); END
        """,
    ]


def _postgresql(table, columns, by, message):
    new, old = (", ".join(f"{side}.{column}" for column in columns) for side in ("NEW", "OLD"))
    return [
        f"""
        CREATE FUNCTION {table}_unchanged() RETURNS trigger AS $$
        BEGIN
          IF ({new}) IS DISTINCT FROM ({old}) OR NEW.{by} IS NOT NULL AND NEW.{by} IS DISTINCT FROM OLD.{by} THEN
            RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN NEW;
        END $$ LANGUAGE plpgsql
        """,
        f"""
        CREATE FUNCTION {table}_kept() RETURNS trigger AS $$
        BEGIN
          IF {_IN_USE} THEN
            RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation';
          END IF;
          RETURN OLD;
        END $$ LANGUAGE plpgsql
        """,
        f"""
        CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON publishing_{table}
        FOR EACH ROW EXECUTE FUNCTION {table}_unchanged()
        """,
        f"""
        CREATE TRIGGER {table}_kept BEFORE DELETE ON publishing_{table}
        FOR EACH ROW EXECUTE FUNCTION {table}_kept()
        """,
    ]


SQLITE = [
    *_sqlite("version", _VERSION, _ONE_VERSION, "published_by_id", VERSION),
    *_sqlite("signoff", _SIGNATURE, _ONE_SIGNATURE, "by_id", SIGNATURE),
    f"""
    CREATE TRIGGER version_led BEFORE INSERT ON publishing_version
    WHEN json_type(NEW.grid, '$.activities') IS NOT 'array' OR json_type(NEW.grid, '$.cells') IS NOT 'object' OR EXISTS (
      SELECT 1 FROM json_each(NEW.grid, '$.activities') a
      WHERE (SELECT count(*) FROM json_each(NEW.grid, '$.cells."' || json_extract(a.value, '$.id') || '"') c
             WHERE c.value = 'L') <> 1
    )
    BEGIN SELECT RAISE(ABORT, '{LEADS}'); END
    """,
]
SQLITE_BACK = [
    f"DROP TRIGGER {name}"
    for name in (
        *(f"{table}_{what}" for table in ("version", "signoff") for what in ("unchanged", "kept", "new")),
        "version_led",
    )
]
POSTGRESQL = [
    *_postgresql("version", _VERSION, "published_by_id", VERSION),
    *_postgresql("signoff", _SIGNATURE, "by_id", SIGNATURE),
    f"""
    CREATE FUNCTION version_led() RETURNS trigger AS $$
    BEGIN
      IF jsonb_typeof(NEW.grid -> 'activities') IS DISTINCT FROM 'array'
         OR jsonb_typeof(NEW.grid -> 'cells') IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION '{LEADS}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      IF EXISTS (
        SELECT 1 FROM jsonb_array_elements(NEW.grid -> 'activities') a
        WHERE (SELECT count(*) FROM jsonb_each_text(coalesce(NEW.grid -> 'cells' -> (a ->> 'id'), '{{}}'::jsonb)) c
               WHERE c.value = 'L') <> 1
      ) THEN
        RAISE EXCEPTION '{LEADS}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER version_led BEFORE INSERT ON publishing_version
    FOR EACH ROW EXECUTE FUNCTION version_led()
    """,
]
POSTGRESQL_BACK = [
    *(
        f"DROP TRIGGER {table}_{what} ON publishing_{table}"
        for table in ("version", "signoff")
        for what in ("unchanged", "kept")
    ),
    "DROP TRIGGER version_led ON publishing_version",
    *(f"DROP FUNCTION {table}_{what}()" for table in ("version", "signoff") for what in ("unchanged", "kept")),
    "DROP FUNCTION version_led()",
]


def run(statements):
    def execute(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return execute


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("matrices", "0005_role_contact"),
        ("notices", "0002_outbox_stop"),
        ("workspaces", "0004_published_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("revision", models.BigIntegerField()),
                ("logged", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("grid", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("filled", models.JSONField(default=list)),
                ("note", models.TextField(blank=True)),
                ("known", models.JSONField(default=list)),
                ("published_at", models.DateTimeField()),
                (
                    "matrix",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="matrices.matrix"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-number",),
            },
        ),
        migrations.CreateModel(
            name="SharedPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("page", "Page"), ("embed", "Embedded page"), ("feed", "Feed")],
                        default="page",
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                ("shows_people", models.BooleanField(default=False)),
                ("origins", models.JSONField(default=list)),
                ("key", models.CharField(blank=True, max_length=64)),
                (
                    "link",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shared_page", to="workspaces.link"
                    ),
                ),
                (
                    "matrix",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shared_pages", to="matrices.matrix"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="publishing.version",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.EmailField(max_length=254)),
                ("roles", models.JSONField(default=list)),
                ("told_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "link",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="receipt",
                        to="workspaces.link",
                    ),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="notices.outbox"
                    ),
                ),
                (
                    "reminder",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reminded",
                        to="workspaces.link",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="receipts", to="publishing.version"
                    ),
                ),
            ],
            options={
                "ordering": ("address", "id"),
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("months", models.PositiveIntegerField(default=12)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("changed_why", models.CharField(blank=True, max_length=200)),
                ("confirmed", models.JSONField(default=dict)),
                ("looked_back_at", models.DateTimeField(blank=True, null=True)),
                ("moves", models.PositiveIntegerField(default=0)),
                ("moved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matrix",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="publication", to="matrices.matrix"
                    ),
                ),
                (
                    "latest",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="publishing.version",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField(blank=True)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "edited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="letter", to="publishing.version"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=253)),
                ("address", models.TextField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matrix",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="webhooks", to="matrices.matrix"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="postings", to="publishing.version"
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="postings", to="publishing.webhook"
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="SignOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("role", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "matrix",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sign_offs", to="matrices.matrix"
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
                "constraints": [models.UniqueConstraint(fields=("matrix", "digest", "role"), name="signed_once")],
            },
        ),
        migrations.CreateModel(
            name="Unsubscribed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.EmailField(max_length=254)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="workspaces.workspace"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "address"), name="unsubscribed_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(fields=("matrix", "number"), name="one_version_a_number"),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(fields=("matrix", "revision"), name="one_version_a_revision"),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(fields=("matrix", "logged"), name="logged_once"),
        ),
        migrations.AddConstraint(
            model_name="sharedpage",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["page", "embed", "feed"])), name="shared_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.UniqueConstraint(fields=("version", "address"), name="told_of_a_version_once"),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__gte", 1), ("months__lte", 60)), name="review_interval_sane"
            ),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.UniqueConstraint(fields=("webhook", "version"), name="posted_once"),
        ),
        migrations.RunPython(
            run({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            run({"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}),
        ),
        # Asked here too, for a way back over several rooms begins here, and takes all of this with it.
        migrations.RunPython(migrations.RunPython.noop, refuse_while_one_is_deleted),
    ]
