"""Files for creditors that do not stream: checked as a whole before any of it is sent."""
