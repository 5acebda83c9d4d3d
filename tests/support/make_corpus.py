#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes tests/vectors/corpus: certificates, good and bad, with the answer that every reader must give.
# make_corpus.py FOLDER. Everything comes from fixed seeds: the same bytes each time. Shares nothing
# with Quietus or with verify_certificate.py.
import base64
import datetime
import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PAYLOAD_TYPE = "application/vnd.in-toto+json"
CERTIFICATE = "urn:uuid:ad9dde0e-5985-4fd8-9304-431e7970e299"
PLAN = "urn:uuid:1f07db28-db21-4124-8e57-9b8be7c37ed9"
COUNTERSIGNATURE = "urn:uuid:f941d4a8-b9f0-41c1-a2b8-fa5a635a1882"
RECHECK = "urn:uuid:b5b70b9a-5c22-4bd2-9ba9-ee818ba6af03"
SSH_PREFIX = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
ORDER = 2**252 + 27742317777372353535851937790883648493


def sha(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def packed(data):
    return len(data).to_bytes(4, "big") + data


class Key:
    """The key whose seed is the SHA-256 of a word."""

    def __init__(self, word):
        self.secret = Ed25519PrivateKey.from_private_bytes(sha(word.encode()))
        self.raw = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha(bytes.fromhex("302a300506032b6570032100") + self.raw).hex()

    def sign(self, data):
        return self.secret.sign(data)

    def blob(self):
        return b64(SSH_PREFIX + self.raw)


MACHINE, LOG, OPERATOR = Key("machine"), Key("log"), Key("operator")
WITNESS, APPROVER, COSIGNER = Key("witness"), Key("approver"), Key("log-witness")
STRANGER, SECOND = Key("stranger"), Key("second")
ORIGIN = "quietus/host/" + LOG.id[:16]


def uuid(word):
    text = sha(word.encode()).hex()
    return f"urn:uuid:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


def pae(body):
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(body), body)


def digest_of(body):
    return sha(pae(body)).hex()


def signed_of(envelope):
    return digest_of(base64.b64decode(json.loads(envelope)["payload"]))


def text_of(value):
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


# Statements.

def disclosure(pointer, value, word=""):
    salt = sha(("salt" + pointer + word).encode())[:16]
    return b64url(json.dumps([b64url(salt), pointer, value], separators=(",", ":"), ensure_ascii=False).encode())


def committed(text):
    return sha(b"quietus-disclosure-v1\0" + text.encode()).hex()


OPEN = {
    "/predicate/people/1/person": {"name": "A. Smith", "organisation": "Example"},
    "/predicate/asset/path": "/srv/old/disk.img",
    "/predicate/run/host": {"host_name": "host"},
    "/predicate/run/account": {"uid": 0, "user": "root"},
    "/predicate/location": "Room 1",
}
DISCLOSURES = [disclosure(pointer, value) for pointer, value in OPEN.items()]


def statement(kind, name, digest, predicate):
    return {"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": name, "digest": {"sha256": digest}}],
            "predicateType": kind, "predicate": predicate}


def named(*signers):
    return [{"role": role, "key_id": key.id} for role, key in signers]


MACHINE_ALONE = (("machine", MACHINE),)
BOTH = (("machine", MACHINE), ("operator", OPERATOR))


def certificate(signers=BOTH, withhold=True, **changes):
    predicate = {
        "certificate_id": uuid("certificate"), "issued_at": "2026-11-22T01:00:05Z", "outcome": "sanitized",
        "target": "image", "asset": {"kind": "virtual", "tag": "UK-0042", "serial": " s3rial-7 ", "wwn": "naa.5000c500a1b2c3d4"},
        "method": {}, "run": {"started_at": "2026-11-22T01:00:00Z", "finished_at": "2026-11-22T01:00:04Z"},
        "people": named(*signers), "ledger": {"origin": ORIGIN}, "limits": "See the manual."}
    if withhold:
        predicate["redactable"] = {pointer: committed(text) for pointer, text in zip(OPEN, DISCLOSURES)}
    predicate.update(changes)
    for name in [name for name, value in changes.items() if value is None]:
        del predicate[name]
    return statement(CERTIFICATE, "disk image", sha(b"asset").hex(), predicate)


def plan(**changes):
    predicate = {"plan_id": uuid("plan"), "created_at": "2026-11-20T09:00:00Z", "not_after": "2026-11-27T09:00:00Z",
                 "request": {"command": "files"}, "plan": {"targets": 1}, "people": named(("machine", MACHINE)),
                 "run": {}, "limits": "See the manual."}
    predicate.update(changes)
    return statement(PLAN, "plan", sha(b"plan").hex(), predicate)


def countersignature(body, role, key, declaration, name=None, **changes):
    of = json.loads(body)
    what = "plan" if of["predicateType"] == PLAN else "certificate"
    person = disclosure("/predicate/person", {"name": name or role.title()}, key.id)
    predicate = {"countersignature_id": uuid(role + key.id), "signed_at": "2026-11-22T09:00:00Z", "role": role, "key_id": key.id,
                 "declaration": declaration, what + "_id": of["predicate"][what + "_id"],
                 "statement_of_signer": "I declare it.", "limits": "See the manual.",
                 "redactable": {"/predicate/person": committed(person)}}
    if what == "certificate":
        predicate["outcome"] = of["predicate"]["outcome"]
    predicate.update(changes)
    return statement(COUNTERSIGNATURE, what, digest_of(body), predicate), person


# Envelopes.

def ssh_signature(key, role, body, flaw=None):
    rest = packed(b"quietus-" + role.encode()) + packed(b"") + packed(b"sha512")
    signature = key.sign(b"SSHSIG" + rest + packed(hashlib.sha512(body).digest()))
    if flaw == "bit":
        signature = signature[:20] + bytes([signature[20] ^ 4]) + signature[21:]
    version = b"\0\0\0\2" if flaw == "version" else b"\0\0\0\1"
    blob = b"SSHSIG" + version + packed(SSH_PREFIX + key.raw) + rest + packed(packed(b"ssh-ed25519") + packed(signature))
    width = 76 if flaw == "width" else 70
    lines = [b64(blob)[at:at + width] for at in range(0, len(b64(blob)), width)]
    return "-----BEGIN SSH SIGNATURE-----\n" + "\n".join(lines) + "\n-----END SSH SIGNATURE-----\n"


def members(body, keys, **lists):
    out = {"payload": b64(body), "payloadType": PAYLOAD_TYPE,
           "signatures": [{"keyid": key.id, "sig": b64(key.sign(pae(body)))} for key in keys]}
    out.update({name: value for name, value in lists.items() if value})
    return out


