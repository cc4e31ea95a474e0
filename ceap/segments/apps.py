from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"
