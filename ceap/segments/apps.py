from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.customers.queries import field_uses
        from ceap.kit.leases import Leased, leased

        leased(Leased("segments_lease", "token <> ''", columns=("token", "until")))
        leased(Leased("segments_membershipversion", "state = 'building'"))

        field_uses("ceap.segments.queries.of_fields.segments_with")
