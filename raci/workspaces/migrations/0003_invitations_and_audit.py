"""Invitations, the audit log, when members hear by mail, and workspaces that can be restored.

The database itself refuses to change the audit log: an entry forgets who it names when their account goes, and goes
with its workspace, which is deleted first. SQLite drops triggers with a table that Django rebuilds, and cannot rebuild
the table of workspaces under them: a later migration that alters either takes them off and makes them anew.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from raci.workspaces.going_back import refuse_while_one_is_deleted


def forget_their_links(apps, schema_editor):
    """They mean nothing to a release that knows no invitations."""
    apps.get_model("workspaces", "Link").objects.filter(purpose__in=["invitation", "draft"]).delete()
    if schema_editor.connection.vendor == "postgresql":  # it alters no table while rows of it are still to be checked
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE", params=None)


CHANGED = "an entry of the audit log is never changed"
REMOVED = "the audit log goes with its workspace only"

SQLITE = [
    f"""
    CREATE TRIGGER audit_unchanged BEFORE UPDATE ON workspaces_auditevent
    WHEN NEW.id IS NOT OLD.id OR NEW.workspace_id IS NOT OLD.workspace_id OR NEW.at IS NOT OLD.at
      OR NEW.kind IS NOT OLD.kind OR NEW.about IS NOT OLD.about
      OR NEW.by_id IS NOT NULL AND NEW.by_id IS NOT OLD.by_id
      OR NEW.whom_id IS NOT NULL AND NEW.whom_id IS NOT OLD.whom_id
    BEGIN SELECT RAISE(ABORT, '{CHANGED}'); END
    """,
    f"""
    CREATE TRIGGER audit_kept BEFORE DELETE ON workspaces_auditevent
    WHEN EXISTS (SELECT 1 FROM workspaces_workspace WHERE id = OLD.workspace_id AND deleted_at IS NULL)
    BEGIN SELECT RAISE(ABORT, '{REMOVED}'); END
    """,
]
SQLITE_BACK = ["DROP TRIGGER audit_unchanged", "DROP TRIGGER audit_kept"]

POSTGRESQL = [
    f"""
    CREATE FUNCTION audit_unchanged() RETURNS trigger AS $$
    BEGIN
      IF (NEW.id, NEW.workspace_id, NEW.at, NEW.kind, NEW.about)
         IS DISTINCT FROM (OLD.id, OLD.workspace_id, OLD.at, OLD.kind, OLD.about)
         OR NEW.by_id IS NOT NULL AND NEW.by_id IS DISTINCT FROM OLD.by_id
         OR NEW.whom_id IS NOT NULL AND NEW.whom_id IS DISTINCT FROM OLD.whom_id THEN
        RAISE EXCEPTION '{CHANGED}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END $$ LANGUAGE plpgsql
    """,
    f"""
    CREATE FUNCTION audit_kept() RETURNS trigger AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM workspaces_workspace WHERE id = OLD.workspace_id AND deleted_at IS NULL) THEN
        RAISE EXCEPTION '{REMOVED}' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN OLD;
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER audit_unchanged BEFORE UPDATE ON workspaces_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_unchanged()
    """,
    """
    CREATE TRIGGER audit_kept BEFORE DELETE ON workspaces_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_kept()
    """,
]
POSTGRESQL_BACK = [
    "DROP TRIGGER audit_unchanged ON workspaces_auditevent",
    "DROP TRIGGER audit_kept ON workspaces_auditevent",
    "DROP FUNCTION audit_unchanged()",
    "DROP FUNCTION audit_kept()",
]


def run(statements):
    def execute(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return execute


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0002_assessment_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("kind", models.CharField(max_length=30)),
                ("about", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "access",
                    models.CharField(
                        choices=[
                            ("viewer", "Viewer"),
                            ("reviewer", "Reviewer"),
                            ("editor", "Editor"),
                            ("owner", "Owner"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="member",
            name="mail",
            field=models.CharField(
                choices=[("at-once", "At once"), ("daily", "Once a day"), ("never", "Never")],
                db_default="at-once",
                default="at-once",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="deleted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="link",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("sign-in", "Sign in"),
                    ("assessment", "Answer an assessment"),
                    ("invitation", "Join a workspace"),
                    ("draft", "Look at a draft"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("mail__in", ["at-once", "daily", "never"])), name="member_mail_known"
            ),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="whom",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="audit_events", to="workspaces.workspace"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="link",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="invitation", to="workspaces.link"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="workspace",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="workspaces.workspace"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("access__in", ["viewer", "reviewer", "editor", "owner"])),
                name="invitation_access_known",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_their_links),
        migrations.RunPython(
            run({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            run({"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}),
        ),
        migrations.RunPython(migrations.RunPython.noop, refuse_while_one_is_deleted),
    ]
