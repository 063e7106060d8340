"""The offline writer: with no model and no network it composes each section from its points and the facts."""

from service.writer.offline.writer import OfflineWriter

__all__ = ["OfflineWriter"]
