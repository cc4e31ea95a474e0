from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.accounts.queries import audit_shown_by, audit_told_by, roles_compared_by
        from ceap.jobs.schedule import every

        audit_shown_by("ceap.customers.queries.trail.without_hidden")
        audit_told_by("ceap.customers.queries.trail.about_seen")
        roles_compared_by("ceap.customers.queries.fields.role_sees_more")
        every(21_600, role="app", name="customers: files")("ceap.customers.actions.sweep_files")
        every(600, role="app", name="customers: erasures")("ceap.customers.actions.start_erasing")
        every(300, role="app", name="customers: retention")("ceap.customers.actions.retention_if_due")
