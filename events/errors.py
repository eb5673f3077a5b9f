"""The four ways in which inforce says no; every refusal has one of these as its base, and so a status and an exit code."""


class Rejected(Exception):  # noqa: N818 - named for what happened
    """The request itself is wrong; nothing was written."""


class Conflict(Exception):  # noqa: N818
    """The request was right for a state that is no longer so; nothing was written."""


class NotFound(Exception):  # noqa: N818
    """What was asked for is not known at that point of both time axes."""


class Unavailable(Exception):  # noqa: N818
    """Something needed did not answer in time; nothing was written, the same request may succeed later."""
