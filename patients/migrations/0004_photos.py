import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_grades"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Photo",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "view",
                    models.CharField(
                        choices=[
                            ("front", "From the front"),
                            ("left_oblique", "Left, half-turned"),
                            ("right_oblique", "Right, half-turned"),
                            ("left", "Left side"),
                            ("right", "Right side"),
                        ],
                        max_length=20,
                    ),
                ),
                ("width", models.PositiveSmallIntegerField(help_text="in pixels")),
                ("height", models.PositiveSmallIntegerField(help_text="in pixels")),
                ("file", models.CharField(help_text="name of the sealed file", max_length=32)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="patients.patient"
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
                "permissions": [("view_photos", "See and add pictures of the patients in one's care")],
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PhotoRemoval",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(choices=[("erased", "erased"), ("asked", "asked for")], max_length=20)),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="removals", to="patients.photo"
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
            },
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(fields=["patient", "-at"], name="photo_of_patient"),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("view__in", ["front", "left_oblique", "right_oblique", "left", "right"])),
                name="photo_view_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("height__gt", 0), ("width__gt", 0)), name="photo_has_a_size"
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("file__regex", "^[0-9a-f]{32}$")), name="photo_file_is_a_plain_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.UniqueConstraint(fields=("file",), name="photo_file_once"),
        ),
        migrations.AddConstraint(
            model_name="photoremoval",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["erased", "asked"])), name="photo_removal_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="photoremoval",
            constraint=models.UniqueConstraint(fields=("photo", "kind"), name="photo_removal_once"),
        ),
        triggers.only_grows("patients_photo"),
        triggers.only_grows("patients_photoremoval"),
    ]
