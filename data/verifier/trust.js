// SPDX-License-Identifier: GPL-3.0-or-later
// Whose keys count, for what and when: a subset of OpenSSH's allowed_signers, or one PEM; and a list
// of keys that no longer count. A file that breaks the rules is refused as a whole (exit 2).

const kSshKeyPrefix = Uint8Array.from(
  [0, 0, 0, 11, ...bytesOf("ssh-ed25519"), 0, 0, 0, 32]); // RFC 8709 section 4

function isPrincipal(name) {
  return name !== "" && name[0] !== "#" && !/[*?!,"\\ \t\u0000-\u001f\u007f\ufffd]/.test(name);
}

// "YYYYMMDD[HHMM[SS]]Z" in microseconds.
function trustTimeOf(text) {
  const found = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?Z$/.exec(text);
  need(found, "a date is not YYYYMMDD[HHMM[SS]]Z", 2);
  return microsOf(found.slice(1).map((part) => part ?? "0"));
}

// Takes the next word off; a word ends at a blank that is not between quotes.
function takeWord(line) {
  let end = 0;
  for (let quoted = false; end < line.length; end += 1) {
    if (!quoted && (line[end] === " " || line[end] === "\t")) break;
    if (line[end] === '"') quoted = !quoted;
  }
  return [line.slice(0, end), line.slice(end).replace(/^[ \t]+/, "")];
}

const kTrustOptions = {
  namespaces(key, value) {
    need(key.namespaces === null, "namespaces stands twice", 2);
    key.namespaces = value.split(",");
    need(key.namespaces.every(isPrincipal), "a namespace is empty or has a wildcard", 2);
  },
  "valid-after"(key, value) {
    need(key.after === null, "a date stands twice", 2);
    key.after = trustTimeOf(value);
  },
  "valid-before"(key, value) {
    need(key.before === null, "a date stands twice", 2);
    key.before = trustTimeOf(value);
  },
};

// Sets what name="value",name,... says. True: all of it is ours.
function setOptions(key, text) {
  let ours = true;
  let rest = text;
  while (rest !== "") {
    const found = /^([A-Za-z0-9-]+)(?:="([^"]*)")?(,(?!$)|$)/.exec(rest);
    need(found, 'an option is not name="value"', 2);
    if (!Object.hasOwn(kTrustOptions, found[1])) {
      ours = false;
    } else {
      need(found[2] !== undefined, 'an option is not name="value"', 2);
      kTrustOptions[found[1]](key, found[2]);
    }
    rest = rest.slice(found[0].length);
  }
  return ours;
}

// A line's key, or null: of another kind, and skipped.
async function keyOfLine(line) {
  const key = { principal: "", namespaces: null, after: null, before: null };
  const isType = (word) => /^(ssh-|ecdsa-|sk-)/.test(word);
  let [principal, rest] = takeWord(line);
  let word;
  let ours = true;
  [word, rest] = takeWord(rest);
  if (!isType(word) && rest !== "") {
    ours = setOptions(key, word);
    [word, rest] = takeWord(rest);
  }
  need(isType(word), "the key type is not ssh-ed25519", 2);
  if (word !== "ssh-ed25519" || !ours) return null;
  need(isPrincipal(principal), "the principal is not one name without wildcards", 2);
  const blob = bytesOfBase64(takeWord(rest)[0]);
  need(blob.length === 51 && equalBytes(blob.subarray(0, 19), kSshKeyPrefix),
       "the key is not an ssh-ed25519 key", 2);
  key.bytes = blob.subarray(19);
  need(isGoodKey(key.bytes), "the public key is not one that a signer can have", 2);
  need(key.after === null || key.before === null || key.after <= key.before,
       "valid-after is later than valid-before", 2);
  key.principal = principal;
  key.id = await keyIdOf(key.bytes);
  return key;
}

// {keys, skipped}; skipped: numbers of lines.
async function trustOf(text) {
  if (text.startsWith("-----BEGIN ")) {
    const bytes = keyOfPem(text);
    const key = { principal: "key", namespaces: null, after: null, before: null, bytes,
                  id: await keyIdOf(bytes) };
    return { keys: [key], skipped: [], revocations: [] };
  }
  const trust = { keys: [], skipped: [], revocations: [] };
  for (const [i, whole] of text.split("\n").entries()) {
    need(!/[\u0000-\u0008\u000a-\u001f\u007f]/.test(whole), "trust: a control character", 2);
    const line = whole.replace(/^[ \t]+/, "");
    if (line === "" || line[0] === "#") continue;
    const key = await keyOfLine(line);
    if (key === null) {
      trust.skipped.push(i + 1);
      continue;
    }
    need(trust.keys.every((one) => one.id !== key.id || one.principal === key.principal),
         "a key stands under two principals", 2);
    trust.keys.push(key);
  }
  return trust;
}

// "KEYID TIME REASON[ COMMENT]" a line.
function revocationsOf(text) {
  const all = [];
  for (const line of text.split("\n")) {
    need(!/[\u0000-\u001f\u007f\ufffd]/.test(line), "revocations: a control character", 2);
    if (line === "" || line[0] === "#") continue;
    const [id, from, reason] = line.split(" ");
    need(isHex64(id), "revocations: a line does not begin with a key's id", 2);
    need(["retired", "left", "compromised"].includes(reason), "revocations: no such reason", 2);
    all.push({ id, from: timeOf(from), reason });
  }
  return all;
}

function trustedKey(trust, id) {
  return trust.keys.find((key) => key.id === id);
}

function hasRole(key, role) {
  return role !== "" && (key.namespaces === null || key.namespaces.includes("quietus-" + role));
}

function reaches(revocation, claimed, proven) {
  if (revocation.reason === "compromised") return proven === null || proven >= revocation.from;
  return claimed >= revocation.from;
}

// {answer: trusted|unknown|wrong_role|revoked|outside_dates, principal, why}; the one place with
// these rules. proven: when a trusted log witness saw it, or null.
function trustAnswer(trust, id, role, claimed, proven) {
  const known = trustedKey(trust, id);
  if (known === undefined) return { answer: "unknown", principal: "", why: "the key is unknown" };
  const principal = known.principal;
  const lines = trust.keys.filter((key) => key.id === id && hasRole(key, role));
  if (lines.length === 0) {
    return { answer: "wrong_role", principal,
             why: "the key of " + principal + " is not trusted as " + (role || "anything") };
  }
  const revoked = trust.revocations.find(
    (one) => one.id === id && reaches(one, claimed, proven));
  if (revoked !== undefined) {
    return { answer: "revoked", principal,
             why: "the key of " + principal + " is revoked: " + revoked.reason + " from " +
                  timeText(revoked.from) };
  }
  const valid = lines.some((key) => (key.after === null || claimed >= key.after) &&
                                    (key.before === null || claimed <= key.before));
  if (valid) return { answer: "trusted", principal, why: "" };
  return { answer: "outside_dates", principal,
           why: "the key of " + principal + " was not valid at " + timeText(claimed) };
}
