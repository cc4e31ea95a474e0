from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.consent"
    label = "consent"
    default_auto_field = "django.db.models.BigAutoField"
    before_erasure = "ceap.consent.actions.erasure.keep_suppressed"  # see customers.actions.erase
