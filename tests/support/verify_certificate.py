#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Judges a certificate by quietus-certificate(5) with python3-cryptography alone; shares nothing with Quietus.
# Arguments: FILE TRUST [REVOKED [ROLE,... [ASSET]]], empty for none. Prints one JSON object; ends with the exit code.
import base64, datetime as dt, functools, hashlib, itertools, json, re, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
KINDS = {"ad9dde0e-5985-4fd8-9304-431e7970e299": ("certificate", "issued_at", "outcome", "sanitized sanitized_with_exceptions unverified refused interrupted not_effective verification_failed failed"),
         "1f07db28-db21-4124-8e57-9b8be7c37ed9": ("plan", "created_at", "plan_id", ""), "b5b70b9a-5c22-4bd2-9ba9-ee818ba6af03": ("recheck", "rechecked_at", "result", "matches unreadable differs"), "f941d4a8-b9f0-41c1-a2b8-fa5a635a1882": ("countersignature", "signed_at", "role", "")}
FITS = "witness watched_run certificate,witness checked_record certificate,witness rechecked_medium certificate,approver checked_record certificate,approver approved_plan plan"
REDACTABLE = ("(person|location|(people|declared|overrides)/N/person|run/(host|account)|asset/source_host|(asset/(path|node|stable_path|backing_file|subject_salt|roots/N/path"
              "|file_system/(mount_point|source|options)|file_systems/N/(mount_point|source|options))|exceptions/N/path|medium/path|method/plan_sha256)(_base64)?)").replace("N", "(0|[1-9][0-9]{0,8})")
P, L, SSH, Y8 = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493, b"\0\0\0\x0bssh-ed25519\0\0\0 ", 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826
class Bad(Exception): pass
def need(good, code=15, why="malformed"): return None if good else (_ for _ in ()).throw(Bad(code, why))
def number(digits): return need(re.fullmatch("0|-?[1-9][0-9]{0,15}", digits) and abs(int(digits)) < 2**53, 15, "a number") or int(digits)
def pairs(items): return need(len({key.translate({c: c + 32 for c in range(65, 91)}) for key, _ in items}) == len(items), 15, "a key twice") or dict(items)
def strict(data):
    text, depths = data.decode(), [0]
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[][{}]', text, re.S): depths.append(depths[-1] + (token in "[{") - (token in "]}"))
    need(max(depths) <= 16 and len(data) <= 4 << 20 and text[len(text.rstrip(" \t\r\n")):] in ("", "\n"), 15, "too deep, too long, or something follows")
    value = json.loads(text, object_pairs_hook=pairs, parse_float=number, parse_int=number, parse_constant=number)
    return json.dumps(value, ensure_ascii=False).encode() and value  # which fails for half of a surrogate pair
def b64(text, url=False):
    raw = base64.b64decode(text + "=" * (-len(text) % 4 if url else 0), b"-_" if url else None, validate=True)
    return need((base64.urlsafe_b64encode(raw).rstrip(b"=") if url else base64.b64encode(raw)) == text.encode(), 15, "base64 is not canonical") or raw
sha, packed = lambda data: hashlib.sha256(data).digest(), lambda raw: len(raw).to_bytes(4, "big") + raw
key_id, is_hex = lambda key: sha(bytes.fromhex("302a300506032b6570032100") + key).hex(), lambda text: isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text)
def time(text): return need(re.fullmatch(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,6})?Z", text), 15, "a time") or dt.datetime.fromisoformat(text[:-1] + "+00:00")
def weak(raw): return (y := int.from_bytes(raw, "little") & 2**255 - 1) >= P or y in (0, 1, P - 1, Y8, P - Y8)
def verifies(key, sig, data):
    try: return not (weak(key) or weak(sig[:32]) or int.from_bytes(sig[32:], "little") >= L) and Ed25519PublicKey.from_public_bytes(key).verify(sig, data) is None
    except Exception: return False
