from django.db import migrations


def divide(apps, schema_editor):
    """The bytes of each upload become its content, and each of its holders gets an upload of their own.

    Until now the first sender's kind and file name stood for all; whoever sent the same bytes under another name may
    send them again.
    """
    upload_model, content_model = apps.get_model("submissions", "Upload"), apps.get_model("submissions", "Content")
    submission = apps.get_model("submissions", "Submission")
    for upload in upload_model.objects.order_by("pk"):
        content = content_model.objects.create(sha256=upload.sha256, size=upload.size, owner_id=upload.owner_id)
        content_model.objects.filter(pk=content.pk).update(created_at=upload.created_at)
        upload_model.objects.filter(pk=upload.pk).update(content=content, sent_at=upload.created_at)
        for holder in upload.holders.exclude(pk=upload.owner_id).order_by("pk"):
            own = upload_model.objects.create(
                content=content,
                owner=holder,
                kind=upload.kind,
                filename=upload.filename,
                facts=upload.facts,
                sent_at=upload.created_at,
                sha256=f"{upload.sha256[:40]}-{holder.pk}"[:64],  # unique until the column goes, below
                size=upload.size,
            )
            # A configuration of another person's package stays that package.
            mine = submission.objects.filter(upload=upload, owner=holder).exclude(kind="configuration")
            mine.update(upload=own)


class Migration(migrations.Migration):
    """By itself: PostgreSQL alters no table to which the same transaction has written."""

    dependencies = [("submissions", "0005_content")]

    operations = [migrations.RunPython(divide, migrations.RunPython.noop)]
