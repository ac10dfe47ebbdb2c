"""Running threads: choosing the next step, performing it, and the recorded history."""
