"""Links to what is published, to letters and to the calendar."""

from django.db import migrations, models


def forget_them(apps, schema_editor):
    """They mean nothing to a release that publishes nothing."""
    apps.get_model("workspaces", "Link").objects.filter(purpose__in=["shared", "letter", "calendar"]).delete()
    if schema_editor.connection.vendor == "postgresql":  # it alters no table while rows of it are still to be checked
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE", params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("workspaces", "0003_invitations_and_audit"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, forget_them),
        migrations.AlterField(
            model_name="link",
            name="expires_at",
            field=models.DateTimeField(help_text="Or NO_END of links.py: it is open until it is revoked."),
        ),
        migrations.AlterField(
            model_name="link",
            name="last_used_at",
            field=models.DateTimeField(
                blank=True, help_text="When something was sent by it, or looked at.", null=True
            ),
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
                    ("shared", "Read what is published"),
                    ("letter", "Read a version and say so"),
                    ("calendar", "Subscribe to the calendar"),
                ],
                max_length=20,
            ),
        ),
    ]
