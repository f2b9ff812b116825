# The cpu backend: one plugin, and the guest beside it.