def written(envelope):
    return json.dumps(envelope, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def signed(body, signers, ssh=True, **lists):
    own = [ssh_signature(key, role, body) for role, key in signers] if ssh else []
    lists["attachments"] = own + lists.get("attachments", [])
    return members(body, [key for _, key in signers], **lists)


def countersigned(body, role, key, declaration, withheld=False, ssh=True, **changes):
    value, person = countersignature(body, role, key, declaration, **changes)
    return written(signed(text_of(value), ((role, key),), ssh=ssh, disclosures=[] if withheld else [person])).decode()


# Receipts.

def leaf(digest, **changes):
    line = {"v": 1, "type": "certificate.issued", "at": "2026-11-22T01:00:06Z", "asset": "0" * 31 + "1", "prev": "",
            "body": sha(b"body").hex(), "by": LOG.id, "certificate": digest}
    line.update(changes)
    return json.dumps({name: value for name, value in line.items() if value is not None}, separators=(",", ":")).encode()


def tree(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + tree(leaves[:half]) + tree(leaves[half:]))


def path(leaves, index):
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return path(leaves[:half], index) + [tree(leaves[half:])]
    return path(leaves[half:], index - half) + [tree(leaves[:half])]


def note_line(name, kind, key, signed_text, time=b""):
    ident = sha(name.encode() + b"\n" + kind + key.raw)[:4]
    return f"\u2014 {name} {b64(ident + time + key.sign(signed_text))}\n"


def receipt(body, size=6, index=3, origin=ORIGIN, log=LOG, cosigned=(), flaw=None, **changes):
    lines = [b"leaf %d" % number for number in range(size)]
    lines[index] = leaf(digest_of(body), **changes)
    leaves = [sha(b"\0" + line) for line in lines]
    proof = path(leaves, index)
    if flaw == "proof":
        proof[0] = sha(b"another")
    if flaw == "index":
        index ^= 1
    note = f"{origin}\n{size}\n{b64(tree(leaves))}\n"
    marks = note_line(origin, b"\1", log, note.encode() if flaw != "signature" else b"another")
    for name, key, when in cosigned:
        stamp = int(datetime.datetime.fromisoformat(when).timestamp())
        text = b"cosignature/v1\ntime %d\n" % (stamp + (flaw == "cosignature")) + note.encode()
        marks += note_line(name, b"\4", key, text, stamp.to_bytes(8, "big"))
    return (f"c2sp.org/tlog-proof@v1\nextra {b64(lines[index if flaw != 'index' else index ^ 1])}\nindex {index}\n"
            + "".join(b64(one) + "\n" for one in proof) + "\n" + note + "\n" + marks)


SEEN = (("log-witness.example", COSIGNER, "2026-11-22T02:00:00+00:00"),)


# Trust files.

def trust_line(principal, role, key, *options):
    return f'{principal} namespaces="quietus-{role}"' + "".join("," + one for one in options) + f" ssh-ed25519 {key.blob()}\n"


PEOPLE = {"machine": ("host", MACHINE), "log": ("host-log", LOG), "operator": ("a.smith", OPERATOR),
          "witness": ("w.jones", WITNESS), "approver": ("b.brown", APPROVER), "log-witness": ("log-witness.example", COSIGNER)}


def trust(*roles, **options):
    """Lines for these roles; an option of a role: what is added to its line."""
    return "".join(trust_line(PEOPLE[role][0], role, PEOPLE[role][1], *options.get(role.replace("-", "_"), ())) for role in roles)


ALL = trust(*PEOPLE)
EVERYBODY = ("operator", "witness", "approver", "log-witness")


class Corpus:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.cases = []
        self.texts = {}

    def side(self, kind, text):
        """The name of a trust file or revocation list with this text."""
        name = self.texts.setdefault((kind, text), f"{kind}-{len([one for one in self.texts if one[0] == kind]) + 1:02}")
        (self.folder / name).write_text(text)
        return name

    def add(self, name, data, answer, trusted=ALL, needs=(), asset="", revoked="", withheld=None):
        data = data if isinstance(data, bytes) else data.encode() if isinstance(data, str) else written(data)
        (self.folder / (name + ".json")).write_bytes(data)
        case = {"file": name + ".json", "trust": self.side("trust", trusted), "exit": answer}
        if revoked:
            case["revoked"] = self.side("revoked", revoked)
        if needs:
            case["needs"] = list(needs)
        if asset:
            case["asset"] = asset
        if answer == 0:
            case["withheld"] = sorted(withheld or [])
        self.cases.append(case)


def complete(**changes):
    """A certificate with all that one can have; its members and its body."""
    plan_body = text_of(plan())
    approval = countersigned(plan_body, "approver", APPROVER, "approved_plan", signed_at="2026-11-20T10:00:00Z")
    plan_envelope = written(signed(plan_body, MACHINE_ALONE, attachments=[approval])).decode()
    body = text_of(certificate(method={"approved_plan_sha256": digest_of(plan_body), "approvals": [signed_of(approval)]}, **changes))
    envelope = signed(body, BOTH, receipts=[receipt(body, cosigned=SEEN)], disclosures=DISCLOSURES, attachments=[
        plan_envelope, countersigned(body, "witness", WITNESS, "watched_run")])
    return envelope, body


def simple(body=None, **changes):
    """Signed by the machine alone, nothing withheld: members and body."""
    body = text_of(certificate(MACHINE_ALONE, withhold=False, **changes)) if body is None else body
    return members(body, [MACHINE]), body


def good(corpus):
    envelope, body = complete()
    corpus.add("good-complete", envelope, 0, needs=EVERYBODY, asset="UK-0042")
    corpus.add("good-complete-serial", envelope, 0, asset="S3RIAL-7")
    corpus.add("good-complete-serial-case", envelope, 0, asset=" s3Rial-7 ")
    corpus.add("good-complete-wwn", envelope, 0, asset="naa.5000C500A1B2C3D4")
    corpus.add("good-machine-alone", simple()[0], 0)
    corpus.add("good-both", signed(text_of(certificate()), BOTH, disclosures=DISCLOSURES), 0)
    for outcome in ("sanitized_with_exceptions", "unverified", "interrupted", "not_effective", "verification_failed", "failed"):
        corpus.add("good-" + outcome.replace("_", "-"), simple(outcome=outcome)[0], 0)
    corpus.add("good-no-people", simple(people=None)[0], 0)
    corpus.add("good-unknown-members", simple(new_member={"deep": [1, 2, {"x": True}]})[0], 0)
    corpus.add("good-pretty", json.dumps(simple()[0], indent=2) + "\n", 0)
    corpus.add("good-pem-trust", simple()[0], 0, trusted="-----BEGIN PUBLIC KEY-----\n" + b64(
        bytes.fromhex("302a300506032b6570032100") + MACHINE.raw) + "\n-----END PUBLIC KEY-----\n")
    moved = json.loads(written(envelope))
    moved["attachments"].reverse()
    corpus.add("good-attachments-in-another-order", moved, 0, needs=EVERYBODY)
    recheck = statement(RECHECK, "certificate", digest_of(body), {
        "recheck_id": uuid("recheck"), "rechecked_at": "2027-01-01T00:00:00Z", "result": "matches",
        "medium": {"serial": "S3RIAL-7"}, "people": named(*MACHINE_ALONE), "ledger": {"origin": ORIGIN}})
    corpus.add("good-recheck", signed(text_of(recheck), MACHINE_ALONE), 0, asset="s3rial-7")
    recheck["predicate"]["result"] = "sanitized"
    corpus.add("recheck-result-unknown", signed(text_of(recheck), MACHINE_ALONE), 15)
    corpus.add("good-plan", signed(text_of(plan()), MACHINE_ALONE, attachments=[
        countersigned(text_of(plan()), "approver", APPROVER, "approved_plan")]), 0, needs=["approver"])
    corpus.add("good-countersignature-alone", countersigned(body, "witness", WITNESS, "watched_run"), 0)
    corpus.add("countersignature-alone-unknown", countersigned(body, "witness", STRANGER, "watched_run"), 11)


# Drives that sanitized themselves.

def firmware(survived=0, **changes):
    identity = {"model": "Model 7", "serial": "S3RIAL-7", "wwn": "naa.5000c500a1b2c3d4", "size_bytes": 1048576}
    hidden = {"present": "no", "accessible_bytes": 1048576, "native_bytes": 1048576}
    canaries = {"seed_hex": sha(b"canaries").hex(), "block_bytes": 4096, "planted_blocks": 256, "planted_bytes": 1048576,
                "whole_medium": True, "read_back_by": "fua", "checked_blocks": 256, "survived_blocks": survived,
                "unreadable_blocks": 0, "survivors": [{"offset_bytes": 8192 * at, "length_bytes": 4096} for at in range(survived)]}
    out = {"command_set": "ata", "identity": identity, "hidden_before": hidden, "hidden_after": hidden, "hidden_restored": False,
           "estimate_s": 120, "sent_at": "2026-11-22T01:00:01Z", "ended_at": "2026-11-22T01:00:03Z", "reported": "succeeded",
           "reported_text": "SD4, sanitize operation succeeded", "reset_seen": False, "no_deallocate": False, "canaries": canaries,
           "before": [{"what": "ata_identify", "at": "2026-11-22T01:00:00Z", "hex": (bytes(20) + b"3SIRLA7-" + bytes(484)).hex()}],
           "before_not_listed": 0, "after": [{"what": "ata_registers", "hex": "50000080"}], "after_not_listed": 0}
    return {**out, **changes}


def drive(method="sanitize_block", technique="firmware", category="purge", evidence=None, **changes):
    return simple(target="drive", asset={"kind": "drive", "device_kind": "disk", "tag": "UK-0042", "serial": "S3RIAL-7", "bus": "ata",
                                         "storage": "flash", "hidden_area": "none", "health_unknown": True},
                  method={"category": category, "technique": technique, "method": method, "level": {"at_best": category, "basis": "See the manual."},
                          "chosen": {"automatic": True, "skipped": [{"method": "sanitize_crypto", "why": "the drive does not have it"}]},
                          "sanitize_offered": "yes", "keep_hidden_area": False, "then_overwrite": False},
                  firmware=firmware() if evidence is None else evidence, **changes)[0]


def drives(corpus):
    corpus.add("good-firmware", drive(), 0, asset="UK-0042")
    corpus.add("good-firmware-serial", drive(), 0, asset="S3RIAL-7")
    corpus.add("good-firmware-survived", drive(category="none", evidence=firmware(survived=1), outcome="verification_failed"), 0)
    corpus.add("good-firmware-never-sent", drive(category="none", outcome="failed", evidence={
        **{name: value for name, value in firmware().items() if name not in ("sent_at", "ended_at", "reported", "reported_text", "canaries")},
        "never_sent": True}), 0)
    keys = {"volume": {"type": "LUKS2", "uuid": uuid("volume")[9:], "key_slots": [0], "header": {"offset_bytes": 0, "length_bytes": 16777216},
                       "data_offset_bytes": 16777216, "detached": False}, "slots_destroyed": True, "overwritten_bytes": 16777216,
            "compared_bytes": 16777216, "copies_found": [], "copies_found_count": 0, "searched_bytes": 1 << 30, "headers_left": 0,
            "rests_on": {"always_encrypted": True, "no_residual_copies": True, "meaning": "Rests on declarations."}}
    corpus.add("good-firmware-keys", drive("key_erase", "key_destruction", "clear", {"command_set": "none", "keys": keys}), 0)
    corpus.add("good-firmware-unknown-method", drive("degauss"), 0)  # for policies it is none
    cut = drive()
    cut["payload"] = b64(base64.b64decode(cut["payload"]).replace(b'"survived_blocks": 0', b'"survived_blocks": 1'))
    corpus.add("firmware-survivors-changed", cut, 10)
    corpus.add("firmware-number-too-large", drive(evidence=firmware(estimate_s=2**53)), 15)
    corpus.add("firmware-other-serial", drive(), 13, asset="S3RIAL-8")
    # A drive's identity and its answers are no members that can be withheld.
    for name, pointer in (("identity", "/predicate/firmware/identity/serial"), ("raw", "/predicate/firmware/before"),
                          ("siblings", "/predicate/method/siblings")):
        text = disclosure(pointer, "x")
        body = text_of(certificate(withhold=False, firmware={"identity": {}}, redactable={pointer: committed(text)}))
        corpus.add("firmware-withheld-" + name, signed(body, BOTH, disclosures=[text]), 15)


def envelope_forms(corpus):
    envelope, body = simple()
    text = written(envelope).decode()
    swap = lambda old, new, of=text: of.replace(old, new, 1)
    for name, data in {
        "empty": "", "line-feed": "\n", "array": "[]\n", "object": "{}\n", "null": "null\n",
        "bom": b"\xef\xbb\xbf" + text.encode(), "space-before": " " + text, "no-line-feed": text[:-1],
        "two-line-feeds": text + "\n", "carriage-return": text[:-1] + "\r\n", "trailing-object": text + "{}\n",
        "trailing-comma": swap("}\n", ",}\n"), "cut": text[:-20] + "\n", "comment": swap("{", "{/**/"),
        "utf-16": text.encode("utf-16-le"), "bad-utf8": text.encode()[:-2] + b',"receipts":["\xff"]}\n',
        "overlong-utf8": text.encode()[:-2] + b',"receipts":["\xc0\x80"]}\n',
        "surrogate-utf8": text.encode()[:-2] + b',"receipts":["\xed\xa0\x80"]}\n',
        "member-unknown": {**envelope, "note": "x"}, "member-case": {**envelope, "Payload": envelope["payload"]},
        "member-twice": swap("{", '{"payloadType":"application/vnd.in-toto+json",'),
        "payload-type": {**envelope, "payloadType": "application/json"}, "payload-type-missing": {k: v for k, v in envelope.items() if k != "payloadType"},
        "payload-missing": {k: v for k, v in envelope.items() if k != "payload"}, "payload-empty": {**envelope, "payload": ""},
        "payload-number": {**envelope, "payload": 1}, "payload-base64url": {**envelope, "payload": b64url(body + b"\xff\xfe")},
        "payload-unpadded": {**envelope, "payload": b64(body + b"x" * (3 - len(body) % 3 + 1))[:-2]},
        "payload-line-break": {**envelope, "payload": envelope["payload"][:76] + "\n" + envelope["payload"][76:]},
        "payload-unused-bits": {**envelope, "payload": b64(body + b" " * ((1 - len(body)) % 3))[:-3] + "h=="},
        "payload-padded-twice": {**envelope, "payload": envelope["payload"].rstrip("=") + "===="},
        "escape-unicode": swap("vnd.in", "vnd\\u002ein"), "escape-slash": swap("application/vnd", "application\\/vnd"),
        "escape-in-key": swap('"payload"', '"\\u0070ayload"'), "escape-tab": swap("}\n", ',"receipts":["\\t"]}\n'),
        "raw-control": swap("}\n", ',"receipts":["\t"]}\n'), "signatures-none": {**envelope, "signatures": []},
        "signatures-missing": {k: v for k, v in envelope.items() if k != "signatures"},
        "signatures-object": {**envelope, "signatures": envelope["signatures"][0]},
        "signature-unknown-member": {**envelope, "signatures": [{**envelope["signatures"][0], "cert": ""}]},
        "signature-without-keyid": {**envelope, "signatures": [{"sig": envelope["signatures"][0]["sig"]}]},
        "signature-keyid-capitals": {**envelope, "signatures": [{**envelope["signatures"][0], "keyid": MACHINE.id.upper()}]},
        "signature-keyid-short": {**envelope, "signatures": [{**envelope["signatures"][0], "keyid": MACHINE.id[:63]}]},
        "signature-short": {**envelope, "signatures": [{"keyid": MACHINE.id, "sig": b64(MACHINE.sign(pae(body))[:63])}]},
        "signature-long": {**envelope, "signatures": [{"keyid": MACHINE.id, "sig": b64(MACHINE.sign(pae(body)) + b"\0")}]},
        "signature-base64url": {**envelope, "signatures": [{"keyid": MACHINE.id, "sig": "-_" + b64(MACHINE.sign(pae(body)))[2:]}]},
        "signature-unused-bits": {**envelope, "signatures": [{"keyid": MACHINE.id, "sig": b64(MACHINE.sign(pae(body)))[:-3] + "h=="}]},
        "signature-twice": {**envelope, "signatures": envelope["signatures"] * 2},
        "signatures-seventeen": {**envelope, "signatures": envelope["signatures"] + [
            {"keyid": sha(b"%d" % number).hex(), "sig": b64(bytes(64))} for number in range(16)]},
        "receipts-text": {**envelope, "receipts": "a"}, "receipts-numbers": {**envelope, "receipts": [1]},
        "disclosures-object": {**envelope, "disclosures": {}}, "attachments-null": swap("}\n", ',"attachments":null}\n'),
        "attachment-nested-array": {**envelope, "attachments": [["a"]]},
        "deep": "[" * 5000 + "\n", "deep-member": swap("}\n", ',"receipts":' + "[" * 17 + "]" * 17 + "}\n"),
        "number-member": swap("}\n", ',"receipts":1.5}\n'),
    }.items():
        corpus.add("envelope-" + name, data, 15)
    corpus.add("good-space-inside", swap(",", " ,\r\n\t"), 0)
    corpus.add("good-empty-lists", swap("}\n", ',"receipts":[],"disclosures":[],"attachments":[]}\n'), 0)
    sixteen = {**envelope, "signatures": envelope["signatures"] + [
        {"keyid": sha(b"%d" % number).hex(), "sig": b64(bytes(64))} for number in range(15)]}
    corpus.add("good-sixteen-signatures", sixteen, 0)


def statement_forms(corpus):
    value = certificate(MACHINE_ALONE, withhold=False)
    text = text_of(value).decode()
    swap = lambda old, new: text.replace(old, new, 1).encode()
    only = lambda **changes: text_of(certificate(MACHINE_ALONE, withhold=False, **changes))
    nest = lambda depth: json.loads("[" * depth + "]" * depth)
    for name, body in {
        "text": b"sanitized", "array": b"[]", "bom": b"\xef\xbb\xbf" + text.encode(), "trailing": text.encode() + b"{}",
        "two-line-feeds": text.encode() + b"\n", "bad-utf8": swap("disk image", "disk image?").replace(b"?", b"\xff"),
        "key-twice": swap('"outcome": "sanitized"', '"outcome": "failed", "outcome": "sanitized"'),
        "key-case": swap('"outcome": "sanitized"', '"outcome": "sanitized", "Outcome": "failed"'),
        "key-escaped-twice": swap('"outcome": "sanitized"', '"outcome": "sanitized", "\\u006futcome": "failed"'),
        "float": swap('"target": "image"', '"target": "image", "size": 1.5'), "exponent": swap('"target": "image"', '"target": "image", "size": 1e3'),
        "minus-zero": swap('"target": "image"', '"target": "image", "size": -0'), "leading-zero": swap('"target": "image"', '"target": "image", "size": 01'),
        "large-number": only(size=2**53), "largest-number-negative": only(size=-2**53),
        "half-surrogate": swap('"target": "image"', '"target": "image", "name": "\\ud800"'), "raw-control": swap('"image"', '"im\tage"'),
        "not-a-number": swap('"target": "image"', '"target": "image", "size": NaN'), "deep": only(nested=nest(15)),
        "unknown-member": text_of({**value, "note": "x"}), "type": text_of({**value, "_type": "https://in-toto.io/Statement/v0.1"}),
        "type-missing": text_of({k: v for k, v in value.items() if k != "_type"}),
        "predicate-type-new": text_of({**value, "predicateType": "urn:uuid:00000000-0000-4000-8000-000000000000"}),
        "predicate-type-capitals": text_of({**value, "predicateType": CERTIFICATE.upper()}),
        "predicate-type-missing": text_of({k: v for k, v in value.items() if k != "predicateType"}),
        "predicate-type-number": text_of({**value, "predicateType": 1}),
        "predicate-missing": text_of({k: v for k, v in value.items() if k != "predicate"}), "predicate-array": text_of({**value, "predicate": []}),
        "subject-missing": text_of({k: v for k, v in value.items() if k != "subject"}), "subject-none": text_of({**value, "subject": []}),
        "subject-two": text_of({**value, "subject": value["subject"] * 2}),
        "subject-digest": text_of({**value, "subject": [{"name": "x", "digest": {"sha256": "00"}}]}),
        "subject-sha512": text_of({**value, "subject": [{"name": "x", "digest": {"sha512": sha(b"").hex()}}]}),
        "subject-nameless": text_of({**value, "subject": [{"digest": value["subject"][0]["digest"]}]}),
        "id-missing": only(certificate_id=None), "id-capitals": only(certificate_id=uuid("certificate").upper()),
        "id-plain": only(certificate_id=uuid("certificate")[9:]), "issued-missing": only(issued_at=None),
        "issued-offset": only(issued_at="2026-11-22T01:00:05+00:00"), "issued-no-day": only(issued_at="2026-02-30T01:00:05Z"),
        "outcome-missing": only(outcome=None), "outcome-unknown": only(outcome="success"), "outcome-capitals": only(outcome="Sanitized"),
        "outcome-space": only(outcome="sanitized "), "outcome-bidi": only(outcome="\u202edezitinas"), "outcome-homoglyph": only(outcome="s\u0430nitized"),
        "outcome-number": only(outcome=1), "people-object": only(people={}), "people-roleless": only(people=[{"key_id": MACHINE.id}]),
        "people-key-short": only(people=[{"role": "machine", "key_id": "00"}]),
    }.items():
        corpus.add("statement-" + name, simple(body)[0], 15)
    for name, body in {
        "no-line-feed": text.encode()[:-1], "compact": json.dumps(value, separators=(",", ":")).encode(), "largest-number": only(size=2**53 - 1),
        "bidi-in-a-name": only(organisation="\u202eelpmaxE\u202c"), "emoji-escaped": swap('"target": "image"', '"target": "image", "name": "\\ud83d\\ude00"'),
        "unicode": only(organisation="B\u00fcro \u2013 \u6771\u4eac"), "nul-escaped": swap('"target": "image"', '"target": "image", "name": "\\u0000"'),
        "deep-enough": only(nested=nest(14)), "microseconds": only(issued_at="2026-11-22T01:00:05.123456Z"),
    }.items():
        corpus.add("good-statement-" + name, simple(body)[0], 0)
    corpus.add("statement-predicate-type-new-unknown-key", simple(text_of({**value, "predicateType": "urn:uuid:00000000-0000-4000-8000-000000000000"}))[0],
               15, trusted=trust("operator"))


def signatures(corpus):
    envelope, body = simple()
    flip = lambda data, at, bit=0: data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]
    good_one = MACHINE.sign(pae(body))
    put = lambda signature, key=MACHINE: {**envelope, "signatures": [{"keyid": key.id, "sig": b64(signature)}]}
    for at, bit in ((0, 0), (31, 7), (32, 0), (40, 3), (63, 0)):
        corpus.add(f"signature-bit-{at}-{bit}", put(flip(good_one, at, bit)), 10)
    s = int.from_bytes(good_one[32:], "little") + ORDER
    corpus.add("signature-s-plus-order", put(good_one[:32] + s.to_bytes(32, "little")), 10)
    corpus.add("signature-s-order", put(good_one[:32] + ORDER.to_bytes(32, "little")), 10)
    corpus.add("signature-zeros", put(bytes(64)), 10)
    corpus.add("signature-small-order-r", put(b"\1" + bytes(63)), 10)
    corpus.add("signature-over-the-body", put(MACHINE.sign(body)), 10)
    corpus.add("signature-over-another-type", put(MACHINE.sign(pae(body).replace(b"in-toto", b"in-tota"))), 10)
    corpus.add("signature-of-another-certificate", put(MACHINE.sign(pae(text_of(certificate(MACHINE_ALONE, withhold=False, outcome="failed"))))), 10)
    corpus.add("signature-by-another-key", put(STRANGER.sign(pae(body))), 10)
    corpus.add("signature-body-changed", {**envelope, "payload": b64(body.replace(b"sanitized", b"sanitizee"))}, 10)
    corpus.add("signature-body-space", {**envelope, "payload": b64(body + b" ")}, 10)
    corpus.add("signature-keyid-of-a-stranger", put(good_one, STRANGER), 11)
    both = signed(text_of(certificate()), BOTH, ssh=False, disclosures=DISCLOSURES)
    first, second = both["signatures"]
    corpus.add("signers-one-missing", {**both, "signatures": [first]}, 11)
    corpus.add("signers-machine-missing", {**both, "signatures": [second]}, 11)
    corpus.add("signers-swapped", {**both, "signatures": [second, first]}, 15)
    corpus.add("signers-signatures-swapped", {**both, "signatures": [{**first, "sig": second["sig"]}, {**second, "sig": first["sig"]}]}, 10)
    corpus.add("signers-second-bad", {**both, "signatures": [first, {**second, "sig": first["sig"]}]}, 10)
    corpus.add("signers-second-bad-unknown", {**both, "signatures": [first, {**second, "sig": first["sig"]}]}, 0, trusted=trust("machine"))
    corpus.add("good-extra-unknown-signer", {**both, "signatures": [first, second, {"keyid": STRANGER.id, "sig": first["sig"]}]}, 0)
    corpus.add("extra-trusted-signer-bad", {**both, "signatures": [first, second, {"keyid": WITNESS.id, "sig": first["sig"]}]}, 10)
    corpus.add("extra-trusted-signer-unnamed", {**both, "signatures": [first, second, {
        "keyid": WITNESS.id, "sig": b64(WITNESS.sign(pae(text_of(certificate()))))}]}, 11, needs=["witness"])
    corpus.add("people-same-key-twice", members(text_of(certificate((*MACHINE_ALONE, ("operator", MACHINE)), withhold=False)), [MACHINE]), 15)


