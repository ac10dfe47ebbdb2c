"""What the kernel's debugger prints, how locks fared, and where document and source disagree."""
