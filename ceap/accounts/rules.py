"""Settings of the organisation and their defaults."""

from __future__ import annotations

DEFAULTS: dict[str, object] = {
    "segment_conditions_per_group": 3,
    "segment_groups": 2,
    "active_campaigns": 10,
    "email_cap_per_week": 3,
    "approval_above": 1000,
    "quiet_from": "",  # "21:00"; empty = no quiet hours
    "quiet_until": "",
    "recalculate_at": "08:00",
    "candidate_days": 30,
}
