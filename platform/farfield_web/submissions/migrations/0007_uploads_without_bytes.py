import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("submissions", "0006_content_of_uploads")]

    operations = [
        migrations.AlterModelOptions(name="upload", options={"ordering": ["-sent_at", "-id"]}),
        migrations.RemoveField(model_name="upload", name="holders"),
        migrations.RemoveField(model_name="upload", name="sha256"),
        migrations.RemoveField(model_name="upload", name="size"),
        migrations.RemoveField(model_name="upload", name="created_at"),
        migrations.AlterField(
            model_name="upload",
            name="content",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to="submissions.content"
            ),
        ),
        migrations.AlterField(model_name="upload", name="sent_at", field=models.DateTimeField()),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.UniqueConstraint(
                fields=("owner", "content", "kind", "filename"), name="one_upload_per_content_and_name"
            ),
        ),
    ]
