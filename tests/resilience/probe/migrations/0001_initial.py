from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Effect",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("subscriber", models.CharField(max_length=80)),
                ("position", models.BigIntegerField()),
                ("number", models.IntegerField()),
                ("process", models.IntegerField()),
            ],
        )
    ]
