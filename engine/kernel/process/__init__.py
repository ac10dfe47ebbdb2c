"""Processes, their address spaces, page tables and faults."""
