// SPDX-License-Identifier: GPL-3.0-or-later
// The verdict. Everything above is put together in the order in which `quietus certificate verify`
// does: the first that fails decides the exit code.

const kMaxNesting = 3;

// Who may declare what, of which kind of statement.
const kDeclarations = [
  ["witness", "watched_run", "certificate"], ["witness", "checked_record", "certificate"],
  ["witness", "rechecked_medium", "certificate"], ["approver", "checked_record", "certificate"],
  ["approver", "approved_plan", "plan"],
];

// A signature by a trusted key holds, or the whole does not; one by an unknown key says nothing.
async function checkSignatures(found, trust) {
  for (const signature of found.envelope.signatures) {
    const key = trustedKey(trust, signature.keyId);
    const signer = { keyId: signature.keyId, role: "", principal: key ? key.principal : "",
                     good: false, trusted: false, why: "the key is unknown", ssh: false };
    found.signers.push(signer);
    if (key === undefined) continue;
    signer.good = await verifies(key.bytes, signature.bytes, found.envelope.pae);
    need(signer.good, "the signature of " + key.principal + " does not verify", 10);
  }
}

// Every named signer signed, in the order of the names; others may follow.
function checkCompleteness(found) {
  const { statement, signers } = found;
  need(statement.kind !== "countersignature" || signers.length === 1,
       "a countersignature has one signature");
  for (const named of statement.signers) {
    need(signers.some((one) => one.keyId === named.keyId),
         "the statement names the " + named.role + " as a signer, but that signature is missing", 11);
  }
  statement.signers.forEach((named, i) => {
    need(signers[i].keyId === named.keyId, "the signatures are not in the order of the signers");
    signers[i].role = named.role;
  });
  if (statement.signers.length > 0) return;
  signers.forEach((one, i) => {
    one.role = i === 0 ? "machine" : "operator";
  });
}

// The receipts' answers; what is wrong with them is said later, after what weighs more.
async function checkReceipts(found, beside, trust) {
  for (const text of [...found.envelope.receipts, ...beside]) {
    try {
      found.receipts.push(await checkReceipt(text, found.statement, found.envelope.digest, trust));
    } catch (error) {
      found.late = new Refusal(14, "the receipt does not hold: " + error.message);
    }
  }
  if (found.late !== null) return; // one that does not hold casts doubt on the rest
  const seen = found.receipts.flatMap((one) => one.cosignatures).filter((one) => one.at !== null);
  for (const one of seen) {
    if (found.proven === null || one.at < found.proven || found.provenBy === "") {
      found.proven = one.at;
      found.provenBy = one.principal;
    }
  }
  found.logWitnesses = seen.map((one) => one.principal);
}

function checkTrust(found, trust) {
  const { statement, signers } = found;
  let revoked = null;
  for (const one of signers) {
    const verdict = trustAnswer(trust, one.keyId, one.role, statement.time, found.proven);
    one.trusted = verdict.answer === "trusted";
    one.why = verdict.why;
    if (["revoked", "outside_dates"].includes(verdict.answer)) revoked = revoked ?? verdict.why;
  }
  need(revoked === null, revoked, 12);
  if (found.depth > 0) return;
  const own = statement.kind === "countersignature" ? statement.predicate.role : "machine";
  need(signers.some((one) => one.trusted && one.role === own),
       "no signature is by a key that is trusted as " + own + "; choose the keys that you trust", 11);
}

// What an attached envelope is to the one that holds it; refused if it belongs to nothing.
function checkBelonging(outer, inner) {
  const predicate = outer.statement.predicate;
  if (inner.statement.kind === "plan") {
    need(outer.statement.kind === "certificate" && inner.envelope.digest ===
         at(outer.statement.json, "/predicate/method/approved_plan_sha256"), "another plan is attached");
    return;
  }
  const kind = outer.statement.kind;
  need(inner.statement.kind === "countersignature" && ["certificate", "plan"].includes(kind),
       "an attachment belongs to nothing here");
  const signed = inner.statement;
  need(signed.subject.name === kind && signed.subject.digest.sha256 === outer.envelope.digest,
       "a countersignature is of something else");
  need(signed.predicate[outer.statement.idName] === outer.statement.id &&
       signed.predicate.outcome === predicate.outcome, "a countersignature names another record");
}

