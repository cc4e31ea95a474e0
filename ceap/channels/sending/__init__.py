"""The parts of the sender loop."""
