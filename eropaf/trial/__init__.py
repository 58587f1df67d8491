"""A real trial of a list: its power, a draw that anybody can redo, an analysis with intervals."""
