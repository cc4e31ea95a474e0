from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"
