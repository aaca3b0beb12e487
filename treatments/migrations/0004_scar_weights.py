import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("treatments", "0003_only_grows_but_for_resealing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ScarWeightsVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(editable=False, null=True, verbose_name="number")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "why",
                    models.TextField(
                        blank=True, help_text="what changed, for the colleagues who read the history", verbose_name="why"
                    ),
                ),
                ("effective_from", models.DateTimeField(blank=True, null=True, verbose_name="in force from")),
                ("published_at", models.DateTimeField(editable=False, null=True)),
                ("approved_at", models.DateTimeField(editable=False, null=True)),
                ("approved_hash", models.CharField(blank=True, editable=False, max_length=64)),
                ("bands", models.JSONField(default=dict, verbose_name="multipliers")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="source")),
                (
                    "approved_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ScarWeight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("code", models.SlugField(verbose_name="code")),
                ("name", models.CharField(max_length=120, verbose_name="kind")),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("mild", "macular or mild"),
                            ("moderate", "moderate"),
                            ("severe", "severe"),
                            ("raised", "raised"),
                        ],
                        max_length=20,
                        verbose_name="severity",
                    ),
                ),
                ("points", models.PositiveSmallIntegerField(verbose_name="points")),
                (
                    "unit",
                    models.CharField(
                        choices=[("count", "scars"), ("area", "cm²")],
                        default="count",
                        max_length=10,
                        verbose_name="counted in",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weights",
                        to="treatments.scarweightsversion",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="scarweightsversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effective_from__isnull", False), ("number__isnull", False), ("published_at__isnull", False)),
                    models.Q(("number", None), ("published_at", None)),
                    _connector="OR",
                ),
                name="scar_weights_version_numbered_when_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="scarweightsversion",
            constraint=models.UniqueConstraint(fields=("number",), name="scar_weights_version_number_once"),
        ),
        migrations.AddConstraint(
            model_name="scarweightsversion",
            constraint=models.UniqueConstraint(
                models.Value(1), condition=models.Q(("published_at", None)), name="scar_weights_version_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="scarweight",
            constraint=models.UniqueConstraint(fields=("version", "position"), name="scar_weight_position_once"),
        ),
        migrations.AddConstraint(
            model_name="scarweight",
            constraint=models.UniqueConstraint(fields=("version", "code"), name="scar_weight_code_once"),
        ),
        migrations.AddConstraint(
            model_name="scarweight",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gte", 1), ("points__lte", 99)), name="scar_weight_points_in_range"
            ),
        ),
        triggers.never_changes("treatments_scarweightsversion", "treatments_scarweight"),
    ]
