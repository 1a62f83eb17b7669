"""The catalogue: what the hall does, under which law, with which papers and in how many working days.

Other packages of the hall use `service.py` (needs the database) and the pure modules `item.py`, `rules.py`, `forms.py`, `workdays.py`.
"""
