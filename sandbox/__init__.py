"""Local stand-ins for WeChat, the postal carrier and the portrait authority, reached over HTTP like the real ones.

Everything here is invented: persons, numbers, keys. It never loads in production mode.
"""
