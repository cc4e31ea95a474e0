from typing import get_args

from django.apps import AppConfig


class Config(AppConfig):
    name = "ceap.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ceap.jobs import actions
        from ceap.jobs.schedule import Role, every
        from ceap.kit.leases import Leased, leased

        leased(Leased("jobs_job", "state = 'running'", then=actions.rescue))
        for role in get_args(Role):
            every(0.5, role=role, name=f"leases of the dead ({role})", longest_wait=2)("ceap.jobs.holders.look")
            every(3, role=role, name=f"heartbeat ({role})", longest_wait=3)("ceap.jobs.holders.beat")

        every(10, role="app", name="jobs: watchdog")(actions.rescue)
