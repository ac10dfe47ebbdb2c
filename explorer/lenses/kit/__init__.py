"""What every lens is made with."""
