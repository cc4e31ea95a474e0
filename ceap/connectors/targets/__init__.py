"""What rows of a file become: customers, items, purchases, events or rates."""

from ceap.connectors.targets.fields import Outcome, Row, fields_of, required
from ceap.connectors.targets.lines import count_again
from ceap.connectors.targets.orders import Seen
from ceap.connectors.targets.take import chosen, take

__all__ = ["Outcome", "Row", "Seen", "chosen", "count_again", "fields_of", "required", "take"]
