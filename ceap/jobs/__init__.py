"""Coarse jobs: progress, lease, heartbeat, watchdog, cancel; queued through django-tasks."""
