"""What was observed: flows, countries and groups, elasticities."""
