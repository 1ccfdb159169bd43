"""Bulk assessment for those who have a cluster: Spark hands out the parts."""
