"""Pure Python, no Django: engine (Ibis), bitmaps, plug-in registry, ports."""
