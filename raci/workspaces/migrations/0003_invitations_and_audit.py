"""Invitations, the audit log, when members hear by mail, and workspaces that can be restored."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def forget_their_links(apps, schema_editor):
    """They mean nothing to a release that knows no invitations."""
    apps.get_model("workspaces", "Link").objects.filter(purpose__in=["invitation", "draft"]).delete()


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
                ("at", models.DateTimeField(auto_now_add=True)),
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
    ]
