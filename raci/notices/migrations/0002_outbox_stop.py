"""Mail that its reader can stop with one click."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="outbox",
            name="stop",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="The route, with the same token, by which its reader wants no more of the kind (RFC 8058).",
                max_length=50,
            ),
        ),
    ]
