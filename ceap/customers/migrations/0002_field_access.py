from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FieldAccess',
            fields=[
                ('key', models.CharField(max_length=50, primary_key=True, serialize=False)),
                ('roles', models.JSONField(default=list)),
            ],
        ),
    ]
