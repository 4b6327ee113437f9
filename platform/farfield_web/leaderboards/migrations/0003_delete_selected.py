"""What rules selected are digests of runs now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("leaderboards", "0002_selected"),
        ("runs", "0011_carry_cells_evidence_digests"),
    ]
    operations = [migrations.DeleteModel("Selected")]
