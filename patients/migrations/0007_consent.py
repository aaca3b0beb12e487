import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import patients.encryption
from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_care_team_covers"),
        ("treatments", "0005_consent_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("text_hash", models.CharField(help_text="SHA-256 of the text that was read, in hex", max_length=64)),
                ("name", patients.encryption.EncryptedTextField(editable=True, place="patients_consent.name")),
                (
                    "how",
                    models.CharField(
                        choices=[("tablet", "on the clinic's tablet"), ("phone", "on the patient's phone")], max_length=20
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="patients.patient"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treatments.consentversion"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ConsentConfirmation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("name", models.CharField(help_text="the practitioner's name at that moment", max_length=120)),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="confirmations", to="patients.consent"
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
        migrations.CreateModel(
            name="ConsentReading",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("text_hash", models.CharField(help_text="SHA-256 of the text that was read, in hex", max_length=64)),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consent_readings", to="patients.patient"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="treatments.consentversion"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ConsentWithdrawal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "reason",
                    patients.encryption.EncryptedTextField(
                        blank=True, editable=True, place="patients_consentwithdrawal.reason"
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawals", to="patients.consent"
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
        migrations.CreateModel(
            name="PurposeConsent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("clinical_photos", "Photos for your record"),
                            ("teaching", "Photos for teaching"),
                            ("marketing", "Photos and words in public"),
                            ("messages", "Messages between visits"),
                        ],
                        max_length=20,
                    ),
                ),
                ("given", models.BooleanField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="purpose_consents", to="patients.patient"
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
            model_name="consent",
            index=models.Index(fields=["patient", "version", "-at"], name="consent_latest"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("text_hash__regex", "^[0-9a-f]{64}$")), name="consent_hash"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("how__in", ["tablet", "phone"])), name="consent_how_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="consentconfirmation",
            constraint=models.UniqueConstraint(fields=("consent",), name="consent_confirmed_once"),
        ),
        migrations.AddConstraint(
            model_name="consentconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="consent_confirmed_by_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="consentreading",
            constraint=models.UniqueConstraint(fields=("patient", "version"), name="consent_reading_once"),
        ),
        migrations.AddConstraint(
            model_name="consentreading",
            constraint=models.CheckConstraint(
                condition=models.Q(("text_hash__regex", "^[0-9a-f]{64}$")), name="consent_reading_hash"
            ),
        ),
        migrations.AddConstraint(
            model_name="consentwithdrawal",
            constraint=models.UniqueConstraint(fields=("consent",), name="consent_withdrawn_once"),
        ),
        migrations.AddIndex(
            model_name="purposeconsent",
            index=models.Index(fields=["patient", "purpose", "-at"], name="purpose_consent_latest"),
        ),
        migrations.AddConstraint(
            model_name="purposeconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["clinical_photos", "teaching", "marketing", "messages"])),
                name="purpose_consent_purpose_known",
            ),
        ),
        triggers.only_grows("patients_consentreading"),
        triggers.only_grows("patients_consent"),
        triggers.only_grows("patients_consentconfirmation"),
        triggers.only_grows("patients_consentwithdrawal"),
        triggers.only_grows("patients_purposeconsent"),
    ]
