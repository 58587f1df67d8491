"""Webhooks: outreach tools that are told what changes, instead of asking."""