async function checkAttachments(found, trust) {
  const roles = new Map(found.signers.map((one) => [one.keyId, one.role]));
  const seen = new Set();
  for (const text of found.envelope.attachments) {
    let mark;
    if (text.startsWith("-")) {
      mark = await checkSshSignature(text, roles, found.envelope.body, trust);
      found.signers.find((one) => one.keyId === mark).ssh = true;
    } else {
      const inner = await read(bytesOf(text), trust, { depth: found.depth + 1, proven: found.proven });
      checkBelonging(found, inner);
      const isPlan = inner.statement.kind === "plan";
      mark = isPlan ? "plan" : "by " + inner.signers[0].keyId;
      found[isPlan ? "plans" : "countersignatures"].push(inner);
    }
    need(!seen.has(mark), "an attachment stands twice");
    seen.add(mark);
  }
}

function folded(text) {
  return typeof text === "string" ? text.replace(/^[ \t\r\n\v\f]+|[ \t\r\n\v\f]+$/g, "")
    .replace(/[a-z]/g, (letter) => letter.toUpperCase()) : "";
}

// The names under which the record, as far as it is disclosed, has somebody as operator.
function operatorNames(statement) {
  const lists = ["people", "declared"].map((name) => at(statement.json, "/predicate/" + name));
  return lists.filter(Array.isArray).flat().filter((one) => at(one, "/role") === "operator")
    .flatMap((one) => [folded(at(one, "/name")), folded(at(one, "/person/name"))])
    .filter((name) => name !== "");
}

// Why a countersignature counts for nothing; empty: it counts.
function whyNot(outer, inner) {
  const signer = inner.signers[0];
  const { role, declaration } = inner.statement.predicate;
  if (!signer.trusted) return signer.why;
  const fits = kDeclarations.some(([r, d, k]) => r === role && d === declaration &&
                                                 k === outer.statement.kind);
  if (!fits) return "such a declaration does not fit the role or the record";
  const operators = outer.signers.filter((one) => one.role === "operator");
  const named = operatorNames(outer.statement)
    .includes(folded(at(inner.statement.json, "/predicate/person/name")));
  const same = named || operators.some((one) => one.keyId === signer.keyId ||
                                       (one.principal !== "" && one.principal === signer.principal));
  return role === "witness" && same ? "the operator cannot be the witness" : "";
}

// The digests of the approvals that were there when the run began.
function approvalsOf(statement) {
  const listed = at(statement.json, "/predicate/method/approvals");
  if (listed === undefined) return [];
  need(Array.isArray(listed) && listed.every((one) => typeof one === "string" && /^[0-9a-f]{64}$/.test(one)),
       "approvals is not a list of digests");
  return listed;
}

// [{role, principal, time, digest}] of all who count; the last two of countersigners.
function filledRoles(found) {
  const { statement } = found;
  const filled = [];
  if (statement.kind !== "countersignature") {
    const operators = found.signers.filter((one) => one.role === "operator");
    for (const one of found.signers) {
      const own = one.role === "witness" && operators.some((op) => op.principal === one.principal);
      if (one.trusted && !own) filled.push({ role: one.role, principal: one.principal, time: null });
    }
  }
  for (const inner of found.countersignatures) {
    inner.whyNot = whyNot(found, inner);
    if (inner.whyNot !== "") continue;
    filled.push({ role: inner.statement.predicate.role, principal: inner.signers[0].principal,
                  time: inner.statement.time, digest: inner.envelope.digest });
  }
  const started = at(statement.json, "/predicate/run/started_at");
  for (const plan of found.plans) {
    for (const one of plan.filled) {
      const before = one.time !== null && typeof started === "string" && one.time <= timeOf(started);
      const there = one.role === "approver" && before && found.approvals.includes(one.digest);
      if (there) filled.push(one);
    }
  }
  return filled;
}

