"""Links that lead into a workspace: revoked at will, and used more than once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def forget_assessment_links(apps, schema_editor):
    """They mean nothing to a release that knows no assessments."""
    apps.get_model("workspaces", "Link").objects.filter(purpose="assessment").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="link",
            name="last_used_at",
            field=models.DateTimeField(blank=True, help_text="When something was last sent by it.", null=True),
        ),
        migrations.AddField(
            model_name="link",
            name="revoked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="link",
            name="workspace",
            field=models.ForeignKey(
                blank=True,
                help_text="Where it leads.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to="workspaces.workspace",
            ),
        ),
        migrations.AlterField(
            model_name="link",
            name="purpose",
            field=models.CharField(
                choices=[("sign-in", "Sign in"), ("assessment", "Answer an assessment")], max_length=20
            ),
        ),
        migrations.AlterField(
            model_name="link",
            name="used_at",
            field=models.DateTimeField(blank=True, help_text="When a link that works once was used up.", null=True),
        ),
        migrations.AlterField(
            model_name="link",
            name="user",
            field=models.ForeignKey(
                help_text="Whom it signs in, or who made it.",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_assessment_links),
    ]
