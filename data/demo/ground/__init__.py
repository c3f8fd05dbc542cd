"""The ground of the demo: streets, blocks, compounds, houses and cells."""