class Trust:
    def __init__(self, text, revoked=""):
        self.lines, self.revoked = [], [line.split(" ") for line in revoked.split("\n") if line and line[0] != "#"]
        if text.startswith("-----BEGIN "): text = "key ssh-ed25519 " + base64.b64encode(SSH + b64(text.split("\n")[1])[12:]).decode()
        for line in filter(lambda line: line and line[0] != "#", (line.strip(" \t") for line in text.split("\n"))):
            who, given, kind, blob = re.fullmatch(r'([^*?!,"\\ \t]+)[ \t]+(?:((?:[a-z-]+(?:="[^"]*")?,?)+)[ \t]+)?([a-z0-9@.-]+)[ \t]+(\S+).*', line).groups()
            options = dict(re.findall('([a-z-]+)(?:="([^"]*)")?', given or ""))
            if kind == "ssh-ed25519" and set(options) <= {"namespaces", "valid-after", "valid-before"}:
                need((raw := b64(blob))[:19] == SSH and len(raw) == 51 and not weak(raw[19:]), 2, "a key that nobody can have") or self.lines.append((who, raw[19:], options))
    def key(self, kid): return next((key for _, key, _ in self.lines if key_id(key) == kid), None)
    def having(self, role): return [line for line in self.lines if "quietus-" + role in line[2].get("namespaces", "quietus-" + role).split(",")]
    def judge(self, kid, role, at, proven=None):  # the principal; None: unknown, or in another role; False: revoked, or outside its dates
        lines = [line for line in self.having(role) if key_id(line[1]) == kid]
        cut = any(who == kid and (not (proven and proven < time(start)) if why == "compromised" else at >= time(start)) for who, start, why, *_ in self.revoked)
        return None if not lines else not cut and next((name for name, _, o in lines if all((at > end) - (at < end) in (0, sign) for word, sign in (("valid-after", 1), ("valid-before", -1)) if word in o for end in [dt.datetime.strptime(o[word][:-1].ljust(14, "0") + "+0000", "%Y%m%d%H%M%S%z")])), False)
def receipt(text, origin, digest, trust):  # trusted cosignatures as (time, principal); none too where the log is not trusted
    head, note, sigs = re.fullmatch(r"(.*?\n)\n(.*?\n)\n(.*\n)", text, re.S).groups()
    (first, extra, index, *hashes), (name, size, root) = head.split("\n")[:-1], note.split("\n")[:-1]
    fn, sn, leaf, hashes = number(index[6:]), number(size) - 1, b64(extra[6:]), [b64(one) for one in hashes]
    need(first == "c2sp.org/tlog-proof@v1" and extra[:6] == "extra " and index == f"index {fn}" and name == origin and len(b64(root)) == 32)
    marks = [(who, b64(sig)) for who, sig in (re.fullmatch("\u2014 ([^ +]+) (.+)", line).groups() for line in sigs.split("\n")[:-1])]
    log, entry, node = next((key for _, key, _ in trust.having("log") if name.endswith("/" + key_id(key)[:16])), None), json.loads(leaf), sha(b"\0" + leaf)
    if not log or not trust.judge(key_id(log), "log", time(entry["at"])): return []
    mine, seen = [sig for who, sig in marks if who == name and sig[:4] == sha(name.encode() + b"\n\1" + log)[:4]], []
    need(mine and all(len(sig) == 68 and verifies(log, sig[4:], note.encode()) for sig in mine) and 0 <= fn <= sn)
    while sn > 0:  # RFC 6962 section 2.1.1, from the leaf up
        node, fn, sn = sha(b"\1" + (hashes.pop(0) + node if fn & 1 else node + hashes.pop(0))) if fn & 1 or fn < sn else node, fn >> 1, sn >> 1
    need(not hashes and node == b64(root) and (entry["type"], entry["certificate"], entry["by"]) == ("certificate.issued", digest, key_id(log)))
    for (who, sig), (principal, key, _) in itertools.product(marks, trust.having("log-witness")):
        named, at = (who == principal) + (sig[:4] == sha(principal.encode() + b"\n\4" + key)[:4]), int.from_bytes(sig[4:12], "big")
        need(sig in mine or not named or named == 2 and len(sig) == 76 and 0 < at < 253402300800 and verifies(key, sig[12:], b"cosignature/v1\ntime %d\n" % at + note.encode()))
        seen += [(at, principal)] if named == 2 and sig not in mine and trust.judge(key_id(key), "log-witness", dt.datetime.fromtimestamp(at, dt.timezone.utc)) else []
    return seen
