"""What nobody can stop goes before letters, so the index of what waits is in that order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0002_outbox_stop"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="outbox", name="mail_waiting"),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(
                condition=models.Q(("failed_at", None), ("sent_at", None)),
                fields=["stop", "due_at", "id", "claimed_until"],
                name="mail_waiting_in_order",
            ),
        ),
    ]
