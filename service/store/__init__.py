"""What outlives the process: plans, their versions and events, replies paid for, keys; one database for all of it.

A caller opens a `Database`, takes a session from `writing()` or `reading()` and hands it to the functions of the
modules here, as many as belong into one transaction. Whoever writes to a plan holds its row first, so that two
transactions never wait for each other in a circle.
"""

from service.store.database import Database

__all__ = ["Database"]
