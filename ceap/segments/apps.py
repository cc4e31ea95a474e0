from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.customers.queries import field_uses

        field_uses("ceap.segments.queries.of_fields.segments_with")
