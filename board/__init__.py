"""The outreach team's page."""
