"""Whose account is this: citizens, staff and couriers."""
