import uuid

from django.db import migrations, models

import patients.encryption


def seal_notes(apps, schema_editor):
    """Each note moves into the sealed column, bound to a UUID of its own row."""
    closures = apps.get_model("scheduling", "Closure").objects.using(schema_editor.connection.alias)
    for closure in closures.all():
        closure.seal, closure.reason = uuid.uuid4(), closure.in_clear
        closure.save(update_fields=["seal", "reason"])


def open_notes(apps, schema_editor):
    closures = apps.get_model("scheduling", "Closure").objects.using(schema_editor.connection.alias)
    for closure in closures.all():
        closure.in_clear = closure.reason
        closure.save(update_fields=["in_clear"])


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0002_guards")]

    operations = [
        migrations.RenameField("closure", "reason", "in_clear"),
        migrations.AddField("closure", "seal", models.UUIDField(null=True)),
        migrations.AddField(
            "closure",
            "reason",
            patients.encryption.EncryptedTextField(
                blank=True, null=True, place="scheduling_closure.reason", row="seal", verbose_name="note"
            ),
        ),
        migrations.RunPython(seal_notes, open_notes),
        migrations.AlterField(
            "closure",
            "seal",
            models.UUIDField(default=uuid.uuid4, editable=False, help_text="what the note is bound to"),
        ),
        migrations.AlterField(
            "closure",
            "reason",
            patients.encryption.EncryptedTextField(
                blank=True, place="scheduling_closure.reason", row="seal", verbose_name="note"
            ),
        ),
        migrations.RemoveField("closure", "in_clear"),
        migrations.AlterField(
            "idempotencykey",
            "fingerprint",
            models.CharField(help_text="a keyed hash of what was asked for", max_length=64),
        ),
    ]
