"""Rulings may be notes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0013_anonymous"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ruling",
            name="verb",
            field=models.CharField(
                choices=[("invalidate", "invalidate"), ("restore", "restore"), ("note", "note")], max_length=20
            ),
        ),
    ]
