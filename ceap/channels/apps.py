from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.jobs.schedule import every

        every(5, role="worker", name="mail sink")(_keep_sink_running)


def _keep_sink_running() -> None:
    from ceap.kit.home import Home

    if Home.load().sink:
        from ceap.channels import sink

        sink.keep_running()
