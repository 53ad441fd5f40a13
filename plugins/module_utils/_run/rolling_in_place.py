# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: no promise of stability outside it.
"""Containers restarted in place, pod by pod: as many pods at a time as may be away, all followed by one watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.saferestart.k8s.plugins.module_utils._api.interface import ClusterApi, Listing
from ansible_collections.saferestart.k8s.plugins.module_utils._api.starting_again import is_away
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.following import Followed, Following
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.replacement import Group
from ansible_collections.saferestart.k8s.plugins.module_utils._logic.window import Window
from ansible_collections.saferestart.k8s.plugins.module_utils._model.clock import Clock, Deadline
from ansible_collections.saferestart.k8s.plugins.module_utils._model.errors import (
    LockLost,
    NotFound,
    SafeRestartError,
    Unreachable,
)
from ansible_collections.saferestart.k8s.plugins.module_utils._model.pod import Pod
from ansible_collections.saferestart.k8s.plugins.module_utils._model.resource import POD, JsonObject
from ansible_collections.saferestart.k8s.plugins.module_utils._run.back_off import held
from ansible_collections.saferestart.k8s.plugins.module_utils._run.background import Background, Ended, Message
from ansible_collections.saferestart.k8s.plugins.module_utils._run.canary import Canary
from ansible_collections.saferestart.k8s.plugins.module_utils._run.disruption_budget import BudgetGate
from ansible_collections.saferestart.k8s.plugins.module_utils._run.follow import patience_for, watch_pods
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_account import account
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_progress import tell
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_step import Step, begin, conclude
from ansible_collections.saferestart.k8s.plugins.module_utils._run.in_place_turns import MOST_STARTING, Turn, Turns
from ansible_collections.saferestart.k8s.plugins.module_utils._run.lost import lost
from ansible_collections.saferestart.k8s.plugins.module_utils._run.on_timeout import after_timeout
from ansible_collections.saferestart.k8s.plugins.module_utils._run.owners import REFRESH_SECONDS, refreshed
from ansible_collections.saferestart.k8s.plugins.module_utils._run.pid1 import PARALLEL, Gone, OutOfReach, Signalled
from ansible_collections.saferestart.k8s.plugins.module_utils._run.progress import Reporter
from ansible_collections.saferestart.k8s.plugins.module_utils._run.targets import Target

#: The key of what the watch yields; all others are turns.
_WATCH = "watch"
#: What is reported of a canary: what it waits for in detail is the user's own words.
_PROVING = "the first pod has to prove itself"


#: When a container that could not be looked at is looked at again.
AGAIN_SECONDS = 10.0
_NO_ROOM = "there is no room in the disruption budget"


class RollingInPlace:
    """The loop: all is decided in it, one thing at a time, and all that it waits for comes to it as messages."""

    def __init__(
        self,
        api: ClusterApi,
        clock: Clock,
        background: Background,
        params: Mapping[str, Any],
        target: Target,
        groups: Sequence[Group],
        canary: Canary,
        gate: BudgetGate,
        signal: int,
        reporter: Reporter,
    ) -> None:
        """`target` has the listing to watch from, with all pods of the owners (`groups`), also those that stay."""
        self._canary, self._reporter = canary, reporter
        self._api, self._clock, self._background = api, clock, background
        self._params, self._target, self._signal = params, target, signal
        self._gate = gate
        self._window = Window(groups, params["min_ready_seconds"])
        self._turns = Turns([])
        self._failed: list[Step] = []
        self._ended: list[Step] = []
        """Those that were restarted, and whose new instance has ended since."""
        self._problem = ""
        self._listing: Listing | None = target.listing
        self._watching = False
        self._blind: SafeRestartError | None = None
        """What ended the watch for good."""
        self._patience = float(params["wait_timeout"])
        self._deadline = Deadline(clock, self._patience)
        self._progress = clock.monotonic()
        self._refresh = self._progress + REFRESH_SECONDS

    def run(self, steps: Sequence[Step]) -> str:
        """Restart these containers, sorted by pods, as long as it goes well. Returns what went wrong, or nothing.

        Each that was begun has its outcome then.
        """
        self._turns = Turns(steps)
        objects = {obj["metadata"]["uid"]: obj for obj in self._target.listing.items}
        self._window.see(objects, self._clock.monotonic(), self._clock.now())
        try:
            while self._go_on():
                self._receive()
        finally:
            self._background.close()
        return account(self._api, self._turns, self._window, self._failed, self._ended, self._problem)

    @property
    def _stopped(self) -> bool:
        most = 0 if self._canary.wanted else self._params["max_failures"]
        return bool(self._problem) or len(self._failed) + len(self._ended) > most

    def _go_on(self) -> bool:
        """Do all that can be done now; False once there is nothing left to wait for."""
        now = self._clock.monotonic()
        for turn, following in list(self._turns.followed):
            if now >= following.due:
                self._expired(turn, following)
        self._window.pass_time(now)
        closed = "" if self._stopped else self._start()
        for turn in self._turns:
            if self._stopped and turn.state == "between":
                turn.state = "done"
        active = self._turns.active
        waiting = _NO_ROOM if closed.startswith(_NO_ROOM) else closed
        tell(self._reporter, self._turns, self._window, _PROVING if self._canary.waiting else waiting)
        if active or self._canary.waiting:
            self._progress, self._refresh = now, now + REFRESH_SECONDS
        elif closed and now >= self._progress + self._patience:
            self._problem = f"for {self._patience:g} s no further pod could be taken down: {closed}"
        elif closed and now >= self._refresh:
            self._refresh = now + REFRESH_SECONDS
            self._window.groups = [refreshed(self._api, self._target.namespace, group) for group in self._window.groups]
        if not active and (not closed or self._problem):
            return False
        followed = [following.due for _turn, following in self._turns.followed]
        end = now if len(followed) == len(active) and active else self._progress + self._patience
        self._deadline.restart(max([end, *followed]) - now)
        self._watch()
        return True

    def _start(self) -> str:
        """Begin with all containers whose turn it is. Returns why the next pod may not go, if there is one."""
        now = self._clock.monotonic()
        starting = self._turns.starting(now)
        for turn in self._turns:
            if self._turns.may_go_on(turn, now) and starting[turn.pod.node] < MOST_STARTING:
                self._begin(turn)
                starting[turn.pod.node] += len(turn.step.followed)
            elif turn.state == "waiting" and turn.step.underway and not self._gone(turn):
                self._begin(turn)  # it is down anyway
        try:
            closed = self._canary.closed(away=bool(self._turns.active), healthy=self._healthy())
        except SafeRestartError as error:
            self._problem = str(error).rstrip(".")
            return ""
        if closed:
            return closed
        away, busy = self._turns.away, self._turns.busy
        for turn in self._turns:
            if turn.state != "waiting" or self._gone(turn) or not self._turns.advance(turn):
                continue
            if reason := self._closed(turn, away, busy, starting[turn.pod.node]):
                closed = closed or reason
                continue
            self._begin(turn)
            away, busy = away | {turn.pod.uid}, busy + 1
            starting[turn.pod.node] += len(turn.step.followed)
            if self._canary.wanted:
                self._canary.begin(turn.pod)
                return "the first pod is restarted alone"
        return closed

    def _closed(self, turn: Turn, away: set[str], busy: int, starting: int) -> str:
        """Why the pod's turn has not come; empty if it has."""
        if busy >= PARALLEL:
            return f"{PARALLEL} sessions are open"  # what is asked now would be old by then
        if starting >= MOST_STARTING:
            return f"{starting} containers of node {turn.pod.node} are starting"
        if first := self._turns.tried_elsewhere(turn):
            return f"{first} is tried first"
        if turn.not_before > self._clock.monotonic():
            return f"{turn.step} is out of reach, it is tried again"
        if seconds := held(turn.steps, self._params, self._clock.now()):
            return f"{turn.step} is held for {seconds:.0f} s more (on_backoff)"
        return self._window.closed(turn.pod, away) or self._no_room(turn)

    def _gone(self, turn: Turn) -> bool:
        """Whether a pod whose turn has not come is there no more, and nothing is to be done to it."""
        pod = self._window.pod(turn.pod.uid)
        if pod and not pod.terminating:
            return False
        for step in turn.steps:
            step.outcome = step.outcome or step.skipped("its pod has been deleted meanwhile, by somebody else")
        turn.state = "done"
        return True

    def _healthy(self) -> bool:
        """Whether all that were begun are restarted, there and Ready."""
        for turn in self._turns:
            pod = self._window.pod(turn.pod.uid)
            begun = [step.outcome.outcome for step in turn.steps if step.outcome and step.outcome.via]
            if begun and (set(begun) != {"restarted"} or not pod or pod.terminating):
                return False
        return not any(lost(self._turns.steps, self._window))

    def _no_room(self, turn: Turn) -> str:
        """Why the disruption budget of the pod has no room for it; nothing if it has."""
        if self._problem:
            return _NO_ROOM
        in_flight = [self._window.pod(entry.pod.uid) or entry.pod for entry in self._turns.active]
        try:
            room = self._gate.room(self._window.pod(turn.pod.uid) or turn.pod, in_flight)
        except SafeRestartError as error:
            self._problem = f"{turn.pod}: its disruption budget could not be asked: {error}".rstrip(".")
            return _NO_ROOM
        for step in turn.steps:
            step.budget = room.source
        return "" if room.allowed else f"{_NO_ROOM}: {room.words}"

    def _held(self, turn: Turn) -> float:
        """Seconds until the pod's turn may come, whatever others do."""
        out_of_reach = turn.not_before - self._clock.monotonic()
        return max(out_of_reach, held(turn.steps, self._params, self._clock.now()))

    def _begin(self, turn: Turn) -> None:
        """The signal goes out, beside the loop."""
        step = self._turns.begin(turn, self._clock.monotonic())
        if step.underway:
            self._follow(turn)
            return
        self._background.call(
            turn, lambda: begin(self._api, self._clock, self._params, self._target, step, self._signal)
        )

    def _receive(self) -> None:
        """Wait for the next message, and take in all that have come. Raises what is no error of ours."""
        message = self._background.next(self._seconds())
        while message is not None:
            self._take(message)
            message = self._background.next(0)

    def _take(self, message: Message) -> None:
        value = message.value
        if isinstance(value, BaseException) and not isinstance(value, SafeRestartError | Ended):
            raise value
        if message.key == _WATCH:
            self._seen(value)
        else:
            self._returned(message.key, value)

    def _seconds(self) -> float:
        """Until something is due although nothing happens."""
        now = self._clock.monotonic()
        dues = [following.due for _turn, following in self._turns.followed]
        dues += [turn.not_before for turn in self._turns.pausing(now)]
        dues += [turn.starts_until for turn in self._turns if turn.starts_until > now]
        if self._canary.waiting:
            dues.append(self._canary.next)
        if not self._turns.active:
            dues += [self._progress + self._patience, self._refresh]
        dues += [now + seconds for turn in self._turns if turn.state == "waiting" and (seconds := self._held(turn)) > 0]
        return max(0.0, min([now + self._patience, *dues, *self._window.moments(now), *self._gate.moments(now)]) - now)

    def _watch(self) -> None:
        """Watch the pods, first from the listing that it was decided on."""
        if self._watching:
            return
        self._watching = True
        pods = watch_pods(self._api, self._clock, self._deadline, self._target, self._listing)
        self._background.stream(_WATCH, pods)

    def _seen(self, value: Mapping[str, JsonObject] | SafeRestartError | Ended) -> None:
        """What the watch says: the pods as they are now, or that it has ended."""
        if isinstance(value, Ended | Unreachable):  # the time was up; a last look tells what became of each
            self._watching, self._listing = False, None
        elif isinstance(value, SafeRestartError):
            self._problem = str(value).rstrip(".")
            self._blind = value
            for turn, _following in list(self._turns.followed):
                self._conclude(turn, value)
        else:
            now = self._clock.monotonic()
            changed = self._window.see(value, now, self._clock.now())
            for turn, following in list(self._turns.followed):
                if turn.pod.uid not in changed:
                    continue
                if self._window.pod(turn.pod.uid) is None:
                    self._ask(turn, following)  # gone, or it only lost the label that it is watched by
                elif followed := following.see(self._window.pod(turn.pod.uid), now):
                    self._followed(turn, followed)
            now_seen = (step for step in self._turns.steps if step.pod.uid in changed)
            for step, outcome in list(lost(now_seen, self._window)):
                if outcome.after and not outcome.after.running:
                    step.outcome, step.pod_after = outcome, self._window.pod(step.pod.uid)
                    self._ended.append(step)

    def _returned(self, turn: Turn, value: object) -> None:
        """What was done beside the loop for a pod has come to its end."""
        now = self._clock.monotonic()
        if isinstance(value, Signalled):
            turn.sent = value
            self._follow(turn)
        elif turn.result:
            self._explained(turn, turn.result, value)
        elif isinstance(value, Gone):
            turn.step.underway = str(value)
            self._follow(turn)
        elif isinstance(value, OutOfReach) and self._turns.out_of_reach(turn, now, self._patience):
            if not any(step.outcome and step.outcome.via for step in turn.steps):
                self._canary.put_off(turn.pod)
        elif isinstance(value, Followed):
            self._followed(turn, value)
        elif isinstance(value, SafeRestartError):
            self._conclude(turn, value)

    def _explained(self, turn: Turn, result: Followed, value: object) -> None:
        """Why the same instance still runs; or it does not, or nobody can be asked: then it is followed on."""
        now, following = self._clock.monotonic(), turn.following
        on = following and isinstance(value, Gone) and following.ended(now)
        on = on or (following and isinstance(value, OutOfReach) and following.ask_again(AGAIN_SECONDS, now))
        if on:
            turn.result, turn.state = None, "following"
        elif isinstance(value, SafeRestartError) and not isinstance(value, Gone | OutOfReach):
            self._conclude(turn, value)
        else:
            self._conclude(turn, result, str(value))

    def _follow(self, turn: Turn) -> None:
        """From now on its pod tells what becomes of the container."""
        now, step = self._clock.monotonic(), turn.step
        containers = step.followed
        patience = patience_for(self._params, self._target, turn.pod, containers)
        patience = step.hook.less(patience) if step.hook else patience
        following = Following(containers, turn.pod, patience, now, together=len(containers) > 1)
        turn.following, turn.state, turn.put_off = following, "following", None
        if self._blind:
            self._conclude(turn, self._blind)
        elif self._window.pod(turn.pod.uid) is None:
            self._ask(turn, following)
        elif followed := following.see(self._window.pod(turn.pod.uid), now):
            self._followed(turn, followed)

    def _expired(self, turn: Turn, following: Following) -> None:
        """The time is up. Unless all is well the pod is asked for once more: a watch may be behind, or be cut."""
        if not following.ready:
            self._ask(turn, following)
        if turn.state == "following" and following.due <= self._clock.monotonic():
            self._followed(turn, following.at_end())

    def _ask(self, turn: Turn, following: Following) -> None:
        """Ask for the pod itself, and take in what it is."""
        pod = None
        try:
            found = Pod.from_object(self._api.get(POD, turn.pod.namespace, turn.pod.name))
            pod = found if found.uid == turn.pod.uid else None
        except NotFound:
            pass
        except SafeRestartError as error:
            if not is_away(error) or not following.ask_again(AGAIN_SECONDS, self._clock.monotonic()):
                self._conclude(turn, error)
            return
        if followed := following.see(pod, self._clock.monotonic()):
            self._followed(turn, followed)

    def _followed(self, turn: Turn, result: Followed) -> None:
        """It is clear how it went; where nothing happened it is asked why, beside the loop."""
        if result.kind != "unchanged" or turn.step.underway:
            self._conclude(turn, result)
            return
        step, sent = turn.step, turn.sent
        if turn.following:
            step.lived_for = self._clock.monotonic() - turn.following.began
        turn.result, turn.state = result, "busy"
        self._background.call(
            turn, lambda: after_timeout(self._api, self._params, step, sent, self._signal, result.reason)
        )

    def _conclude(self, turn: Turn, result: Followed | SafeRestartError, why: str = "") -> None:
        """Write down what became of the container, and go on with the next one of the pod."""
        step, following = turn.step, turn.following
        if following and following.ended_at is not None:
            step.ended_after = following.ended_at - following.began
        conclude(step, result, turn.sent, self._clock.monotonic() - turn.began, why)
        outcome = step.to_outcome()
        if isinstance(result, LockLost):
            self._problem = self._problem or str(result).rstrip(".")
        settled = step.trial and outcome.outcome == "unchanged" and not step.may_still_end
        if outcome.via is None or (outcome.outcome == "failed" and not settled):
            self._turns.not_tried(step)
        is_back = isinstance(result, Followed) and result.kind == "restarted" and outcome.outcome != "failed"
        if not is_back and not (settled and self._params["on_refused"] == "skip"):
            self._failed.append(step)
        if self._stopped:
            turn.state = "done"
        elif self._turns.advance(turn):
            # one that was only waited for was never asked whether it may go
            turn.state = "waiting" if step.underway else "between"
            if isinstance(result, Followed) and result.kind == "restarted":
                since = self._clock.monotonic() if result.since is None else result.since
                turn.not_before = since + self._params["min_started_seconds"]
