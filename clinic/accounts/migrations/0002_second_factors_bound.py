import base64

from django.db import migrations

from patients.encryption import seal, unseal

UNBOUND, SECRETS = "mfa_authenticator.data", ("secret", "seed")


def move(apps, schema_editor, was, becomes):
    """Every secret is sealed anew for another place; `was` and `becomes` make it from the id of the user."""
    rows = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    for row in rows.all():
        for name in SECRETS:
            if name in row.data:
                text = unseal(base64.b64decode(row.data[name]), was(row.user_id))
                row.data[name] = base64.b64encode(seal(text, becomes(row.user_id))).decode()
        row.save(update_fields=["data"])


def bound(user):
    return f"{UNBOUND}.{user}"


def unbound(user):
    return UNBOUND


def bind(apps, schema_editor):
    move(apps, schema_editor, unbound, bound)


def unbind(apps, schema_editor):
    move(apps, schema_editor, bound, unbound)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(bind, unbind)]
