from hypothesis import settings

# Speed is checked in benchmarks; a slow machine must not fail a property.
settings.register_profile("teslimat", deadline=None)
settings.load_profile("teslimat")
