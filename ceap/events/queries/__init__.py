"""Reads about what customers did."""

from ceap.events.queries.activity import event_names, orders, purchase_summary, timeline
from ceap.events.queries.money import apart, faults_of_rates, rates, rates_page, remedy, unpriced
from ceap.events.queries.reading import after, archive_state, close_warehouse, lags, last_seq, position, read, warehouse
from ceap.events.queries.receipts import receipts
from ceap.events.rules import content_keys
from ceap.events.warehouse import Warehouse

__all__ = [
    "Warehouse", "after", "apart", "archive_state", "close_warehouse", "content_keys", "event_names", "faults_of_rates",
    "lags", "last_seq", "orders", "position", "purchase_summary", "rates", "rates_page", "read", "receipts", "remedy",
    "timeline", "unpriced", "warehouse",
]  # fmt: skip
