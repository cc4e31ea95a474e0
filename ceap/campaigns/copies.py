"""Campaigns hold no customers: whom one was sent to is in the deliveries."""

from __future__ import annotations

from ceap.core.copies import Table, listed

OWN = "what the organisation plans, for segments"

listed(
    Table(
        "campaigns_campaign",
        "type status channel sender_id schedule send_within_hours starts_at launched_at planned_at planned "
        "completed_at budget cost_fixed cost_per_message conversion_days approval_requested_at approved_at "
        "approved_version job_id created_at updated_at version approved_by_id content_version_id created_by_id "
        "pinned_id segment_id mapping",
        OWN,
        scrubbed="name objective status_reason",
        excluded="Texts of the organisation's own; one may have named the customer.",
    ),
    Table("campaigns_campaign_exclusions", "campaign_id segment_id", OWN),
    Table("campaigns_campaign_pinned_exclusions", "campaign_id membershipversion_id", OWN),
)
