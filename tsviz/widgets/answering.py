"""When and on which thread a kernel answers a front end, whichever way its messages come."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from threading import Thread
from typing import Protocol

from tsviz.replies import Message, never_begun
from tsviz.requests import goes_on_beside, is_stepping, notice, runs_the_model
from tsviz.session import Tell
from tsviz.widgets.turns import Turns, find_turns


class Answers(Protocol):
    """A session, or what will become one."""

    def handle(self, message: object, tell: Tell = ...) -> Iterator[Message]:
        """Answers one message."""
        ...

    def cancel(self, identity: str) -> None:
        """Has a search or a profile show what it has by now."""
        ...

    def close(self) -> None:
        """Ends what goes on."""
        ...


class Answering:
    """Answers messages where and when they come in, unless that would run the model.

    Args:
        session: what answers.
        send: sends a message and its buffers to the front end.
    """

    def __init__(
        self, session: Answers, send: Callable[[dict[str, object], list[bytes] | None], None]
    ) -> None:
        self._session = session
        self._send = send
        self._turns = find_turns()
        self._waiting = set[object]()

    def answer(self, content: Mapping[str, object]) -> None:
        """Answers now, or when it is the turn of `content`."""
        identity, turns = content.get("id"), self._turns
        if content.get("type") == "cancel":
            self._cancel(identity)
        elif turns is None or not runs_the_model(content) or _has_its_turn(content, turns):
            self._send_answers(content)
        else:
            self._waiting.add(identity)
            self._tell(notice(content, waits=turns.is_taken))
            answer = partial(self._answer_if_still_asked, identity, content)
            turns.take(answer, *([0.0] if is_stepping(content) else []))

    def close(self) -> None:
        """Ends what goes on for the front end; it is gone."""
        self._waiting.clear()
        self._session.close()

    def _answer_if_still_asked(self, identity: object, content: Mapping[str, object]) -> None:
        if identity in self._waiting:
            self._waiting.remove(identity)
            self._send_answers(content)

    def _cancel(self, identity: object) -> None:
        """Forgets what waits; a search that has begun shows what it found by now."""
        if identity in self._waiting:
            self._waiting.remove(identity)
            self._tell(never_begun(str(identity)))
        self._session.cancel(str(identity))

    def _send_answers(self, content: Mapping[str, object]) -> None:
        answers = self._session.handle(content, self._tell)
        if goes_on_beside(content):
            self._tell_all(islice(answers, 1))  # it has begun, in its turn
            Thread(target=self._tell_all, args=(answers,), daemon=True).start()
        else:
            self._tell_all(answers)

    def _tell_all(self, answers: Iterator[Message]) -> None:
        for message, buffers in answers:
            self._tell(message, buffers)

    def _tell(self, message: dict[str, object], buffers: list[bytes] | None = None) -> None:
        self._send(message, buffers)


def _has_its_turn(content: Mapping[str, object], turns: Turns) -> bool:
    """Whether it need not wait, not even to be cancelled: it is answered in a moment."""
    return is_stepping(content) and turns.is_here
