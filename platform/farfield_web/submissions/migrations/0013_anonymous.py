"""Since when an entry's author is not told."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Null for what is there: its author's name is told, as before."""

    dependencies: ClassVar = [("submissions", "0012_phases_and_answers")]

    operations: ClassVar = [migrations.AddField("submission", "anonymous_since", models.DateTimeField(null=True))]
