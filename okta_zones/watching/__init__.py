"""The controller: keeps looking, adds and reports by itself, and removes only what was ordered or long unused."""
