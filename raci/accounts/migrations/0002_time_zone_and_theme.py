"""What a person prefers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="theme",
            field=models.CharField(
                blank=True, choices=[("", "As the system"), ("light", "Light"), ("dark", "Dark")], max_length=10
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(blank=True, help_text="Empty for that of the server.", max_length=64),
        ),
    ]
