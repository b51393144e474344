import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CatalogueRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=200, unique=True)),
                ("short", models.CharField(max_length=20)),
                ("purpose", models.CharField(max_length=200)),
                ("position", models.PositiveBigIntegerField(unique=True)),
                ("in_references", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="CatalogueStage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=200, unique=True)),
                ("position", models.PositiveBigIntegerField(unique=True)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Culture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("summary", models.CharField(max_length=200)),
                ("strategy", models.CharField(max_length=200)),
                ("suits", models.JSONField(help_text="A list of lines: where the culture often works.")),
                ("danger", models.CharField(max_length=200)),
                ("note", models.TextField(blank=True, help_text="How to read its reference.")),
                ("position", models.PositiveBigIntegerField(unique=True)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="CatalogueActivity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=200, unique=True)),
                ("help", models.CharField(max_length=200)),
                ("position", models.PositiveBigIntegerField(unique=True)),
                ("in_references", models.BooleanField(default=False)),
                (
                    "proposed_lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposed_for",
                        to="culture.cataloguerole",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="culture.cataloguestage",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "catalogue activities",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "culture",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reference", to="culture.culture"
                    ),
                ),
            ],
            options={
                "ordering": ["culture__position"],
            },
        ),
        migrations.CreateModel(
            name="ReferenceLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[("L", "Lead"), ("S", "Support"), ("C", "Contribute"), ("I", "Informed")], max_length=1
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reference_levels",
                        to="culture.catalogueactivity",
                    ),
                ),
                (
                    "reference",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="levels", to="culture.reference"
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reference_levels",
                        to="culture.cataloguerole",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reference", "activity", "role"), name="reference_one_level_per_cell"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("level", "L")),
                        fields=("reference", "activity"),
                        name="reference_one_lead_per_activity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["L", "S", "C", "I"])), name="reference_level_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReferenceReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=120)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reference_reasons",
                        to="culture.catalogueactivity",
                    ),
                ),
                (
                    "reference",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reasons", to="culture.reference"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("reference", "activity"), name="reference_one_reason_per_activity")
                ],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "function",
                    models.CharField(
                        choices=[
                            ("product-strategy", "Product strategy and life cycle"),
                            ("marketing-strategy", "Marketing strategy"),
                            ("market-segmentation", "Market segmentation"),
                            ("sales-strategy", "Sales strategy"),
                        ],
                        max_length=60,
                    ),
                ),
                ("text", models.TextField()),
                (
                    "culture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="statements", to="culture.culture"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("culture", "function"), name="statement_once_per_function"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "function__in",
                                ["product-strategy", "marketing-strategy", "market-segmentation", "sales-strategy"],
                            )
                        ),
                        name="statement_function_known",
                    ),
                ],
            },
        ),
    ]
