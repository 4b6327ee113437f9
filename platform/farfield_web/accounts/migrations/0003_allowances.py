"""Where throttles count. Unlogged: after a crash of the database everybody starts afresh, which harms nobody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_name_skeletons")]

    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunSQL("ALTER TABLE accounts_allowance SET UNLOGGED", migrations.RunSQL.noop),
    ]
