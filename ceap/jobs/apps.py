from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("tasks")  # registers every package's job handlers

        from ceap.jobs import actions
        from ceap.jobs.schedule import every

        every(10, role="app", name="jobs: watchdog")(actions.rescue)
