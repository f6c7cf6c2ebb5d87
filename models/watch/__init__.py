"""What waits for somebody: daily review, digest, *Mi día*, workload."""
