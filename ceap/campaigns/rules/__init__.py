"""Pure decisions about campaigns: when each person is due, and what stands in the way of a launch."""

from ceap.campaigns.rules.checklist import Facts, checklist, refusals, service_email
from ceap.campaigns.rules.checks import Check
from ceap.campaigns.rules.mapping import mapped
from ceap.campaigns.rules.money import LARGEST_AMOUNT, cost_of, roi
from ceap.campaigns.rules.schedule import LEAD, ZONES, Schedule, due, earliest, in_gap, resolve
from ceap.campaigns.rules.trial import Trial

__all__ = [
    "LARGEST_AMOUNT", "LEAD", "ZONES", "Check", "Facts", "Schedule", "Trial", "checklist", "cost_of", "due", "earliest",
    "in_gap", "mapped", "refusals", "resolve", "roi", "service_email",
]  # fmt: skip
