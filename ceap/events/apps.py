from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.jobs.schedule import every

        every(0.5, role="app", name="events: warehouse")("ceap.events.tasks.load")
        every(3600, role="app", name="events: archive")("ceap.events.tasks.keep_house")