def ssh_signature(text, roles, body, trust):
    blob = b64("".join(text.split("\n")[1:-2]))
    key, rest = blob[33:65], packed(b"quietus-" + roles[key_id(blob[33:65])].encode()) + packed(b"") + packed(b"sha512")
    need(blob == b"SSHSIG\0\0\0\1" + packed(SSH + key) + rest + packed(packed(b"ssh-ed25519") + packed(blob[-64:])) and not weak(key) and "-----BEGIN SSH SIGNATURE-----\n" + re.sub("(.{1,70})", "\\1\n", base64.b64encode(blob).decode()) + "-----END SSH SIGNATURE-----\n" == text, 15, "not a signer's SSHSIG")
    need(not trust.key(key_id(key)) or verifies(key, blob[-64:], b"SSHSIG" + rest + packed(hashlib.sha512(body).digest())), 10, "an SSHSIG does not verify")
    return key_id(key)
def read(text, trust, above=0, proven=None, beside=()):
    need(above < 3 and text[:1] == b"{" and text[-1:] == b"\n" and re.fullmatch(rb'(?:[^\\]|\\["\\n])*', text))
    envelope, lists = strict(text), ("receipts", "disclosures", "attachments")
    (receipts, disclosures, attachments), kids, body = (envelope.get(one, []) for one in lists), [one["keyid"] for one in envelope["signatures"]], b64(envelope["payload"])
    need(set(envelope) <= {"payload", "payloadType", "signatures", *lists} and envelope["payloadType"] == "application/vnd.in-toto+json" and body and all(isinstance(texts, list) and all(isinstance(one, str) for one in texts) for texts in (receipts, disclosures, attachments)) and 0 < len(kids) == len(set(kids)) <= 16 and all(set(one) == {"keyid", "sig"} and is_hex(one["keyid"]) and len(b64(one["sig"])) == 64 for one in envelope["signatures"]))
    pae = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(body), body); digest = sha(pae).hex()
    need(all(verifies(trust.key(one["keyid"]), b64(one["sig"]), pae) for one in envelope["signatures"] if trust.key(one["keyid"])), 10, "a signature does not verify")
    s = strict(body); p, (subject,), (kind, when, result, values) = s["predicate"], s["subject"], KINDS[s["predicateType"].removeprefix("urn:uuid:")]
    name = kind + "_id"; need(set(s) == {"_type", "subject", "predicateType", "predicate"} and s["_type"] == "https://in-toto.io/Statement/v1" and s["predicateType"][:9] == "urn:uuid:" and set(subject) == {"name", "digest"} and isinstance(subject["name"], str) and set(subject["digest"]) == {"sha256"} and is_hex(subject["digest"]["sha256"])
         and re.fullmatch("urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", p[name]) and isinstance(p[result], str) and (not values or p[result] in values.split()))
    at, people = time(p[when]), [(one["role"], one["key_id"]) for one in ([p] if kind == "countersignature" else p.get("people", []))]
    approvals = p["method"].get("approvals", []) if isinstance(p.get("method"), dict) else []; need(isinstance(approvals, list) and all(map(is_hex, approvals)) and isinstance(p.get("people", []), list) and (kind != "plan" or time(p["not_after"])) and all(isinstance(role, str) and is_hex(kid) for role, kid in people) and (kind != "countersignature" or len(kids) == 1 and isinstance(p["declaration"], str)))
    need({kid for _, kid in people} <= set(kids), 11, "a named signer did not sign") or need([kid for _, kid in people] == kids[:len(people)], 15, "the signatures are not in the order of the named signers")
    people, late, seen = people or [("operator" if at else "machine", kid) for at, kid in enumerate(kids)], False, []
    try: seen = [mark for one in [*receipts, *beside] for mark in receipt(one, p["ledger"]["origin"], digest, trust)]
    except Exception: late = True
    proven = dt.datetime.fromtimestamp(min(seen)[0], dt.timezone.utc) if seen and not late else proven if kind == "plan" else None  # a receipt covers no countersignature
    who = [(role, kid, trust.judge(kid, role, at, proven)) for role, kid in people]
    need(all(one is not False for _, _, one in who), 12, "a key was revoked or not valid")
    need(above or any(one and (role == "machine" or kind == "countersignature") for role, _, one in who), 11, "nobody who is trusted for it signed")
    places, shown, said, ssh, inner = p.get("redactable", {}), [], {}, [], []
    for pointer, value in places.items():
        need(re.fullmatch("/predicate/" + REDACTABLE, pointer) and is_hex(value) and (pointer == "/predicate/person") == (kind == "countersignature"), 15, "a pointer")
        need(isinstance(holder := functools.reduce(lambda at, part: at[int(part) if isinstance(at, list) else part], pointer.split("/")[1:-1], s), dict) and pointer.split("/")[-1] not in holder, 15, "a place is taken")
    for one in disclosures:
        salt, pointer, said[pointer] = strict(b64(one, True))
        need(len(b64(salt, True)) == 16 and not shown.append(pointer) and places.get(pointer) == sha(b"quietus-disclosure-v1\0" + one.encode()).hex() and shown.count(pointer) == 1, 15, "a disclosure")
    for one in attachments: ssh.append(ssh_signature(one, {kid: role for role, kid in people}, body, trust)) if one[:1] == "-" else inner.append(read(one.encode(), trust, above + 1, proven))
    name_of = lambda place, holder: [str(one["name"]).strip(" \t\r\n\v\f").translate({c: c - 32 for c in range(97, 123)}) for one in (holder, holder.get("person"), said.get(place + "/person")) if isinstance(one, dict) and one.get("name")]; names = {one for part in ("people", "declared") for i, holder in enumerate(p.get(part, [])) if holder.get("role") == "operator" for one in name_of(f"/predicate/{part}/{i}", holder)}
    operators, signers = {one for role, *both in who if role == "operator" for one in both if one}, [one["kind"] == "plan" or one["who"][0][1] for one in inner]
    met = [(role, one, at, "") for role, _, one in who if one and not (role == "witness" and one in operators)]
    for one in inner:
        role, kid, principal = one["who"][0]
        need(kind == "certificate" and one["digest"] == p["method"]["approved_plan_sha256"] if one["kind"] == "plan" else one["kind"] == "countersignature" and one["subject"] == {"name": kind, "digest": {"sha256": digest}} and kind in ("certificate", "plan") and (one["p"][name], one["p"].get("outcome")) == (p[name], p.get("outcome")), 15, "it belongs to nothing")
        met += [of for of in one["met"] if of[0] == "approver" and of[2] <= time(p["run"]["started_at"]) and of[3] in approvals] if one["kind"] == "plan" else [(role, principal, one["at"], one["digest"])] if principal and f"{role} {one['p']['declaration']} {kind}" in FITS.split(",") and not (role == "witness" and ({principal, kid} & operators or names & set(one["names"]))) else []
    need(len(set(ssh)) == len(ssh) and len(set(signers)) == len(signers), 15, "one attachment twice") or need(not late, 14, "a receipt does not hold")
    return {"kind": kind, "p": p, "subject": subject, "digest": digest, "who": who, "at": at, "names": name_of("/predicate", {}) + name_of("/predicate", {"person": p.get("person")}) if kind == "countersignature" else [], "met": met, "seen": seen, "withheld": sorted([one for one in places if one not in shown] + [f"{one['kind']}:{pointer}" if ":" not in pointer else pointer for one in inner for pointer in one["withheld"]])}
