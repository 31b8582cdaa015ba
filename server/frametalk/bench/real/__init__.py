"""The `real` suite: trained models, and recordings of people, measured part by part."""
