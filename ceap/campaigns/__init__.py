"""Audience, message, schedule, budget, approval."""
