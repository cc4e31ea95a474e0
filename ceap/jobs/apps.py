from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("tasks")  # registers every package's job handlers
