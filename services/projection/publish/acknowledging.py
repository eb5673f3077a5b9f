"""Sending a step's messages lot by lot, and waiting for each: what holds it up is found out and said."""

from time import monotonic

from services.projection.publish import kafka
from services.projection.publish.channels import Step
from services.projection.publish.cursors import note_failure
from services.projection.publish.messages import Message, chunks
from services.projection.publish.topics import BrokerAway
from services.projection.publish.way import Stopped, Way, failed, gone, pauses_of_growing_length

LOOK = 0.5
"""Seconds between two looks whether to stop."""

PATIENCE = 5.0
"""Seconds without an acknowledgement after which the broker is asked what is wrong."""

STUCK = 60.0
"""Seconds for which a client may have nothing acknowledged by a broker that answers, before a new client is made."""


def sent_whole(way: Way, outlet: kafka.Outlet, step: Step) -> bool:
    """Sends what the step brings and has it acknowledged; whether there was anything to send."""
    sent = False
    for lot in chunks(step.messages):
        outlet.send(lot)
        _wait(way, outlet, lot)
        sent = True
    return sent


def _wait(way: Way, outlet: kafka.Outlet, lot: list[Message]) -> None:
    """Returns when the lot is acknowledged; meanwhile says what holds it up, and keeps nothing but the lot."""
    begun, look, answered, pauses = monotonic(), PATIENCE, 0.0, pauses_of_growing_length()
    noted = False
    while not outlet.acknowledged(LOOK):
        if way.stop.is_set():
            raise Stopped
        waited = monotonic() - begun
        if waited < look:
            continue
        answers = _look(way, f"position {lot[0].position} is not acknowledged after {waited:.0f} s")
        noted = True
        answered = (answered or waited) if answers else 0.0
        if answers and waited - answered > STUCK:
            raise BrokerAway(f"nothing is acknowledged for {waited:.0f} s by a broker that answers")
        look = monotonic() - begun + next(pauses)
    if noted:
        way.tell(f"{way.channel.name}: goes on after {monotonic() - begun:.0f} s")


def _look(way: Way, waiting: str) -> bool:
    """Asks the broker what is wrong and notes it; whether it answers."""
    try:
        there = kafka.exists(way.settings, way.channel.topic)
    except BrokerAway as away:
        failed(way, away)
        return False
    if not there:
        raise gone(way)
    note_failure(way.held, way.channel.name, waiting)
    return True
