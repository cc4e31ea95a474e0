from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.accounts.receivers import connect

        connect()
