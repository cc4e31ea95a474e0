"""Metrics, funnels, ROI."""
