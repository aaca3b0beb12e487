from django.db import migrations

from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial"), ("treatments", "0002_published_never_changes")]

    operations = [
        triggers.only_grows(table)
        for table in (
            "patients_trailentry",
            "patients_answer",
            "patients_phototype",
            "patients_scarassessment",
            "patients_scarfinding",
            "patients_evaluation",
        )
    ]
