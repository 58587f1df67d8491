"""Accepted help, handed on: a case in the municipality's case system, an event by webhook, or a file."""
