from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.channels"
    label = "channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.jobs.schedule import every
        from ceap.kit.leases import Leased, leased

        on_the_way = "state IN ('claimed', 'sending')"  # word for word as in the index "delivery_leases"
        leased(Leased("channels_delivery", on_the_way, then="ceap.channels.actions.sweeping.sweep"))

        every(5, role="worker", name="mail sink")(_keep_sink_running)


def _keep_sink_running() -> None:
    from ceap.kit.home import Home

    if Home.load().sink:
        from ceap.channels import sink

        sink.keep_running()
