"""Gives every account the skeleton of its name. Accounts that look alike already keep their names; the first has it."""

import unicodedata

from django.db import migrations, models

from farfield_web.accounts.names import skeleton


def fill(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects
    taken = set()
    for user in users.order_by("date_joined", "pk").iterator():
        normal = unicodedata.normalize("NFKC", user.username)
        # The sign-in page has always looked for the normal form: a name kept otherwise could not sign in there.
        if normal != user.username and not users.filter(username__iexact=normal).exists():
            user.username = normal
        seen = skeleton(user.username)
        user.skeleton = f"{seen}#{user.pk}" if seen in taken else seen
        taken.add(seen)
        user.save(update_fields=["username", "skeleton"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("user", "skeleton", models.CharField(editable=False, max_length=700, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("user", "skeleton", models.CharField(editable=False, max_length=700, unique=True)),
    ]
