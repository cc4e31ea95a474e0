"""What customers did: the change log, the warehouse fed from it, purchases and touchpoints."""
