from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.content"
    label = "content"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.customers.queries import field_uses

        field_uses("ceap.content.queries.templates_with")
