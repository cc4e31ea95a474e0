from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.customers.queries import field_uses
        from ceap.jobs.schedule import every
        from ceap.segments.contracts import name_campaigns, segment_uses

        field_uses("ceap.campaigns.queries.campaigns_with")
        segment_uses("ceap.campaigns.queries.uses_of_segment")
        name_campaigns("ceap.campaigns.queries.names")
        every(1, role="app", name="campaigns: start, hold, complete")("ceap.campaigns.actions.tick")
