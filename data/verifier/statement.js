// SPDX-License-Identifier: GPL-3.0-or-later
// The signed statement: in-toto Statement version 1 with one of our predicates. Read only after the
// signatures by trusted keys were found good.

const kOutcomes = ["sanitized", "sanitized_with_exceptions", "unverified", "refused", "interrupted",
                   "not_effective", "verification_failed", "failed"];

// How each kind of statement calls its id, its time and its result.
const kKinds = {
  "urn:uuid:ad9dde0e-5985-4fd8-9304-431e7970e299":
    { kind: "certificate", id: "certificate_id", time: "issued_at", result: "outcome",
      results: kOutcomes },
  "urn:uuid:b5b70b9a-5c22-4bd2-9ba9-ee818ba6af03":
    { kind: "recheck", id: "recheck_id", time: "rechecked_at", result: "result",
      results: ["matches", "unreadable", "differs"] },
  "urn:uuid:1f07db28-db21-4124-8e57-9b8be7c37ed9":
    { kind: "plan", id: "plan_id", time: "created_at", result: null, results: null },
  "urn:uuid:f941d4a8-b9f0-41c1-a2b8-fa5a635a1882":
    { kind: "countersignature", id: "countersignature_id", time: "signed_at", result: null,
      results: null },
};

function checkFrame(json) {
  need(hasOnly(json, ["_type", "subject", "predicateType", "predicate"]),
       "the statement has unknown members");
  need(json._type === "https://in-toto.io/Statement/v1", "it is not an in-toto statement");
  need(typeof json.predicateType === "string", "the statement has no predicateType");
  need(Object.hasOwn(kKinds, json.predicateType),
       "the predicate type " + json.predicateType + " is none that this page knows; a newer " +
       "version may know it");
  const subject = Array.isArray(json.subject) && json.subject.length === 1 ? json.subject[0] : null;
  need(hasOnly(subject, ["name", "digest"]) && typeof subject.name === "string" &&
       hasOnly(subject.digest, ["sha256"]) && isHex64(subject.digest.sha256),
       "the subject is not a name and a SHA-256 digest");
  need(isObject(json.predicate), "the statement has no predicate");
}

// [{role, keyId, person}] of those whom the statement names as signers, in order.
function signersIn(kind, predicate) {
  if (kind === "countersignature") {
    need(typeof predicate.role === "string" && isHex64(predicate.key_id) &&
         typeof predicate.declaration === "string", "the countersigner is not stated");
    return [{ role: predicate.role, keyId: predicate.key_id }];
  }
  if (!has(predicate, "people")) return [];
  need(Array.isArray(predicate.people), "people is not a list");
  return predicate.people.map((one) => {
    need(has(one, "role") && typeof one.role === "string" && isHex64(one.key_id),
         "people is not a list of roles and key ids");
    return { role: one.role, keyId: one.key_id };
  });
}

// What of a statement decides.
function statementOf(body) {
  const json = strictJson(body);
  checkFrame(json);
  const row = kKinds[json.predicateType];
  const predicate = json.predicate;
  const id = predicate[row.id];
  need(typeof id === "string" &&
       /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id), row.id + " is no UUID");
  if (row.results !== null) {
    need(row.results.includes(predicate[row.result]), "the " + row.result + " is unknown");
  }
  if (row.kind === "plan") timeOf(predicate.not_after);
  return { json, predicate, kind: row.kind, id, idName: row.id, time: timeOf(predicate[row.time]),
           timeText: predicate[row.time], outcome: row.result ? predicate[row.result] : "",
           subject: json.subject[0], signers: signersIn(row.kind, predicate) };
}