// Reads one envelope to the end, attachments included.
async function read(bytes, trust, { depth = 0, proven = null, beside = [] }) {
  need(depth < kMaxNesting, "attachments are nested too deeply");
  const found = { depth, proven, provenBy: "", late: null, signers: [], receipts: [], plans: [],
                  countersignatures: [], logWitnesses: [], filled: [], disclosed: [], withheld: [] };
  try {
    found.envelope = await envelopeOf(bytes);
    await checkSignatures(found, trust);
    found.statement = statementOf(found.envelope.body);
    found.approvals = approvalsOf(found.statement);
    checkCompleteness(found);
    // A receipt covers the plan that a certificate cites, but no countersignature.
    if (found.statement.kind !== "plan") found.proven = null;
    await checkReceipts(found, beside, trust);
    checkTrust(found, trust);
    Object.assign(found, await disclose(found.statement, found.envelope.disclosures));
    await checkAttachments(found, trust);
    if (found.late !== null) throw found.late;
    found.filled = filledRoles(found);
  } catch (error) {
    error.found = error.found ?? found;
    throw error;
  }
  return found;
}

// Each role that is needed filled by somebody else; null: not possible.
function fillNeeds(needs, filled, used = new Set()) {
  if (needs.length === 0) return [];
  const [role, ...rest] = needs;
  for (const one of filled.filter((who) => who.role === role && !used.has(who.principal))) {
    const others = fillNeeds(rest, filled, new Set([...used, one.principal]));
    if (others !== null) return [{ role, principal: one.principal }, ...others];
  }
  return null;
}

function checkNeeds(found, needs) {
  const filled = [...found.filled,
                  ...found.logWitnesses.map((principal) => ({ role: "log-witness", principal }))];
  const answer = fillNeeds(needs, filled);
  need(answer !== null, "not everybody who is needed signed: " + needs.join(", "), 11);
  return answer;
}

function checkAsset(found, wanted) {
  if (wanted === "") return;
  const predicate = found.statement.predicate;
  const thing = predicate.asset ?? predicate.medium ?? {};
  const folded = (text) => String(text).trim().toUpperCase();
  const same = ["tag", "serial", "wwn"].some(
    (name) => typeof thing[name] === "string" && folded(thing[name]) === folded(wanted));
  need(same, "it is the certificate of something else than " + wanted, 13);
}

function asBytes(input) {
  return typeof input === "string" ? bytesOf(input) : input;
}

// Trust and revocation files may hold what is not UTF-8 in comments only.
function asText(input) {
  if (typeof input === "string") return input;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(input);
}

function certificateBytes(input) {
  const bytes = asBytes(input);
  return bytes.length > 0 && bytes[0] === 0x3c ? bytesOf(envelopeInPage(textOf(bytes))) : bytes;
}

async function trustFrom(trustInput, revokedInput) {
  try {
    const trust = await trustOf(asText(trustInput ?? ""));
    trust.revocations = revocationsOf(asText(revokedInput ?? ""));
    return trust;
  } catch (error) {
    throw new Refusal(2, error.message);
  }
}

// What a caller may show of a statement that was read; nothing of one whose signature is bad.
function answerOf(found, exit, reason) {
  const statement = exit === 10 || exit === 15 ? undefined : found?.statement;
  return {
    exit, reason,
    kind: statement?.kind ?? "", id: statement?.id ?? "", outcome: statement?.outcome ?? "",
    issued: statement?.timeText ?? "", digest: found?.envelope?.digest ?? "",
    statement: statement?.json ?? null, signers: found?.signers ?? [],
    receipts: found?.receipts ?? [], disclosed: found?.disclosed ?? [],
    withheld: found?.withheld ?? [], plans: found?.plans ?? [],
    countersignatures: found?.countersignatures ?? [], needs: [],
    provenAt: found?.proven ? timeText(found.proven) : "", provenBy: found?.provenBy ?? "",
  };
}

// The one door: inputs are texts or bytes; certificate may be a page that quietus made. Never throws.
// exit: 0 holds; 2 trust or revocations unusable; 10 signature; 11 signer; 12 time or revoked;
// 13 another asset; 14 receipt; 15 malformed.
async function judge({ certificate, trust, revoked = "", receipts = [], needs = [], asset = "" }) {
  let found = null;
  try {
    const store = await trustFrom(trust, revoked);
    found = await read(certificateBytes(certificate), store,
                       { beside: receipts.map((one) => textOf(asBytes(one))) });
    const answer = answerOf(found, 0, "");
    answer.needs = checkNeeds(found, needs);
    checkAsset(found, asset);
    return answer;
  } catch (error) {
    const exit = error instanceof Refusal ? error.exit : 15;
    return answerOf(error.found ?? found, exit, error.message);
  }
}
