from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Submissions from before had a method of their own, always."""
    submission, method = apps.get_model("submissions", "Submission"), apps.get_model("submissions", "Method")
    names = method.objects.filter(pk=OuterRef("method_id")).values("name")[:1]
    submission.objects.filter(method_name="", method__isnull=False).update(method_name=Subquery(names))


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0002_kinds_and_uploads"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
