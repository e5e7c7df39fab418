"""What the session remembers of a second factor."""

POSTPONED = "second_factor_postponed"  # its user goes on without one until the next sign-in
TRUSTS_DEVICE = "trusts_device"  # the key of the user who is not asked for it on this device for 30 days
