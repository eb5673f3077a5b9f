"""The life of a proposal beside its decision: raised, converted to other letters, refined, withdrawn."""

from typing import ClassVar, Literal

from events.facts import Fact


class ProposalStep(Fact):
    """One step in the life of a proposal, taken on the effective day; `by`: who took it, where the source says so."""

    step: ClassVar[str]
    proposal: str
    by: str | None = None

    def subject(self) -> str:
        """The stream of the proposal under the name it has there."""
        return f"proposal/{self.proposal}"


class ProposalRaised(ProposalStep):
    """Somebody raised the proposal."""

    step: ClassVar[str] = "raised"
    type: Literal["ProposalRaised"] = "ProposalRaised"
    title: str | None = None


class ProposalConverted(ProposalStep):
    """The proposal goes on under its number with other letters: the draft DP099 `into` MP099."""

    step: ClassVar[str] = "converted"
    type: Literal["ProposalConverted"] = "ProposalConverted"
    into: str


class ProposalRefined(ProposalStep):
    """The proposal was refined, and is ready to be decided on."""

    step: ClassVar[str] = "refined"
    type: Literal["ProposalRefined"] = "ProposalRefined"


class ProposalWithdrawn(ProposalStep):
    """The proposal was withdrawn before anybody decided on it."""

    step: ClassVar[str] = "withdrawn"
    type: Literal["ProposalWithdrawn"] = "ProposalWithdrawn"
    reason: str | None = None
