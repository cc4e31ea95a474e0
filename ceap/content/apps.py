from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.content"
    label = "content"
    default_auto_field = "django.db.models.BigAutoField"
