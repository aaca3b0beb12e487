from django.db import migrations

from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [("treatments", "0001_initial")]

    operations = [
        migrations.RunSQL(triggers.FUNCTIONS, triggers.DROP_FUNCTIONS),
        triggers.never_changes(
            "treatments_treatmentversion", "treatments_step", "treatments_sideeffect", "treatments_reference"
        ),
        triggers.never_changes("treatments_concernversion", "treatments_concerntreatment", "treatments_concernreference"),
        triggers.never_changes("treatments_intervalsversion", "treatments_interval", "treatments_prerequisite"),
        triggers.never_changes("treatments_questionnaireversion", "treatments_question"),
        triggers.never_changes("treatments_rulesversion", "treatments_rule"),
    ]
