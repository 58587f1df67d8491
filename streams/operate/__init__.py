"""What an operator does from outside the flow: topics, rights, savepoints, letters, replay."""
