import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import patients.encryption
from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0002_only_grows"),
        ("treatments", "0004_scar_weights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="phototype",
            options={
                "default_permissions": (),
                "permissions": [("assess_skin", "Confirm skin types and grade scars, of patients on the own care team")],
            },
        ),
        migrations.CreateModel(
            name="ScarGrade",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "scale",
                    models.CharField(
                        choices=[("goodman-baron-qualitative", "Goodman and Baron, qualitative")], max_length=40
                    ),
                ),
                ("scale_version", models.CharField(max_length=20)),
                ("zone", models.SlugField(blank=True)),
                ("grade", models.PositiveSmallIntegerField()),
                ("note", patients.encryption.EncryptedTextField(blank=True, editable=True, place="patients_scargrade.note")),
                ("total", models.PositiveSmallIntegerField(null=True)),
                (
                    "counts",
                    patients.encryption.EncryptedTextField(blank=True, editable=True, place="patients_scargrade.counts"),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scar_grades", to="patients.patient"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "weights",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="treatments.scarweightsversion",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "indexes": [models.Index(fields=["patient", "zone", "-at"], name="scar_grade_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("grade__gte", 1), ("grade__lte", 4)), name="scar_grade_one_to_four"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scale__in", ["goodman-baron-qualitative"]), models.Q(("scale_version", ""), _negated=True)
                        ),
                        name="scar_grade_scale_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("total", None), ("weights", None)),
                            models.Q(("total__isnull", False), ("weights__isnull", False), ("zone", "")),
                            _connector="OR",
                        ),
                        name="scar_grade_total_has_weights",
                    ),
                    models.UniqueConstraint(fields=("patient", "at", "zone"), name="scar_grade_zone_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SunExposure",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("last", models.DateField(help_text="none: never", null=True)),
                ("asked_on", models.DateField(help_text="the local day of asking")),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sun_exposures", to="patients.patient"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "indexes": [models.Index(fields=["patient", "-at"], name="sun_exposure_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last", None), ("last__lte", models.F("asked_on")), _connector="OR"),
                        name="sun_exposure_not_to_come",
                    )
                ],
            },
        ),
        triggers.only_grows("patients_scargrade"),
        triggers.only_grows("patients_sunexposure"),
    ]
