"""Where jobs keep what customers could be known by."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django_tasks_db.models import DBTaskResult

from ceap.core.copies import Table, listed
from ceap.core.retention import Order, kept
from ceap.jobs.contracts import State
from ceap.jobs.models import Job

listed(
    Table(
        "jobs_job",
        "kind subject state done total attempts cancel_requested lease_token lease_until created_at started_at "
        "finished_at created_by_id",
        "which work was done when, and for whom",
        json="args result",
        scrubbed="message error",
        excluded="Work of the organisation's own people: a filter or message may have named the customer.",
    ),
    Table("jobs_heartbeat", "id machine beats at", "which processes of the installation are alive"),
    Table(
        "django_tasks_database_dbtaskresult",
        "priority task_path queue_name backend_name run_after enqueued_at finished_at started_at exception_class_path "
        "worker_ids status",
        "which job was started when",
        json="args_kwargs return_value",
        scrubbed="traceback",
        excluded="Technical: holds the number of a job.",
    ),
)


ENDED = (State.DONE, State.FAILED, State.CANCELLED)


def _old_jobs(order: Order) -> QuerySet[Job]:
    return Job.objects.filter(state__in=ENDED, finished_at__lt=order.before)


@kept("job_days", "Finished work", count=lambda order: _old_jobs(order).count())
def _jobs_by_age(order: Order) -> Iterator[int]:
    DBTaskResult.objects.filter(finished_at__lt=order.before).delete()
    yield _old_jobs(order).delete()[0]
