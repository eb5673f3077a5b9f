"""Which provision the title of a document means, and when a document gets its letter. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from events.catalogue import Event
from events.changes import DocumentLettered, ProvisionChange
from services.ingest.documents import Titled, Titles, title_key
from services.ingest.reading import ReadChange, ReadVersion, Warned
from services.law.references import reference
from services.law.shapes import Code


class Letters:
    """Places the changes of one row by their titles; what earlier rows say decides, and the row as a whole."""

    def __init__(self, code: Code, titles: Titles, row: ReadVersion) -> None:
        self._code, self._titles, self._day = code, titles, row.effective
        self._rivals = _rivals(code, row.changes)
        self.warnings: list[Warned] = []

    def lettered(self, event: Event) -> DocumentLettered | None:
        """The event to come before this one, where it is the first to give its document a letter or number."""
        if not isinstance(event, ProvisionChange) or not event.title or not gives_letter(self._code, event):
            return None
        document = self._titles.document(event.title)
        if document is None or document.ref in self._titles.lettered:
            return None
        if self._titles.provisions(event.title, None):
            return None
        rivals = self._rivals[title_key(event.title)]
        if len(rivals) > 1:
            self._unsure(event, rivals)
            return None
        self._titles.lettered.add(document.ref)
        told = event.model_dump(include={"code", "actor", "causation_id", "kind", "ref", "title", "version"})
        return DocumentLettered(document=document.ref, effective=self._day, source=event.source, **told)

    def placed(self, event: Event) -> Event:
        """The event, with the provision that its title names where that is another than it says."""
        if not isinstance(event, ProvisionChange) or not event.title or event.kind != "document":
            return event
        fitting = self._titles.provisions(event.title, event.effective)
        if len(fitting) > 1:
            self._unsure(event, [str(each) for each in fitting])
            return event
        document = self._titles.document(event.title)
        place = fitting[0] if fitting else document
        if place is None or (place.kind, place.ref) == (event.kind, event.ref):
            return event
        return event.model_copy(update={"provision": str(place)})

    def bears(self, event: Event) -> bool:
        """Whether the event is the first to say that its provision bears its title; that is kept."""
        if not isinstance(event, ProvisionChange) or not event.title:
            return False
        # A document that has its place already is not one more that waits for a letter.
        own = event.kind == "document" and event.provision is None
        if not own and not gives_letter(self._code, event):
            return False
        return self._titles.note(event.title, Titled(event.kind, event.ref, event.effective))

    def _unsure(self, event: ProvisionChange, fitting: Iterable[str]) -> None:
        names = ", ".join(sorted(fitting)[:5])
        message = f"version {event.version}: the title {event.title!r} fits {names}; none of them is taken for it"
        spans = event.source.spans if event.source else ()
        self.warnings.append(Warned("ambiguous-title", message, event.version, spans))


def gives_letter(code: Code, change: ProvisionChange | ReadChange) -> bool:
    """Whether the change is to a whole provision of a kind that documents can become."""
    kind = code.kind(change.kind)
    if kind is None or not kind.lettered or change.action == "deleted":
        return False
    try:
        parsed = reference(kind, change.ref)
    except ValueError:
        return False
    return not parsed.holders and not parsed.is_range


def _rivals(code: Code, changes: Iterable[ReadChange]) -> dict[str, set[str]]:
    """The provisions of a row by the title that they bear in it."""
    found: dict[str, set[str]] = defaultdict(set)
    for change in changes:
        if change.title and gives_letter(code, change):
            found[title_key(change.title)].add(f"{change.kind}/{change.ref}")
    return found
