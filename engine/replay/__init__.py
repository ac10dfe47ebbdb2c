"""A reference string through the kernel model and through the policies of the textbooks."""
