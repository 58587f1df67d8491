"""What an operator does from outside the flow: topics, ACLs, savepoints, dead letters, replay."""
