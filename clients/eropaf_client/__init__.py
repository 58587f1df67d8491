"""What creditors and outreach tools use: publish arrears, subscribe to priority updates."""
