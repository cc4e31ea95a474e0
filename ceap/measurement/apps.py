from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.measurement"
    label = "measurement"
    default_auto_field = "django.db.models.BigAutoField"
