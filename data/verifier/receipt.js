// SPDX-License-Identifier: GPL-3.0-or-later
// Receipts (c2sp.org/tlog-proof@v1): one leaf's inclusion in a tree (RFC 6962) whose checkpoint the
// log signed, and cosignatures by witnesses (c2sp.org/tlog-cosignature), which prove a time.

const kDash = "\u2014 ";
const kLastSecond = 253402300799n; // 9999-12-31T23:59:59Z

// {text, lines: [{name, bytes}]} of a signed note.
function noteOf(note) {
  need(note.length <= 1000000 && !/[\u0000-\u0009\u000b-\u001f]/.test(note), "not a signed note");
  const border = note.lastIndexOf("\n\n");
  need(border > 0 && note.endsWith("\n"), "not a signed note");
  const lines = note.slice(border + 2).split("\n").slice(0, -1).map((line) => {
    const found = /^\u2014 ([^ +]+) (\S+)$/.exec(line);
    need(found, "not a signed note");
    const bytes = bytesOfBase64(found[2]);
    need(bytes.length > 4, "not a signed note");
    return { name: found[1], bytes };
  });
  need(lines.length > 0 && lines.length <= 100, "not a signed note");
  return { text: note.slice(0, border + 1), lines };
}

// {origin, size, root}: three lines and nothing more.
function checkpointOf(text) {
  const lines = text.split("\n");
  need(lines.length === 4 && lines[3] === "" && lines[0] !== "", "not a checkpoint");
  const root = bytesOfBase64(lines[2]);
  need(root.length === 32, "not a checkpoint");
  return { origin: lines[0], size: decimalOf(lines[1]), root };
}

// {leaf, index, hashes, note, checkpoint}
function proofOf(text) {
  const found =
    /^c2sp\.org\/tlog-proof@v1\n(?:extra (\S+)\n)?index ([0-9]+)\n((?:\S+\n)*)\n([^]*)$/.exec(text);
  need(found && text.length <= 1200000, "not a tlog-proof@v1 receipt");
  const hashes = found[3].split("\n").slice(0, -1).map(bytesOfBase64);
  need(hashes.length <= 64 && hashes.every((hash) => hash.length === 32), "not a receipt");
  const note = noteOf(found[4]);
  return { leaf: found[1] === undefined ? new Uint8Array(0) : bytesOfBase64(found[1]),
           index: decimalOf(found[2]), hashes, note, checkpoint: checkpointOf(note.text) };
}

function leafHash(leaf) {
  return sha256(joined(Uint8Array.from([0]), leaf));
}

function nodeHash(left, right) {
  return sha256(joined(Uint8Array.from([1]), left, right));
}

