"""Items one can act on: products, courses, videos, tracks, services, outlets, events to attend."""
