"""The data that workers have are what can be submitted to: submissions 0010 has taken their table."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("leaderboards", "0003_delete_selected"),
        ("submissions", "0010_what_workers_offer"),
    ]
    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("BenchmarkData")])]
