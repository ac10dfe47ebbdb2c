"""Reports: DDB output, lock statistics, and the differences between document and source."""
