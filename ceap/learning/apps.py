from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.learning"
    label = "learning"
    default_auto_field = "django.db.models.BigAutoField"
