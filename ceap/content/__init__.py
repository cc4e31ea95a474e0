"""Templates, versions, rendering."""
