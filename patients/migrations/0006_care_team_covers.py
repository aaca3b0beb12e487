from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0005_break_glass"),
    ]

    operations = [
        migrations.AlterField(
            model_name="careteam",
            name="why",
            field=models.CharField(
                choices=[
                    ("visit", "has a visit with the patient"),
                    ("review", "reviews the patient's answers"),
                    ("emergency", "opened the record in an emergency"),
                    ("cover", "stands in for a colleague"),
                ],
                max_length=20,
            ),
        ),
    ]
