"""The demo clinic: invented people and their visits, made by the same operations as everybody's. Nothing imports it."""
