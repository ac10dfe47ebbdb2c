"""The pageout daemon, the emergency pager, and the out-of-memory killer."""
