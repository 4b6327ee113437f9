"""Workers are what can be submitted to: submissions 0010 has taken their table."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0012_every_run_has_a_cell"),
        ("submissions", "0010_what_workers_offer"),
    ]
    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Worker")])]
