from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.jobs.schedule import every
        from ceap.kit.leases import Leased, leased

        leased(Leased("connectors_call", "state = 'waiting'"))

        every(0.5, role="worker", name="webhooks: sending")("ceap.connectors.sending.send_due")
        every(3600, role="worker", name="webhooks: old calls")("ceap.connectors.calls.forget")
