"""Values only: what a trace, a reasoning and a record are. Imports nothing of ours but the errors."""
