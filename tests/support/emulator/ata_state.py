# SPDX-License-Identifier: GPL-3.0-or-later
"""The state machines of an ATA drive: SECURITY (ACS-4 clause 4.18) and its three ways to show fewer
blocks than there are (HPA, AMAC, DCO)."""
import os
import time

from .medium import Machine, repeated, zeros

SECURITY_OPTIONS = {
    "no_security": (False, "no SECURITY feature set"),
    "frozen": (False, "SECURITY FREEZE LOCK at each power on, as BIOSes do"),
    "locked": (False, "password 'p' set, and a power cycle since"),
    "security_enabled": (False, "password 'p' set, not locked"),
    "erase_s": (1.0, "seconds that SECURITY ERASE UNIT takes"),
    "erase": ("", "fails (aborted at the end), liar (fine, but nothing was erased), "
                  "reset (the drive is reset in the middle), resets (each time)"),
}
CAPACITY_OPTIONS = {
    "hpa_mb": (0, "MiB hidden by SET MAX ADDRESS"),
    "amac_mb": (0, "MiB hidden by SET ACCESSIBLE MAX ADDRESS; instead of an HPA"),
    "dco_mb": (0, "MiB hidden by a device configuration overlay"),
    "max_frozen": (False, "SET MAX FREEZE LOCK or its AMAC brother at each power on"),
    "dco_frozen": (False, "DEVICE CONFIGURATION FREEZE LOCK at each power on"),
    "one_change": (False, "one SET MAX or SET ACCESSIBLE MAX per power cycle"),
}

TRIES = 5
USER, MASTER = 0, 1
FACTORY_MASTER = bytes(32)


def password_of(text):
    return text.encode().ljust(32, b"\0")


class Aborted(Exception):
    """The command ends with ABRT; low is LBA 7:0, where SANITIZE tells why."""

    def __init__(self, low=0):
        super().__init__(low)
        self.low = low


class Reset(Exception):
    """The drive was reset under the command."""


def demand(condition, low=0):
    if not condition:
        raise Aborted(low)


class Security(Machine):
    REMEMBERED = ("user", "master", "maximum", "revision", "locked")

    def __init__(self, options, journal, medium):
        self.options, self.journal, self.medium = options, journal, medium
        has_password = options.locked or options.security_enabled
        self.user = password_of("p").hex() if has_password else ""
        self.master = FACTORY_MASTER.hex()
        self.maximum = False
        self.revision = 0xFFFE
        self.locked = options.locked
        self.frozen = options.frozen
        self.tries = TRIES
        self.prepared = False
        self.resets = 0
        self.visible = lambda: medium.blocks
        self.changed = lambda: None

    def power_on(self):
        self.locked = self.enabled
        self.frozen = self.options.frozen
        self.tries = TRIES
        self.prepared = False
        self.changed()

    @property
    def supported(self):
        return not self.options.no_security

    @property
    def enabled(self):
        return bool(self.user)

    def status_word(self):
        """IDENTIFY DEVICE word 128."""
        if not self.supported:
            return 0
        return (0x21 | self.enabled << 1 | self.locked << 2 | self.frozen << 3 |
                (self.tries <= 0) << 4 | self.maximum << 8)

    def _log(self, what):
        self.journal.log("ATA", what, "enabled" if self.enabled else "disabled",
                         "locked" if self.locked else "unlocked", "frozen" if self.frozen else "unfrozen")

    def _matches(self, data):
        known = self.master if data[0] & 1 else self.user
        return bool(known) and bytes(data[2:34]).hex() == known

    def set_password(self, data):
        self._log("SECURITY SET PASSWORD")
        demand(self.supported and not self.frozen and not self.locked and len(data) >= 512)
        if data[0] & 1 == MASTER:
            self.master, self.revision = bytes(data[2:34]).hex(), data[34] | data[35] << 8
        else:
            self.user, self.maximum = bytes(data[2:34]).hex(), bool(data[1] & 1)
        self.changed()

    def unlock(self, data):
        self._log("SECURITY UNLOCK")
        demand(self.supported and not self.frozen and self.tries > 0 and len(data) >= 512)
        usable = data[0] & 1 == USER or not self.maximum
        if not usable or not self._matches(data):
            self.tries -= self.locked
            raise Aborted()
        self.locked = False
        self.changed()

    def disable(self, data):
        self._log("SECURITY DISABLE PASSWORD")
        demand(self.supported and not self.frozen and not self.locked and len(data) >= 512)
        demand(self._matches(data) and (data[0] & 1 == USER or not self.maximum))
        self.user = ""
        self.changed()

    def freeze(self):
        self._log("SECURITY FREEZE LOCK")
        demand(self.supported and not self.locked)
        self.frozen = True

    def prepare(self):
        self._log("SECURITY ERASE PREPARE")
        demand(self.supported and not self.frozen)
        self.prepared = True

    def erase(self, data, prepared):
        enhanced = bool(len(data) and data[0] & 2)
        self._log("SECURITY ERASE UNIT " + ("enhanced" if enhanced else "normal"))
        demand(self.supported and prepared and not self.frozen and self.enabled and self.tries > 0)
        demand(len(data) >= 512 and self._matches(data))
        self._take_time()
        if self.options.erase != "liar":
            self._overwrite(enhanced)
        self.user, self.locked, self.maximum = "", False, False
        self.journal.log("security erase", "claimed" if self.options.erase == "liar" else "done")
        self.changed()

    def _take_time(self):
        how = self.options.erase
        if how in ("reset", "resets") and (how == "resets" or not self.resets):
            time.sleep(self.options.erase_s / 2)
            self.resets += 1
            self.journal.log("reset during the erase")
            self.locked = True
            self.changed()
            raise Reset()
        time.sleep(self.options.erase_s)
        demand(how != "fails")

    def _overwrite(self, enhanced):
        """A normal erase reaches what can be addressed, an enhanced one everything."""
        if enhanced:
            self.medium.erase(repeated(os.urandom(BLOCK_OF_NOISE)))
        else:
            self.medium.erase(zeros, 0, self.visible())


