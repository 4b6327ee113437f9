"""The audit log and the rulings are only ever added to: whatever program comes to the database, it is refused."""

from typing import ClassVar

from django.db import migrations

TABLES = ("operations_auditline", "submissions_ruling")
FUNCTION = """
CREATE FUNCTION operations_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""
TRIGGER = (
    "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION operations_only_added()"
)


class Migration(migrations.Migration):
    """Triggers before each update and deletion."""

    dependencies: ClassVar = [("operations", "0001_initial"), ("submissions", "0011_groups_and_claims")]
    operations: ClassVar = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION operations_only_added()"),
        *(migrations.RunSQL(TRIGGER.format(table), f"DROP TRIGGER only_added ON {table}") for table in TABLES),
    ]
