# SPDX-License-Identifier: GPL-3.0-or-later
# Breaks a good statement of an image, or of a drive that sanitized itself, in many ways, one file each:
# break.py STATEMENT FOLDER. Every change must change something, or there is nothing to refuse.
import copy
import json
import pathlib
import sys

GONE = object()
BROKEN = {
    "no-type": ("_type", GONE),
    "other-type": ("predicateType", "urn:uuid:00000000-0000-4000-8000-000000000000"),
    "two-subjects": ("subject/1", {"name": "x", "digest": {"sha256": "0" * 64}}),
    "short-digest": ("subject/0/digest/sha256", "00"),
    "member-beside": ("extra", 1),
    "member-inside": ("predicate/extra", 1),
    "no-outcome": ("predicate/outcome", GONE),
    "unknown-outcome": ("predicate/outcome", "wiped"),
    "time-without-zone": ("predicate/issued_at", "2026-11-22T01:00:05"),
    "time-with-offset": ("predicate/issued_at", "2026-11-22T01:00:05+01:00"),
    "id-in-capitals": ("predicate/certificate_id", "urn:uuid:0192A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B"),
    "size-negative": ("predicate/image/bytes", -1),
    "size-fraction": ("predicate/image/bytes", 0.5),
    "purge-by-wish": ("predicate/method/category", "destroy"),
    "key-too-short": ("predicate/people/0/key_id", "abc"),
    "nobody-signs": ("predicate/people", []),
    "witness-signs-itself": ("predicate/people/0/role", "witness"),
    "older-marking": ("predicate/data/classification_before", "RESTRICTED"),
    "purpose-unknown": ("predicate/data/purpose", "sale"),
    "backed-up-maybe": ("predicate/data/backed_up", "perhaps"),
    "no-day": ("predicate/residual_copies/final_date", "2026-13-01"),
    "copies-not-stated": ("predicate/residual_copies/stated", GONE),
    "destination-unknown": ("predicate/custody/destination", "ebay"),
    "permits-all": ("predicate/policies/0", {"id": "x", "permits": "everything"}),
    "redacts-outcome": ("predicate/redactable/~1predicate~1outcome", "0" * 64),
    "redacts-by-nothing": ("predicate/redactable/~1predicate~1location", ""),
    "host-binding-unknown": ("predicate/key_custody/host_binding", "perhaps"),
}

BROKEN_FIRMWARE = {
    "no-evidence": ("predicate/firmware", GONE),
    "neither-sent-nor-not": ("predicate/firmware/sent_at", GONE),
    "sent-and-never": ("predicate/firmware/never_sent", True),
    "success-by-wish": ("predicate/firmware/reported", "success"),
    "no-hidden-area-after": ("predicate/firmware/hidden_after", GONE),
    "hidden-area-perhaps": ("predicate/firmware/hidden_after/present", "perhaps"),
    "survivors-not-counted": ("predicate/firmware/canaries/survived_blocks", GONE),
    "raw-not-hex": ("predicate/firmware/before/0/hex", "5A"),
    "raw-half-a-byte": ("predicate/firmware/before/0/hex", "5"),
    "command-set-unknown": ("predicate/firmware/command_set", "ide"),
    "ses-0": ("predicate/firmware/format_ses", 0),
    "keys-of-a-drive": ("predicate/firmware/keys", {}),
    "method-unknown": ("predicate/method/method", "trim"),
    "method-overwrite": ("predicate/method/method", "overwrite"),
    "technique-overwrite": ("predicate/method/technique", "overwrite"),
    "no-level": ("predicate/method/level", GONE),
    "level-destroy": ("predicate/method/level/at_best", "destroy"),
    "scheme-not-used": ("predicate/method/scheme", {"id": "zero", "title": "x", "status": "current"}),
    "no-choice": ("predicate/method/chosen", GONE),
    "health-by-nobody": ("predicate/asset/health_before/source", GONE),
    "health-and-none": ("predicate/asset/health_unknown", True),
    "hidden-area-maybe": ("predicate/asset/hidden_area", "maybe"),
}


def change(document, pointer, value):
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")]
    at = document
    for part in way:
        at = at[int(part)] if isinstance(at, list) else at.setdefault(part, {})
    if isinstance(at, list) and int(last) >= len(at):
        at.append(value)
    elif value is GONE:
        del at[last]
    else:
        at[int(last) if isinstance(at, list) else last] = value


good = json.load(open(sys.argv[1], encoding="utf-8"))
folder = pathlib.Path(sys.argv[2])
for name, (pointer, value) in (BROKEN_FIRMWARE if "firmware" in good["predicate"] else BROKEN).items():
    document = copy.deepcopy(good)
    change(document, pointer, value)
    assert document != good, name
    (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
