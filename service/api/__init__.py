"""The HTTP face: routes by resource, problem+json for every error."""
