from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.channels import sink
        from ceap.jobs.schedule import every

        every(5, role="worker", name="mail sink")(sink.keep_running)