def trusts(corpus):
    envelope, body = simple()
    corpus.add("trust-nobody", envelope, 11, trusted="# nobody\n")
    corpus.add("trust-stranger", envelope, 11, trusted=trust_line("x", "machine", STRANGER))
    for role in ("operator", "witness", "approver", "log", "log-witness"):
        corpus.add("trust-machine-as-" + role, envelope, 11, trusted=trust_line("host", role, MACHINE))
    corpus.add("trust-git-namespace", envelope, 11, trusted=f'host namespaces="git" ssh-ed25519 {MACHINE.blob()}\n')
    corpus.add("good-trust-any-role", envelope, 0, trusted=f"host ssh-ed25519 {MACHINE.blob()}\n")
    corpus.add("good-trust-two-namespaces", envelope, 0, trusted=f'host namespaces="git,quietus-machine" ssh-ed25519 {MACHINE.blob()} comment\n')
    corpus.add("good-trust-other-key-types", envelope, 0, trusted="host ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB\n" + trust("machine"))
    dated = lambda *options: trust_line("host", "machine", MACHINE, *options)
    for name, answer, options in (
            ("good-dates-exact", 0, ('valid-after="20261122010005Z"', 'valid-before="20261122010005Z"')),
            ("dates-too-early", 12, ('valid-after="20261122010006Z"',)), ("dates-too-late", 12, ('valid-before="20261122010004Z"',)),
            ("dates-day-before", 12, ('valid-before="20261122Z"',)), ("good-dates-day", 0, ('valid-after="20261122Z"', 'valid-before="20261123Z"')),
            ("good-dates-minutes", 0, ('valid-after="202611220100Z"', 'valid-before="202611220101Z"')), ("dates-expired", 12, ('valid-before="20200101Z"',))):
        corpus.add(name, envelope, answer, trusted=dated(*options))
    corpus.add("dates-two-lines-none-fits", envelope, 12, trusted=dated('valid-before="20250101Z"') + dated('valid-after="20270101Z"'))
    corpus.add("good-dates-two-lines-one-fits", envelope, 0, trusted=dated('valid-before="20250101Z"') + dated('valid-after="20260101Z"'))
    both = signed(text_of(certificate()), BOTH, disclosures=DISCLOSURES)
    corpus.add("dates-operator-expired", both, 12, trusted=trust("machine", "operator", operator=('valid-before="20200101Z"',)))
    corpus.add("operator-as-witness-only", both, 11, trusted=trust("machine") + trust_line("a.smith", "witness", OPERATOR), needs=["operator"])
    revoke = lambda key, when, why: f"# list\n{key.id} {when} {why} a comment\n"
    for name, answer, when, why in (
            ("revoked-retired-before", 12, "2026-11-22T01:00:05Z", "retired"), ("good-revoked-retired-after", 0, "2026-11-22T01:00:06Z", "retired"),
            ("revoked-left-before", 12, "2026-01-01T00:00:00Z", "left"), ("good-revoked-left-after", 0, "2027-01-01T00:00:00Z", "left"),
            ("revoked-compromised-before", 12, "2026-01-01T00:00:00Z", "compromised"), ("revoked-compromised-after", 12, "2027-01-01T00:00:00Z", "compromised")):
        corpus.add(name, envelope, answer, trusted=trust("machine"), revoked=revoke(MACHINE, when, why))
    corpus.add("good-revoked-somebody-else", envelope, 0, revoked=revoke(STRANGER, "2026-01-01T00:00:00Z", "compromised"))
    full, full_body = complete()
    corpus.add("good-revoked-compromised-after-proven-time", full, 0, revoked=revoke(MACHINE, "2026-12-01T00:00:00Z", "compromised"))
    corpus.add("revoked-compromised-before-proven-time", full, 12, revoked=revoke(MACHINE, "2026-11-22T01:30:00Z", "compromised"))
    corpus.add("revoked-compromised-time-not-proven", full, 12, trusted=trust("machine", "log", "operator"), revoked=revoke(MACHINE, "2026-12-01T00:00:00Z", "compromised"))
    corpus.add("revoked-operator", full, 12, revoked=revoke(OPERATOR, "2026-01-01T00:00:00Z", "left"))
    corpus.add("revoked-witness", full, 12, revoked=revoke(WITNESS, "2026-01-01T00:00:00Z", "left"))
    corpus.add("revoked-approver-of-the-plan", full, 12, revoked=revoke(APPROVER, "2026-01-01T00:00:00Z", "retired"))
    for name, raw in (("neutral", b"\1" + bytes(31)), ("order-4", bytes(32)), ("order-2", b"\xec" + b"\xff" * 30 + b"\x7f"),
                      ("order-8", bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
                      ("not-canonical", b"\xee" + b"\xff" * 30 + b"\x7f"), ("not-canonical-large", b"\xff" * 31 + b"\x7f"),
                      ("neutral-signed", b"\1" + bytes(30) + b"\x80")):
        key_id = sha(bytes.fromhex("302a300506032b6570032100") + raw).hex()
        body = text_of(certificate(MACHINE_ALONE, withhold=False, people=[{"role": "machine", "key_id": key_id}]))
        forged = {**members(body, []), "signatures": [{"keyid": key_id, "sig": b64(b"\1" + bytes(63))}]}
        corpus.add("key-" + name + "-unknown", forged, 11)
        corpus.add("key-" + name + "-in-trust", forged, 2, trusted=f"host ssh-ed25519 {b64(SSH_PREFIX + raw)}\n")


def redaction(corpus):
    body = text_of(certificate())
    envelope = signed(body, BOTH, disclosures=DISCLOSURES)
    pointers = list(OPEN)
    hide = lambda *gone: {**envelope, "disclosures": [text for pointer, text in zip(OPEN, DISCLOSURES) if pointer not in gone]}
    for pointer in pointers:
        corpus.add("redacted" + pointer.replace("/predicate", "").replace("/", "-"), hide(pointer), 0, withheld=[pointer])
    corpus.add("redacted-all", {k: v for k, v in envelope.items() if k != "disclosures"}, 0, withheld=pointers)
    corpus.add("good-disclosures-in-another-order", {**envelope, "disclosures": DISCLOSURES[::-1]}, 0)
    change = lambda index, text: {**envelope, "disclosures": [text if at == index else one for at, one in enumerate(DISCLOSURES)]}
    raw = base64.urlsafe_b64decode(DISCLOSURES[1] + "=" * (-len(DISCLOSURES[1]) % 4))
    for name, data in {
        "twice": {**envelope, "disclosures": [*DISCLOSURES, DISCLOSURES[0]]}, "forged-value": change(1, b64url(raw.replace(b"/srv/old", b"/srv/new"))),
        "forged-salt": change(1, disclosure(pointers[1], OPEN[pointers[1]], "other")), "unknown-pointer": {**envelope, "disclosures": [
            *DISCLOSURES, disclosure("/predicate/asset/node", "/dev/sda")]}, "empty": change(0, ""), "padded": change(1, DISCLOSURES[1] + "="),
        "standard-alphabet": change(0, "+/" + DISCLOSURES[0][2:]), "not-json": change(0, b64url(b"[1,")), "object": change(0, b64url(b"{}")),
        "two-parts": change(0, b64url(b'["AAAAAAAAAAAAAAAAAAAAAA","/predicate/location"]')), "space": change(1, DISCLOSURES[1] + " "),
        "outcome": {**envelope, "disclosures": [*DISCLOSURES, disclosure("/predicate/outcome", "failed")]}}.items():
        corpus.add("disclosure-" + name, data, 15)
    def mapped(pointer, value="x", digest=None, **changes):
        text = disclosure(pointer, value)
        changed = text_of(certificate(withhold=False, **{"redactable": {pointer: digest or committed(text)}, **changes}))
        return signed(changed, BOTH, disclosures=[text])
    corpus.add("good-map-node", mapped("/predicate/asset/node"), 0)
    corpus.add("good-map-base64", mapped("/predicate/asset/path_base64"), 0)
    corpus.add("good-map-object-value", mapped("/predicate/run/host", {"host_name": "h", "id": 7}), 0)
    corpus.add("map-place-taken", mapped("/predicate/asset/serial"), 15)
    corpus.add("map-outcome", mapped("/predicate/outcome"), 15)
    corpus.add("map-tag", mapped("/predicate/asset/tag", asset={"kind": "virtual"}), 15)
    corpus.add("map-path-taken", mapped("/predicate/asset/path", asset={"path": "/a"}), 15)
    corpus.add("map-location-taken", mapped("/predicate/location", location="here"), 15)
    corpus.add("map-no-parent", mapped("/predicate/asset/roots/0/path"), 15)
    corpus.add("good-map-root", mapped("/predicate/asset/roots/0/path", asset={"roots": [{"kind": "file"}]}), 0)
    corpus.add("map-index-too-far", mapped("/predicate/asset/roots/1/path", asset={"roots": [{"kind": "file"}]}), 15)
    corpus.add("map-index-leading-zero", mapped("/predicate/asset/roots/00/path", asset={"roots": [{"kind": "file"}]}), 15)
    corpus.add("map-index-minus", mapped("/predicate/asset/roots/-/path", asset={"roots": [{"kind": "file"}]}), 15)
    corpus.add("map-person-in-a-certificate", mapped("/predicate/person"), 15)
    corpus.add("map-escaped-pointer", mapped("/predicate/asset/pat~0h"), 15)
    corpus.add("map-relative", mapped("predicate/location"), 15)
    corpus.add("map-digest-short", mapped("/predicate/location", digest="00"), 15)
    corpus.add("map-digest-of-another", mapped("/predicate/location", digest=sha(b"").hex()), 15)
    corpus.add("map-array", signed(text_of(certificate(withhold=False, **{"redactable": []})), BOTH), 15)
    corpus.add("disclosure-without-map", signed(text_of(certificate(withhold=False)), BOTH, disclosures=DISCLOSURES[:1]), 15)
    deep = json.loads("[" * 16 + "]" * 16)
    corpus.add("disclosure-deep", mapped("/predicate/location", deep), 15)
    twice = b64url(b'["AAAAAAAAAAAAAAAAAAAAAA","/predicate/location",{"a":1,"A":2}]')
    corpus.add("disclosure-key-twice", signed(text_of(certificate(withhold=False, **{"redactable": {"/predicate/location": committed(twice)}})), BOTH, disclosures=[twice]), 15)
    short = b64url(b'["AAAA","/predicate/location","x"]')
    corpus.add("disclosure-salt-short", signed(text_of(certificate(withhold=False, **{"redactable": {"/predicate/location": committed(short)}})), BOTH, disclosures=[short]), 15)


def attachments(corpus):
    body = text_of(certificate(withhold=False))
    base = signed(body, BOTH)
    own = base["attachments"]
    with_ = lambda *more: {**base, "attachments": [*own, *more]}
    sign = lambda *parts, **changes: countersigned(body, *parts, **changes)
    witness = sign("witness", WITNESS, "watched_run")
    for name, more, needs in (
            ("good-witness", [witness], ["operator", "witness"]), ("good-witness-checked", [sign("witness", WITNESS, "checked_record")], ["witness"]),
            ("good-witness-rechecked", [sign("witness", WITNESS, "rechecked_medium")], ["witness"]),
            ("good-approver", [sign("approver", APPROVER, "checked_record")], ["approver"]),
            ("good-witness-and-approver", [witness, sign("approver", APPROVER, "checked_record")], ["operator", "witness", "approver"]),
            ("good-witness-without-sshsig", [sign("witness", WITNESS, "watched_run", ssh=False)], ["witness"]),
            ("good-unknown-witness", [sign("witness", STRANGER, "watched_run")], [])):
        corpus.add(name, with_(*more), 0, needs=needs)
    corpus.add("witness-person-withheld", with_(sign("witness", WITNESS, "watched_run", withheld=True)), 0, withheld=["countersignature:/predicate/person"])
    named_operator, disclosed = text_of(certificate()), {"disclosures": DISCLOSURES}
    for name, said, answer, told in (("need-operator-as-witness-same-name", " a. SMITH ", 11, disclosed), ("good-witness-another-name", "A. Smythe", 0, disclosed)):
        corpus.add(name, signed(named_operator, BOTH, attachments=[countersigned(named_operator, "witness", WITNESS, "watched_run", name=said)], **told), answer, needs=["witness"])
    declared = text_of(certificate(withhold=False, declared=[{"role": "operator", "person": {"name": "Dan"}}]))
    corpus.add("need-declared-operator-as-witness", signed(declared, BOTH, attachments=[countersigned(declared, "witness", WITNESS, "watched_run", name="Dan")]), 11, needs=["witness"])
    second = PEOPLE["witness"][0]
    for name, more, needs, trusted in (
            ("need-witness-missing", [], ["witness"], ALL), ("need-witness-unknown", [sign("witness", STRANGER, "watched_run")], ["witness"], ALL),
            ("need-approver-but-witness", [witness], ["approver"], ALL), ("need-witness-but-approver", [sign("approver", APPROVER, "checked_record")], ["witness"], ALL),
            ("need-log-witness-missing", [witness], ["log-witness"], ALL), ("need-two-witnesses", [witness], ["witness", "witness"], ALL),
            ("need-witness-declares-approval", [sign("witness", WITNESS, "approved_plan")], ["witness"], ALL),
            ("need-approver-declares-watching", [sign("approver", APPROVER, "watched_run")], ["approver"], ALL),
            ("need-witness-declares-anything", [sign("witness", WITNESS, "was_there")], ["witness"], ALL),
            ("need-witness-signs-as-approver", [sign("approver", WITNESS, "checked_record")], ["approver"], ALL),
            ("need-operator-as-witness-same-principal", [witness], ["witness"], trust("machine", "operator") + trust_line("a.smith", "witness", WITNESS)),
            ("need-operator-as-witness-same-key", [sign("witness", OPERATOR, "watched_run")], ["witness"], ALL + trust_line("a.smith", "witness", OPERATOR)),
            ("need-operator-untrusted-as-witness-same-key", [sign("witness", OPERATOR, "watched_run")], ["witness"], trust("machine") + trust_line("a.smith", "witness", OPERATOR)),
            ("need-one-person-two-keys", [witness, sign("witness", SECOND, "checked_record")], ["witness", "witness"], ALL + trust_line(second, "witness", SECOND)),
            ("need-one-person-two-roles", [witness, sign("approver", SECOND, "checked_record")], ["witness", "approver"], ALL + trust_line(second, "approver", SECOND))):
        corpus.add(name, with_(*more), 11, needs=needs, trusted=trusted)
    corpus.add("good-two-witnesses", with_(witness, sign("witness", SECOND, "checked_record")), 0, needs=["witness", "witness"], trusted=ALL + trust_line("c.green", "witness", SECOND))
    corpus.add("good-matching-of-people", with_(witness, sign("approver", SECOND, "checked_record"), sign("approver", APPROVER, "checked_record")), 0,
               needs=["witness", "approver"], trusted=ALL + trust_line(second, "approver", SECOND))
    other = text_of(certificate(withhold=False, certificate_id=uuid("another")))
    broken = json.loads(witness)
    broken["signatures"][0]["sig"] = base["signatures"][0]["sig"]
    stranger = json.loads(sign("witness", STRANGER, "watched_run"))
    stranger["signatures"][0]["sig"] = base["signatures"][0]["sig"]
    moved = json.loads(witness)
    moved["signatures"][0]["keyid"] = STRANGER.id
    both = json.loads(witness)
    both["signatures"].append({"keyid": STRANGER.id, "sig": b64(bytes(64))})
    for name, answer, more in (
            ("countersignature-of-another", 15, [countersigned(other, "witness", WITNESS, "watched_run")]), ("countersignature-twice", 15, [witness, witness]),
            ("countersignature-same-key-twice", 15, [witness, sign("witness", WITNESS, "checked_record", signed_at="2026-11-23T09:00:00Z")]),
            ("countersignature-bad-signature", 10, [written(broken).decode()]), ("countersignature-of-a-stranger-bad", 0, [written(stranger).decode()]),
            ("countersignature-keyid-moved", 11, [written(moved).decode()]), ("countersignature-two-signatures", 15, [written(both).decode()]),
            ("countersignature-other-outcome", 15, [sign("witness", WITNESS, "watched_run", outcome="failed")]),
            ("countersignature-other-id", 15, [sign("witness", WITNESS, "watched_run", certificate_id=uuid("x"))]),
            ("countersignature-time", 15, [sign("witness", WITNESS, "watched_run", signed_at="yesterday")]),
            ("countersignature-declaration-missing", 15, [sign("witness", WITNESS, None)]), ("countersignature-no-line-feed", 15, [witness[:-1]]),
            ("countersignature-two-line-feeds", 15, [witness + "\n"]), ("attachment-text", 15, ["hello"]), ("attachment-empty", 15, [""]),
            ("attachment-certificate", 15, [written(simple()[0]).decode()]), ("attachment-itself", 15, [written(base).decode()]),
            ("attachment-plan-not-cited", 15, [written(signed(text_of(plan()), MACHINE_ALONE)).decode()])):
        corpus.add(name, with_(*more), answer)
    corpus.add("countersignature-expired-key", with_(witness), 12, trusted=trust(*PEOPLE, witness=('valid-before="20261101Z"',)))
    corpus.add("countersignature-before-its-key", with_(witness), 12, trusted=trust(*PEOPLE, witness=('valid-after="20261201Z"',)))
    ssh = lambda *parts, **kept: ssh_signature(*parts, **kept)
    for name, answer, texts in (
            ("sshsig-foreign-key", 15, [ssh(STRANGER, "machine", body)]), ("sshsig-other-namespace", 15, [ssh(MACHINE, "witness", body)]),
            ("sshsig-of-another-body", 10, [ssh(MACHINE, "machine", other)]), ("sshsig-bit", 10, [ssh(MACHINE, "machine", body, "bit")]),
            ("sshsig-twice", 15, [own[0], own[0]]), ("sshsig-armor-width", 15, [ssh(MACHINE, "machine", body, "width")]),
            ("sshsig-version", 15, [ssh(MACHINE, "machine", body, "version")]), ("sshsig-no-line-feed", 15, [own[0][:-1]]),
            ("sshsig-carriage-return", 15, [own[0].replace("\n", "\r\n")]), ("sshsig-cut", 15, [own[0][:100]]),
            ("good-sshsig-none", 0, []), ("good-sshsig-one", 0, own[1:])):
        data = {**base, "attachments": texts}
        corpus.add(name, data if "\r" not in "".join(texts) else written(data), answer)
    corpus.add("sshsig-of-the-operator-bad-unknown", {**base, "attachments": [ssh(OPERATOR, "operator", other)]}, 0, trusted=trust("machine"))


def plans(corpus):
    envelope, body = complete()
    plan_body = text_of(plan())
    approve = lambda **changes: countersigned(plan_body, "approver", APPROVER, "approved_plan", **{"signed_at": "2026-11-20T10:00:00Z", **changes})
    cited = {"approved_plan_sha256": digest_of(plan_body)}

    def carry(*texts, named=None):
        """Of a run that found these plans' countersignatures, or the named ones, there."""
        there = [signed_of(more) for text in texts for more in json.loads(text).get("attachments", []) if more[0] == "{"]
        method = {**cited, "approvals": there if named is None else named}
        return signed(text_of(certificate(withhold=False, method=method)), BOTH, attachments=list(texts))

    packed_plan = lambda *more, **kept: written(signed(plan_body, MACHINE_ALONE, attachments=list(more), **kept)).decode()
    corpus.add("good-plan-not-attached", carry(), 0)
    corpus.add("good-plan-without-approval", carry(packed_plan()), 0)
    corpus.add("good-plan-approved", carry(packed_plan(approve())), 0, needs=["operator", "approver"])
    corpus.add("plan-not-attached-needs-approver", carry(), 11, needs=["approver"])
    corpus.add("plan-approved-after-the-run", carry(packed_plan(approve(signed_at="2026-11-22T01:00:01Z"))), 11, needs=["approver"])
    corpus.add("good-plan-approved-as-it-began", carry(packed_plan(approve(signed_at="2026-11-22T01:00:00Z"))), 0, needs=["approver"])
    corpus.add("good-plan-approval-not-named", carry(packed_plan(approve()), named=[]), 0)
    corpus.add("plan-approval-backdated", carry(packed_plan(approve()), named=[]), 11, needs=["approver"])
    corpus.add("plan-approval-not-the-named-one", carry(packed_plan(approve(signed_at="2026-11-20T11:00:00Z")), named=[signed_of(approve())]), 11, needs=["approver"])
    corpus.add("plan-approvals-text", carry(packed_plan(approve()), named=signed_of(approve())), 15)
    corpus.add("plan-approvals-number", carry(packed_plan(approve()), named=[7]), 15)
    corpus.add("plan-approvals-short", carry(packed_plan(approve()), named=[signed_of(approve())[1:]]), 15)
    corpus.add("plan-watched", carry(packed_plan(countersigned(plan_body, "witness", WITNESS, "watched_run"))), 11, needs=["witness"])
    corpus.add("plan-checked", carry(packed_plan(countersigned(plan_body, "approver", APPROVER, "checked_record", signed_at="2026-11-20T10:00:00Z"))), 11, needs=["approver"])
    corpus.add("plan-twice", carry(packed_plan(), packed_plan(approve())), 15)
    other = text_of(plan(plan_id=uuid("other plan")))
    corpus.add("plan-another", carry(written(signed(other, MACHINE_ALONE)).decode()), 15)
    corpus.add("plan-approval-of-another", carry(packed_plan(countersigned(other, "approver", APPROVER, "approved_plan"))), 15)
    bad = signed(plan_body, MACHINE_ALONE)
    bad["signatures"][0]["sig"] = b64(MACHINE.sign(b"x"))
    corpus.add("plan-bad-signature", carry(written(bad).decode()), 10)
    moved = signed(plan_body, MACHINE_ALONE, ssh=False)
    moved["signatures"][0]["keyid"] = STRANGER.id
    corpus.add("plan-keyid-moved", carry(written(moved).decode()), 11)
    made_elsewhere = text_of(plan(people=named(("machine", STRANGER))))
    foreign = text_of(certificate(withhold=False, method={"approved_plan_sha256": digest_of(made_elsewhere)}))
    corpus.add("good-plan-by-an-unknown-machine", signed(foreign, BOTH, attachments=[written(signed(made_elsewhere, (("machine", STRANGER),))).decode()]), 0)
    corpus.add("plan-alone-by-an-unknown-machine", signed(made_elsewhere, (("machine", STRANGER),)), 11)
    corpus.add("plan-without-not-after", signed(text_of(plan(not_after=7)), MACHINE_ALONE), 15)
    corpus.add("plan-with-receipt", carry(packed_plan(receipts=[receipt(plan_body)])), 14)


def compromised(corpus):
    """What a receipt proves: the certificate and the plan that it cites, but no countersignature."""
    envelope, body = complete()
    gone = lambda key: f"{key.id} 2026-11-23T00:00:00Z compromised\n"
    corpus.add("good-machine-compromised-after-the-receipt", envelope, 0, needs=EVERYBODY, revoked=gone(MACHINE))
    corpus.add("countersignature-compromised-after-the-receipt", envelope, 12, revoked=gone(WITNESS))
    corpus.add("plan-approval-compromised-after-the-receipt", envelope, 12, revoked=gone(APPROVER))


def receipts(corpus):
    body = text_of(certificate(withhold=False))
    base = signed(body, BOTH)
    with_ = lambda *texts: {**base, "receipts": list(texts)}
    good_one = receipt(body)
    seen = receipt(body, cosigned=SEEN)
    corpus.add("good-receipt", with_(good_one), 0)
    corpus.add("good-receipt-alone-in-the-log", with_(receipt(body, size=1, index=0)), 0)
    corpus.add("good-receipt-last", with_(receipt(body, size=7, index=6)), 0)
    corpus.add("good-receipt-first-of-many", with_(receipt(body, size=33, index=0)), 0)
    corpus.add("good-receipt-cosigned", with_(seen), 0, needs=["log-witness"])
    corpus.add("good-receipt-cosigned-unknown", with_(receipt(body, cosigned=[("other.example", STRANGER, SEEN[0][2])])), 0)
    corpus.add("good-receipt-unknown-log", with_(good_one), 0, trusted=trust("machine"))
    corpus.add("receipt-unknown-log-needs-log-witness", with_(seen), 11, trusted=trust("machine", "log-witness"), needs=["log-witness"])
    corpus.add("receipt-unknown-witness-needed", with_(receipt(body, cosigned=[("other.example", STRANGER, SEEN[0][2])])), 11, needs=["log-witness"])
    corpus.add("receipt-expired-witness-needed", with_(seen), 11, trusted=trust(*PEOPLE, log_witness=('valid-before="20260101Z"',)), needs=["log-witness"])
    corpus.add("receipt-log-witness-is-no-witness", with_(seen), 11, needs=["witness"])
    lines = good_one.split("\n")
    for name, text in {
        "empty": "", "text": "hello", "of-another-certificate": receipt(text_of(certificate(withhold=False, outcome="failed"))), "proof": receipt(body, flaw="proof"),
        "index": receipt(body, flaw="index"), "signature": receipt(body, flaw="signature"), "cosignature": receipt(body, cosigned=SEEN, flaw="cosignature"),
        "another-origin": receipt(body, origin="quietus/other/" + LOG.id[:16]), "another-log": receipt(body, log=STRANGER), "another-event": receipt(body, type="certificate.revoked"),
        "by-another": receipt(body, by=STRANGER.id), "no-certificate": receipt(body, type="sanitize.finished", certificate=None),
        "version": good_one.replace("@v1", "@v2"), "no-extra": good_one.replace(lines[1] + "\n", ""), "proof-cut": good_one.replace(lines[3] + "\n", ""),
        "proof-longer": good_one.replace(lines[3] + "\n", lines[3] + "\n" + lines[3] + "\n"), "size": good_one.replace("\n6\n", "\n7\n"), "size-zero": good_one.replace("\n6\n", "\n06\n"),
        "no-line-feed": good_one[:-1], "no-signature": good_one[:good_one.index("\u2014")], "witness-name": seen.replace("log-witness.example", "log-witness.exampls"),
        "signature-unpadded": good_one[:-2] + "\n",
    }.items():
        corpus.add("receipt-" + name, with_(text), 14)
    corpus.add("receipt-second-bad", with_(good_one, receipt(body, flaw="proof")), 14)
    corpus.add("receipt-another-origin-unknown-log", with_(receipt(body, origin="quietus/other/0000000000000000")), 14, trusted=trust("machine"))
    no_ledger = text_of(certificate(withhold=False, ledger={}))
    corpus.add("receipt-no-ledger-in-the-statement", signed(no_ledger, BOTH, receipts=[receipt(no_ledger)]), 14)


def assets(corpus):
    envelope, body = simple()
    for name, asset in (("other-tag", "UK-0043"), ("other-serial", "S3RIAL-8"), ("part-of-tag", "UK-004"), ("longer-tag", "UK-0042x"), ("kind", "virtual")):
        corpus.add("asset-" + name, envelope, 13, asset=asset)
    corpus.add("asset-none-in-it", simple(asset={"kind": "file_set"})[0], 13, asset="UK-0042")
    corpus.add("asset-and-need", envelope, 11, asset="UK-0043", needs=["operator"])
    corpus.add("asset-number", simple(asset={"tag": 42})[0], 13, asset="42")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(folder)
    for group in (good, envelope_forms, statement_forms, signatures, trusts, redaction, attachments, plans, compromised, receipts, assets, drives):
        group(corpus)
    assert len({case["file"] for case in corpus.cases}) == len(corpus.cases)
    lines = ",\n".join("  " + json.dumps(case) for case in sorted(corpus.cases, key=lambda case: case["file"]))
    (folder / "expected.json").write_text("[\n" + lines + "\n]\n")


if __name__ == "__main__":
    main()
