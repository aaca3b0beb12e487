import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import patients.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_care_team_covers"),
        ("scheduling", "0003_closure_notes_sealed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="appointment",
            options={
                "default_permissions": (),
                "permissions": [
                    ("book_own", "Book, change and cancel one's own visits"),
                    ("view_day", "See the day's visits"),
                    ("book_for_patients", "Book visits for patients"),
                    ("cancel_for_patients", "Cancel visits, mark no-shows and wrong entries"),
                    ("receive", "Mark arrivals"),
                    ("treat", "Start and complete visits"),
                    ("review", "Open and acknowledge pending visits"),
                    ("override_screening", "Confirm a visit although the answers close it, with a reason"),
                    ("override_policy", "Relax notice, limits, hours and intervals with a reason"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AnswerRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField()),
                ("questions", django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(), size=None)),
                (
                    "note",
                    patients.encryption.EncryptedTextField(blank=True, editable=True, place="scheduling_answerrequest.note"),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer_requests",
                        to="scheduling.appointment",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None), ("withdrawn_at", None)),
                        fields=("appointment",),
                        name="answer_request_one_open_per_visit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_at", None), ("answered_at__gte", models.F("asked_at")), _connector="OR"
                        ),
                        name="answer_request_asked_before_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answered_at", None), ("withdrawn_at", None), _connector="OR"),
                        name="answer_request_answered_or_withdrawn",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("questions__len__gte", 1)), name="answer_request_asks_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallBack",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("phone", models.CharField(max_length=40, verbose_name="telephone")),
                (
                    "when",
                    models.CharField(
                        choices=[("any", "At any time"), ("morning", "In the morning"), ("afternoon", "In the afternoon")],
                        default="any",
                        max_length=20,
                        verbose_name="best time",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0, help_text="calls that reached nobody")),
                ("tried_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "note",
                    patients.encryption.EncryptedTextField(blank=True, editable=True, place="scheduling_callback.note"),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="scheduling.location"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="call_backs", to="patients.patient"
                    ),
                ),
            ],
            options={
                "ordering": ["due_at"],
                "default_permissions": (),
                "indexes": [models.Index(condition=models.Q(("done_at", None)), fields=["due_at"], name="call_back_open")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)), fields=("patient",), name="call_back_one_open_per_patient"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gte", models.F("asked_at"))), name="call_back_due_after_asked"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at", None), ("done_by", None)),
                            models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="call_back_done_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "practitioner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="covers", to="scheduling.resource"
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
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("practitioner", "user"), name="cover_once"),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="cover_since_before_until"
                    ),
                ],
            },
        ),
    ]
