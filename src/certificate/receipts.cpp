// SPDX-License-Identifier: GPL-3.0-or-later
// A receipt must be of the ledger that the signed statement names, so that no changed byte turns it
// into one of a log that nobody knows.
#include "certificate/receipts.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "quietus/ledger.h"
#include "quietus/note.h"
#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::string_view kLogRole = "log";
constexpr std::string_view kLogWitnessRole = "log-witness";

ReceiptCheck bad(ReceiptCheck check, std::string why) {
  check.bad = true;
  check.checked = false;
  check.text = std::move(why);
  return check;
}

bool has_role(const TrustedKey& key, std::string_view role) {
  const std::string wanted = std::string(kNamespacePrefix).append(role);
  return key.namespaces.empty() ||
         std::find(key.namespaces.begin(), key.namespaces.end(), wanted) != key.namespaces.end();
}

/// A log's origin ends in its key's id.
const TrustedKey* log_of(const std::string& origin, const TrustStore& trust) {
  const auto found = std::find_if(trust.keys.begin(), trust.keys.end(), [&](const auto& key) {
    return has_role(key, kLogRole) && origin.ends_with("/" + key_id_of(key.key).substr(0, 16));
  });
  return found == trust.keys.end() ? nullptr : &*found;
}

std::vector<NoteKey> witnesses_of(const TrustStore& trust) {
  std::vector<NoteKey> keys;
  for (const TrustedKey& key : trust.keys) {
    const bool known = std::any_of(keys.begin(), keys.end(),
                                   [&](const NoteKey& one) { return one.key == key.key; });
    if (has_role(key, kLogWitnessRole) && !known) keys.push_back({key.principal, key.key});
  }
  return keys;
}

/// One whose key was revoked or not valid then counts as little as an unknown one.
CosignatureCheck checked(const Cosignature& cosignature, const TrustStore& trust) {
  const TrustVerdict verdict =
      judge(trust, {key_id_of(cosignature.key), kLogWitnessRole, cosignature.time});
  CosignatureCheck check{cosignature.name, {}, cosignature.time};
  if (verdict.trusted()) check.principal = verdict.key->principal;
  return check;
}

Status read_cosignatures(const std::string& note, const NoteKey& log, const TrustStore& trust,
                         ReceiptCheck& check) {
  const std::vector<NoteKey> witnesses = witnesses_of(trust);
  const Result<Cosignatures> found = cosignatures_of(note, witnesses, &log);
  if (!found) return found.error();
  for (const Cosignature& one : found->good) check.cosignatures.push_back(checked(one, trust));
  for (const std::string& name : found->unknown) check.cosignatures.push_back({name, {}, {}});
  return {};
}

std::string sentence_of(const ReceiptCheck& check) {
  std::string text = "the ledger " + check.origin + " holds this certificate as entry " +
                     std::to_string(check.index) + ", written at " + check.at +
                     " by that machine's clock; this proves order, not time";
  for (const CosignatureCheck& one : check.cosignatures) {
    text += one.principal.empty()
                ? "; cosigned by " + one.name + ", who is not trusted: that counts for nothing"
                : "; cosigned by " + one.principal + " at " + to_rfc3339(one.at);
  }
  return text;
}

/// By a log whose key is trusted: all of it has to hold.
ReceiptCheck check_trusted(ReceiptCheck check, const std::string& receipt,
                           const std::string& digest, const TrustedKey& key,
                           const TrustStore& trust) {
  const NoteKey log{check.origin, key.key};
  const Result<TlogProof> proof = proof_from(receipt);
  const Result<LedgerEntry> entry = verify_receipt(receipt, digest, log);
  if (!proof || !entry) {
    return bad(std::move(check), "the receipt does not hold: " + entry.error().what);
  }
  if (Status read = read_cosignatures(proof->checkpoint, log, trust, check); !read) {
    return bad(std::move(check), "the receipt does not hold: " + read.error().what);
  }
  check.checked = true;
  check.index = entry->index;
  check.at = entry->at;
  check.text = sentence_of(check);
  return check;
}

}  // namespace

ReceiptCheck check_receipt(const std::string& receipt, const std::string& origin,
                           const std::string& digest, const TrustStore& trust) {
  ReceiptCheck check;
  const Result<TlogProof> proof = proof_from(receipt);
  if (!proof) return bad(std::move(check), "the receipt is malformed: " + proof.error().what);
  check.origin = proof->checkpoint.substr(0, proof->checkpoint.find('\n'));
  if (check.origin != origin) {
    return bad(std::move(check),
               "the receipt does not hold: it is not of the ledger that the "
               "certificate names");
  }
  const TrustedKey* key = log_of(origin, trust);
  const Result<LedgerEntry> entry = ledger_entry_from(proof->extra);
  if (key == nullptr) {
    check.text =
        "there is a receipt of a log whose key is not trusted: it was not checked and counts for "
        "nothing";
    return check;
  }
  const Result<Time> at = entry ? from_rfc3339(entry->at) : Result<Time>(entry.error());
  if (!at) return bad(std::move(check), "the receipt does not hold: its entry is malformed");
  const TrustVerdict verdict = judge(trust, {key_id_of(key->key), kLogRole, *at});
  if (!verdict.trusted()) {
    check.text = "the receipt counts for nothing: " + verdict.why;
    return check;
  }
  return check_trusted(std::move(check), receipt, digest, *key, trust);
}

}  // namespace quietus
