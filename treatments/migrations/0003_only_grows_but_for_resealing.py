from django.db import migrations

from treatments import triggers


class Migration(migrations.Migration):
    dependencies = [("treatments", "0002_published_never_changes")]

    operations = [migrations.RunSQL(triggers.REFUSE_ALL_BUT_RESEALING, triggers.REFUSE_REWRITING)]
