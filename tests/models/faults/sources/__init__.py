"""The models with one fault each, written the way users write them."""
