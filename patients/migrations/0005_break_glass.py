import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import patients.encryption
from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0004_photos"),
        ("treatments", "0003_only_grows_but_for_resealing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("create extension if not exists btree_gist", migrations.RunSQL.noop),  # the visits need it too
        migrations.AlterModelOptions(
            name="careteam",
            options={
                "default_permissions": (),
                "permissions": [("read_records", "Read the records of patients whom one looks after")],
            },
        ),
        migrations.AddField(
            model_name="trailentry",
            name="visit_on",
            field=models.DateField(help_text="the local day of the visit that it was about", null=True),
        ),
        migrations.AlterField(
            model_name="careteam",
            name="why",
            field=models.CharField(
                choices=[
                    ("visit", "has a visit with the patient"),
                    ("review", "reviews the patient's answers"),
                    ("emergency", "opened the record in an emergency"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="trailentry",
            name="verb",
            field=models.CharField(
                choices=[("opened", "opened"), ("exported", "exported"), ("emergency", "opened in an emergency")],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("reason", patients.encryption.EncryptedTextField(editable=True, place="patients_emergencyaccess.reason")),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="emergencies", to="patients.patient"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("break_glass", "Open a record in an emergency, for a short time"),
                    ("watch_emergencies", "See which records were opened in an emergency, by whom and why"),
                ],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("during__isempty", False),
                            ("during__lower_inc", True),
                            ("during__lower_inf", False),
                            ("during__upper_inc", False),
                            ("during__upper_inf", False),
                        ),
                        name="emergency_during_whole",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("patient", "="), ("user", "="), ("during", "&&")], name="one_emergency_at_a_time"
                    ),
                ],
            },
        ),
        triggers.only_grows("patients_emergencyaccess"),
    ]
