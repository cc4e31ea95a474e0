from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.jobs import actions
        from ceap.jobs.schedule import every

        every(10, role="app", name="jobs: watchdog")(actions.rescue)
