# SPDX-License-Identifier: GPL-3.0-or-later
"""The sanitize operation of a drive, whatever command set it is reached by, and its ways to go wrong."""
import os
import time

from .medium import Machine, repeated, zeros

IDLE, RUNNING, DONE, FAILED = "idle", "running", "done", "failed"

OPTIONS = {
    "sanitize_s": (2.0, "seconds that a sanitize takes"),
    "fail_sanitize": ("", "once or always: the operation ends in failure"),
    "stuck": (0, "progress (of 65536) that is reached and never passed"),
    "liar": (False, "says done at once; nothing ran"),
    "swallow": (False, "accepts the command, and nothing happens; nothing is reported either"),
    "residue": ([], "blocks that no erase reaches"),
    "reset": ("", "in the middle: lost (forgets the operation) or resume (goes on); attention 29h either way"),
    "power": ("resume", "a sanitize after power on: resume, or forget"),
}


def filler_of(action, pattern=b"\0"):
    return {"crypto": os.urandom, "block": zeros, "overwrite": repeated(pattern or b"\0")}[action]


class Sanitize(Machine):
    REMEMBERED = ("state", "action", "pattern", "unrestricted", "elapsed", "detail", "failures", "resets", "left")

    def __init__(self, options, journal, media):
        self.options = options
        self.journal = journal
        self.media = media  # all that the operation reaches
        self.state = IDLE
        self.action = ""
        self.pattern = ""
        self.unrestricted = False  # may the failure mode be left?
        self.elapsed = 0.0
        self.detail = 0  # the command set's own note about the command
        self.failures = 0
        self.resets = 0
        self.left = False  # was the failure mode?
        self.began = 0.0
        self.saved = 0.0
        self.changed = lambda: None
        self.on_reset = lambda: None
        self.on_done = lambda: None

    def power_on(self):
        if self.state == RUNNING and self.options.power == "forget":
            self.state = IDLE
            self.journal.log("sanitize forgotten at power on")
        elif self.state == RUNNING:
            self.journal.log("sanitize resumed")
        self.began = time.time() - self.elapsed

    def start(self, action, pattern=b"\0", unrestricted=False, detail=0):
        self.journal.log("sanitize start", action)
        if self.options.swallow:
            return
        self.action, self.pattern, self.unrestricted = action, pattern.hex(), unrestricted
        self.detail, self.elapsed, self.began, self.left = detail, 0.0, time.time(), False
        self.state = RUNNING
        if self.options.liar:
            self.state = DONE
            self.on_done()
            self.journal.log("sanitize claimed", action)
        self.changed()

    def tick(self):
        if self.state != RUNNING:
            return
        self.elapsed = time.time() - self.began
        if self.options.reset and not self.resets and self.elapsed >= self.options.sanitize_s / 2:
            self._reset()
        elif self.elapsed >= self.options.sanitize_s and not self.options.stuck:
            self._end()
        elif time.time() - self.saved > 0.2:
            self.saved = time.time()
            self.changed()

    def _reset(self):
        self.resets += 1
        self.journal.log("reset during sanitize:", self.options.reset)
        if self.options.reset == "lost":
            self.state = IDLE
        self.on_reset()
        self.changed()

    def _end(self):
        fails = self.options.fail_sanitize
        if fails == "always" or (fails == "once" and not self.failures):
            self.failures += 1
            self.state = FAILED
        else:
            for medium in self.media:
                medium.erase(filler_of(self.action, bytes.fromhex(self.pattern)))
            self.state = DONE
            self.on_done()
        self.journal.log("sanitize", self.state, self.action)
        self.changed()

    def leave_failure(self):
        """Exit failure mode; True where the drive obeys."""
        if self.in_failure_mode and not self.unrestricted:
            return False
        self.left = self.state == FAILED
        self.changed()
        return True

    @property
    def in_failure_mode(self):
        return self.state == FAILED and not self.left

    @property
    def blocks_media(self):
        return self.state == RUNNING or self.in_failure_mode

    def progress(self):
        if self.options.stuck:
            return self.options.stuck
        return min(65535, int(65536 * self.elapsed / max(0.001, self.options.sanitize_s)))

    def wait(self):
        """For commands that come back when all is over."""
        while self.state == RUNNING:
            time.sleep(0.05)
            self.tick()
