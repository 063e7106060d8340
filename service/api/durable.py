"""The durable plans behind the HTTP face: started and stopped with it, asked by its routes."""

from __future__ import annotations

from schemas.stored import KeyRow
from service.background import Background
from service.errors import NotReadyError, StoreUnreachableError
from service.jobs.crew import Crew
from service.jobs.plans import Plans
from service.jobs.workshop import KitFor
from service.store import Database, keys


class Durable:
    """Jobs run on the loop of `background`; the routes have connections of their own, on the loop that answers."""

    def __init__(self, crew: Crew, checker: KitFor, background: Background) -> None:
        self.crew = crew
        self._checker = checker
        self._background = background
        self._plans: Plans | None = None

    @property
    def plans(self) -> Plans:
        """The operations on plans. StoreUnreachableError before the start and after the end."""
        if self._plans is None:
            raise StoreUnreachableError("服务正在启动或停止，请稍后重试")
        return self._plans

    async def keys(self) -> list[KeyRow]:
        """All API keys of the database, those that were revoked too. StoreError."""
        async with self.plans.database.reading() as session:
            return await keys.all_of(session, revoked=True)

    async def ping(self) -> None:
        """StoreError where the database does not answer."""
        await self.plans.database.ping()

    async def working(self) -> None:
        """NotReadyError where this process drafts nothing."""
        if not self.crew.working:
            raise NotReadyError("起草引擎没有运行")

    async def start(self) -> None:
        """SettingsError, StoreError."""
        await self._background.run(self.crew.start())
        database = Database(self.crew.url, self.crew.folder, bell=self.crew.bell)
        await database.open()
        self._plans = Plans(database, self._checker, self.crew.engine, self._background.hand)

    async def stop(self) -> None:
        """Harmless when it never started."""
        if self._plans is not None:
            plans, self._plans = self._plans, None
            await self._background.run(self.crew.stop())
            await plans.database.close()
