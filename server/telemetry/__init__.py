"""What the service shows of itself: logs, metrics, traces."""
