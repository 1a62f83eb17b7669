"""Local stand-ins for WeChat, the postal carrier, the portrait authority and a face verification service,
reached over HTTP like the real ones.

Everything here is invented: persons, numbers, keys. It never loads in production mode.
"""