// RFC 9162 section 2.1.3.2.
async function isIncluded(proof) {
  let { index, checkpoint: { size } } = proof;
  if (index >= size) return false;
  let hash = await leafHash(proof.leaf);
  let last = size - 1n;
  for (const sibling of proof.hashes) {
    if (last === 0n) return false;
    if ((index & 1n) === 1n || index === last) {
      hash = await nodeHash(sibling, hash);
      while ((index & 1n) === 0n && index !== 0n) {
        index >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    index >>= 1n;
    last >>= 1n;
  }
  return last === 0n && equalBytes(hash, proof.checkpoint.root);
}

// First 4 bytes of SHA-256(name, LF, type, key); type 1 signs notes, type 4 cosigns.
async function noteKeyId(name, type, key) {
  return (await sha256(joined(bytesOf(name + "\n"), Uint8Array.from([type]), key))).subarray(0, 4);
}

// The one form of a leaf, with exactly these members.
function leafOf(bytes) {
  const hex = "([0-9a-f]{64})?";
  const form = new RegExp('^\\{"v":1,"type":"certificate\\.issued","at":"([^"]+)",' +
    '"asset":"(?:[0-9a-f]{32})?","prev":"' + hex + '","body":"' + hex +
    '","by":"([0-9a-f]{64})","certificate":"([0-9a-f]{64})"\\}$');
  const found = bytes.length <= 65535 ? form.exec(textOf(bytes)) : null;
  need(found, "the ledger's entry is not that of a certificate");
  return { at: found[1], time: timeOf(found[1]), by: found[4], certificate: found[5] };
}

async function checkLogSignatures(proof, name, key) {
  const id = await noteKeyId(name, 1, key);
  const own = proof.note.lines.filter(
    (line) => line.name === name && equalBytes(line.bytes.subarray(0, 4), id));
  need(own.length > 0, "the checkpoint is not signed by the log");
  for (const line of own) {
    need(await verifies(key, line.bytes.subarray(4), bytesOf(proof.note.text)),
         "the log's signature of the checkpoint is bad");
  }
  return own;
}

// Time in microseconds of a cosignature that is the witness's.
async function cosignedAt(line, witness, text) {
  const seconds = new DataView(Uint8Array.from(line.bytes.subarray(4, 12)).buffer).getBigUint64(0);
  need(seconds > 0n && seconds <= kLastSecond, "a cosignature has an impossible time");
  const message = bytesOf("cosignature/v1\ntime " + seconds + "\n" + text);
  need(await verifies(witness.bytes, line.bytes.subarray(12), message), "a cosignature is bad");
  return seconds * 1000000n;
}

async function witnessOf(line, witnesses) {
  let resembles = false;
  for (const witness of witnesses) {
    const sameName = line.name === witness.principal;
    const id = await noteKeyId(witness.principal, 4, witness.bytes);
    const sameId = equalBytes(line.bytes.subarray(0, 4), id);
    if (sameName && sameId && line.bytes.length === 76) return witness;
    resembles = resembles || sameId || (sameName && line.bytes.length === 76);
  }
  need(!resembles, "a cosignature under a witness's name is not that witness's");
  return null;
}

async function cosignaturesOf(proof, own, trust) {
  const witnesses = trust.keys.filter((key) => hasRole(key, "log-witness"));
  const found = [];
  for (const line of proof.note.lines) {
    if (own.includes(line)) continue;
    const witness = await witnessOf(line, witnesses);
    if (witness === null) {
      found.push({ name: line.name, principal: "", at: null });
      continue;
    }
    const when = await cosignedAt(line, witness, proof.note.text);
    const answer = trustAnswer(trust, witness.id, "log-witness", when, null);
    const counts = answer.answer === "trusted";
    found.push({ name: line.name, principal: counts ? answer.principal : "", at: counts ? when : null });
  }
  return found;
}

// {checked, origin, index, at, cosignatures, note}; a receipt that contradicts the certificate or
// does not hold is refused (14), one of a log whose key is not trusted is merely not checked.
async function checkReceipt(text, statement, digest, trust) {
  const proof = proofOf(text);
  const origin = proof.checkpoint.origin;
  need(origin === at(statement.json, "/predicate/ledger/origin"), "it is another log's receipt");
  const result = { checked: false, origin, index: String(proof.index), at: "", cosignatures: [],
                   note: proof.note.text };
  const log = trust.keys.find(
    (key) => hasRole(key, "log") && origin.endsWith("/" + key.id.slice(0, 16)));
  if (log === undefined) return result;
  const entry = leafOf(proof.leaf);
  if (trustAnswer(trust, log.id, "log", entry.time, null).answer !== "trusted") return result;
  const own = await checkLogSignatures(proof, origin, log.bytes);
  need(await isIncluded(proof), "the entry is not in the log that the checkpoint describes");
  need(entry.certificate === digest, "it is another certificate's receipt");
  need(entry.by === log.id, "the entry names another log key");
  result.checked = true;
  result.at = entry.at;
  result.cosignatures = await cosignaturesOf(proof, own, trust);
  return result;
}
