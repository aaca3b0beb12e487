import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("treatments", "0004_scar_weights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentVersion",
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
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("procedure", models.TextField(verbose_name="what is done")),
                ("aims", models.TextField(verbose_name="what it is meant to do")),
                ("limits", models.TextField(verbose_name="what it cannot do")),
                ("alternatives", models.TextField(verbose_name="alternatives, doing nothing included")),
                ("common_risks", models.TextField(verbose_name="common risks")),
                ("serious_risks", models.TextField(verbose_name="serious risks")),
                ("sessions", models.TextField(verbose_name="how many sessions")),
                ("cost", models.TextField(verbose_name="what it costs")),
                ("aftercare", models.TextField(verbose_name="afterwards")),
                ("withdrawal", models.TextField(verbose_name="saying no, and changing your mind")),
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
                (
                    "treatment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consent_versions",
                        to="treatments.treatment",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ConsentReference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
                        to="treatments.consentversion",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="consentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("effective_from__isnull", False), ("number__isnull", False), ("published_at__isnull", False)),
                    models.Q(("number", None), ("published_at", None)),
                    _connector="OR",
                ),
                name="consent_version_numbered_when_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentversion",
            constraint=models.UniqueConstraint(fields=("treatment", "number"), name="consent_version_number_once"),
        ),
        migrations.AddConstraint(
            model_name="consentversion",
            constraint=models.UniqueConstraint(
                models.F("treatment"), condition=models.Q(("published_at", None)), name="consent_version_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="consentreference",
            constraint=models.UniqueConstraint(fields=("version", "position"), name="consent_reference_position_once"),
        ),
        triggers.never_changes("treatments_consentversion", "treatments_consentreference"),
    ]
