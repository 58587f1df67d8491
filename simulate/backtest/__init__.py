"""What a list gains: policies and deliveries side by side in one city, by the product's own rules."""
