"""Each run gets into the line in which it waits, or waited."""

from django.db import migrations

LINES = """
INSERT INTO runs_line (owner_id, resource, kind, method_id, benchmark, benchmark_version, woken_at)
SELECT DISTINCT submission.owner_id, run.resource, submission.kind, CASE WHEN submission.kind = 'configuration' THEN submission.method_id END,
    submission.benchmark, submission.benchmark_version, now()
FROM runs_run AS run JOIN submissions_submission AS submission ON submission.id = run.submission_id
"""
RUNS = """
UPDATE runs_run AS run SET line_id = line.id
FROM submissions_submission AS submission, runs_line AS line
WHERE submission.id = run.submission_id AND line.owner_id = submission.owner_id AND line.resource = run.resource
    AND line.kind = submission.kind AND line.method_id IS NOT DISTINCT FROM CASE WHEN submission.kind = 'configuration' THEN submission.method_id END
    AND line.benchmark = submission.benchmark AND line.benchmark_version = submission.benchmark_version
"""


class Migration(migrations.Migration):
    dependencies = [("runs", "0018_lines")]
    operations = [
        migrations.RunSQL(LINES, "UPDATE runs_run SET line_id = NULL"),
        migrations.RunSQL(RUNS, migrations.RunSQL.noop),
    ]
