"""Appointments at a counter: slot plans as data, capacity that is never oversold, check-in and service by a clerk."""
