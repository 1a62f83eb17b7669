"""Delivery and custody: parcels, carriers, handoff codes, pick-up codes. Other packages use `service` and `events`."""
