from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
