"""Files for creditors that do not stream: checked as a whole before anything of it is sent."""
