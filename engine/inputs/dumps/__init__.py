"""What a real machine prints about its pages: DDB's `show pageq` and `show page`, sysctls, and `vmstat -s`."""
