"""The catalogue holds no customers."""

from __future__ import annotations

from ceap.core.copies import Table, listed

listed(Table("catalog_item", "kind key name category price attributes active", "what is sold, not to whom"))
