"""A contradiction decided by somebody: the claim that is used from now on, and the fact that follows it. Pure; all is appended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from events.catalogue import Event
from events.changes import ProvisionChange
from events.envelope import Pending, own_stream
from events.errors import Conflict
from events.facts import CodeDesignated, VersionImplemented
from events.knowing_better import ConflictNoted, Correctable, FactCorrected, FactRetracted
from services.ingest.commands.bodies import Asked
from services.ingest.commands.contested import Contested
from services.ingest.commands.saying import Decided, Said
from services.ingest.commands.standing import act
from services.ingest.facts import digests
from services.ingest.followers import day_moved, following
from services.ingest.knowledge import KnownChange, KnownFact, family_of
from services.ingest.lettering import Letters
from services.ingest.reading import ReadVersion
from services.law import checks
from services.law.codes import Code
