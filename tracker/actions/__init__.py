"""Write: an action checks the permission of `by`, then the rules, saves the change and appends an event, or nothing.

It raises PermissionDenied where `by` may not act, NotAllowed where the stage of the thing refuses it, ValidationError
(by field where there are fields) for what was typed, and a Stale… error where another person was quicker.
"""
