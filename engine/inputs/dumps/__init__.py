"""What a real machine prints about its pages: DDB, sysctls, and `vmstat -s`."""