def judge(text, trust_text, revoked="", needs=(), asset="", beside=()):
    try:
        found = read(text, Trust(trust_text, revoked), beside=beside)
        filled = [{one for role, one, *_ in [*found["met"], *(("log-witness", one) for _, one in found["seen"])] if role == wanted} for wanted in needs]
        need(any(len(set(chosen)) == len(needs) for chosen in itertools.product(*filled)), 11, "not everybody who is needed signed")
        need(not asset or asset.strip().upper() in [one.strip().upper() for name in ("tag", "serial", "wwn") if isinstance(one := (found["p"].get("asset") or found["p"].get("medium") or {}).get(name), str)], 13, "it is the certificate of something else")
        return {"exit": 0, "withheld": found["withheld"]}
    except (Bad, LookupError, ValueError, TypeError, AttributeError, RecursionError) as error: return dict(zip(("exit", "reason"), error.args if isinstance(error, Bad) else (15, str(error))))
if __name__ == "__main__":
    file, trust, revoked, needs, asset = (sys.argv[1:] + [""] * 5)[:5]
    verdict = judge(open(file, "rb").read(), open(trust).read(), revoked and open(revoked).read(), [one for one in needs.split(",") if one], asset)
    sys.exit(print(json.dumps(verdict)) or verdict["exit"])
