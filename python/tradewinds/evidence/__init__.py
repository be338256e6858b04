"""What the finished road says when it is asked about observations, and about itself."""