BLOCK_OF_NOISE = 65536


class Capacity(Machine):
    """All there is; what the overlay leaves of it; what the host may address of that."""
    REMEMBERED = ("overlay", "native", "current")

    def __init__(self, options, journal, blocks):
        self.options, self.journal = options, journal
        self.all = blocks
        self.native = blocks - options.dco_mb * 2048
        self.overlay = options.dco_mb > 0
        self.current = self.native - (options.hpa_mb + options.amac_mb) * 2048
        self.kept = self.current  # what a power cycle goes back to
        self.has_amac = options.amac_mb > 0
        self.asked = False  # READ NATIVE MAX ADDRESS was the command before
        self.changes = 0
        self.frozen = options.max_frozen
        self.overlay_frozen = options.dco_frozen
        self.changed = lambda: None
        self.resized = lambda: None

    def power_on(self):
        self.kept = self.kept if self.kept <= self.native else self.native
        self.current = self.kept
        self.changes = 0
        self.frozen = self.options.max_frozen
        self.overlay_frozen = self.options.dco_frozen

    def recall(self, values):
        super().recall(values)
        self.kept = self.current

    def remembered(self):
        return dict(super().remembered(), current=self.kept)

    def _set(self, blocks, lasts):
        demand(not self.frozen and 0 < blocks <= self.native)
        demand(not (self.options.one_change and self.changes), 0)
        self.changes += 1
        self.current = blocks
        if lasts:
            self.kept = blocks
        self.changed()
        self.resized()

    def read_native_max(self):
        demand(not self.has_amac)
        self.asked = True
        return self.native - 1

    def set_max(self, last, lasts, asked):
        self.journal.log("ATA SET MAX ADDRESS", last, "for good" if lasts else "until power off")
        demand(not self.has_amac and asked)
        self._set(last + 1, lasts)

    def accessible_max(self):
        demand(self.has_amac)
        return self.native - 1

    def set_accessible_max(self, last):
        self.journal.log("ATA SET ACCESSIBLE MAX ADDRESS", last)
        demand(self.has_amac)
        self._set(last + 1, True)

    def freeze(self):
        self.frozen = True

    def restore_overlay(self):
        self.journal.log("ATA DEVICE CONFIGURATION RESTORE")
        demand(not self.overlay_frozen and self.overlay and self.current == self.native)
        self.overlay = False
        self.native = self.current = self.kept = self.all
        self.changed()
        self.resized()

    def freeze_overlay(self):
        demand(not self.overlay_frozen)
        self.overlay_frozen = True
