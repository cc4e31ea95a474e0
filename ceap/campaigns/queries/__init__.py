"""Reads about campaigns."""

from ceap.campaigns.models import Campaign
from ceap.campaigns.queries.checking import content_problem, cost, facts, mapping_for, segment_problem
from ceap.campaigns.queries.resolving import Audience, audience, chunks, due_times, pinned, resolve, waterfall, zones
from ceap.campaigns.queries.rows import active, awaiting, get, names, page, visible_to
from ceap.campaigns.queries.uses import campaigns_with, uses_of_segment
from ceap.campaigns.queries.watching import deliveries, movement, senders

__all__ = [
    "Audience",
    "Campaign",
    "active",
    "audience",
    "awaiting",
    "campaigns_with",
    "chunks",
    "content_problem",
    "cost",
    "deliveries",
    "due_times",
    "facts",
    "get",
    "mapping_for",
    "movement",
    "names",
    "page",
    "pinned",
    "resolve",
    "segment_problem",
    "senders",
    "uses_of_segment",
    "visible_to",
    "waterfall",
    "zones",
]
