"""Writes about permission: consent, suppressions, what an erasure leaves, slots under the cap."""

from ceap.consent.actions.erasure import remember
from ceap.consent.actions.permission import grant, suppress, unsuppress, wait_for_hand_over, withdraw
from ceap.consent.actions.slots import release, reserve

__all__ = ["grant", "release", "remember", "reserve", "suppress", "unsuppress", "wait_for_hand_over", "withdraw"]
