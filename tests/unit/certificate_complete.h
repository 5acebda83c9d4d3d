// SPDX-License-Identifier: GPL-3.0-or-later
// A certificate with everything that one can have, by our own writer: machine and operator, an
// approved plan, a witness and an approver, a receipt that is cosigned, and all of it trusted.
#pragma once

#include <string>
#include <vector>

#include "quietus/countersign.h"
#include "quietus/ledger.h"
#include "quietus/merkle.h"
#include "quietus/note.h"
#include "quietus/plan_statement.h"

#include "support/fixed_seams.h"
#include "unit/certificate_samples.h"

namespace quietus::test {

struct Complete {
  std::string envelope;
  TrustStore trust;
  Questions questions;
};

inline constexpr const char* kWitnessName = "witness.example";

/// Words that keys are made of, and what each is trusted for.
inline TrustStore trust_in_all() {
  TrustStore trust;
  for (const char* role : {"machine", "log", "operator", "witness", "approver", "log-witness"}) {
    const bool cosigns = std::string_view(role) == "log-witness";
    trust.keys.push_back({cosigns ? kWitnessName : std::string(role) + "@example",
                          key_of(role).public_key(),
                          {"quietus-" + std::string(role)},
                          {},
                          {}});
  }
  return trust;
}

/// The record with one more countersignature. Its own key is its own person.
inline std::string with_countersignature(const std::string& envelope, KeyRole role,
                                         const std::string& declaration, const std::string& at) {
  const SigningKey key = key_of(name_of(role));
  Countersigning who;
  who.declaration = declaration;
  who.role = role;
  who.key_id = key_id_of(key.public_key());
  who.person.name = "Somebody";
  who.issuance = sample_issuance({});
  who.issuance.issued = time_of(at);
  FixedRandom random;
  return *countersigned(envelope, check_certificate(envelope, {}), who, key, random);
}

/// A receipt of a log with seven entries, cosigned by a witness.
inline std::string sample_receipt(const std::string& envelope, const std::string& origin) {
  const SigningKey log = key_of("log");
  const std::string zeros(64, '0');
  const std::string line =
      R"({"v":1,"type":"certificate.issued","at":"2026-11-22T01:00:06Z","asset":"","prev":"","body":")" +
      zeros + R"(","by":")" + key_id_of(log.public_key()) + R"(","certificate":")" +
      *certificate_digest(envelope) + R"("})";
  std::vector<Digest> leaves;
  for (const char* other : {"a", "b", "c", "d", "e", "f"}) {
    leaves.push_back(leaf_hash(bytes_of(other)));
  }
  leaves.insert(leaves.begin() + 3, leaf_hash(bytes_of(line)));
  const std::string note =
      sign_note(to_text(Checkpoint{origin, leaves.size(), merkle_root(leaves)}), origin, log);
  return to_text(TlogProof{
      line, 3, inclusion_proof(leaves, 3),
      cosign_note(note, kWitnessName, key_of("log-witness"), time_of("2026-11-22T02:00:00Z"))});
}

/// A plan by the machine, approved.
inline std::string sample_approved_plan() {
  const Plan plan = sample_plan(TargetKind::image);
  const SigningKey machine = key_of("machine");
  Issuance issuance = sample_issuance({signer_of(KeyRole::machine, machine)});
  issuance.issued = time_of("2026-11-21T01:00:00Z");
  issuance.disclosure_seed = Bytes(32, std::byte{5});
  const Statement statement =
      make_plan_statement({&plan, time_of("2026-11-28T01:00:00Z"), "{}"}, issuance);
  const std::array<StatementSigner, 1> signers{{{KeyRole::machine, &machine}}};
  Enclosures enclosures;
  enclosures.disclosures = statement.disclosures;
  return with_countersignature(sign_statement(statement.body, signers, enclosures),
                               KeyRole::approver, "approved_plan", "2026-11-21T09:00:00Z");
}

inline Complete complete_certificate() {
  const SigningKey machine = key_of("machine");
  const SigningKey person = key_of("operator");
  const std::string approved = sample_approved_plan();
  Issuance issuance = sample_issuance(
      {signer_of(KeyRole::machine, machine), signer_of(KeyRole::operator_, person, "A. Smith")});
  issuance.signers.back().person.name = "A. Smith";
  issuance.approved_plan = approved;
  issuance.approval_digests = {
      check_certificate(approved, trust_in_all()).countersignatures.front().digest};
  issuance.disclosure_seed = Bytes(32, std::byte{6});
  issuance.ledger_origin = "quietus/host/" + key_id_of(key_of("log").public_key()).substr(0, 16);
  Plan plan = sample_plan(TargetKind::image);
  plan.declarations.tag = "UK-0042";
  const Statement statement =
      make_statement(plan, plan.targets[0], sample_evidence(TargetKind::image), issuance);
  const std::array<StatementSigner, 2> signers{
      {{KeyRole::machine, &machine}, {KeyRole::operator_, &person}}};
  Enclosures enclosures;
  enclosures.disclosures = statement.disclosures;
  enclosures.attachments = {approved};
  enclosures.receipts = {
      sample_receipt(sign_statement(statement.body, signers), issuance.ledger_origin)};
  std::string envelope = sign_statement(statement.body, signers, enclosures);
  envelope =
      with_countersignature(envelope, KeyRole::witness, "watched_run", "2026-11-22T03:00:00Z");
  envelope =
      with_countersignature(envelope, KeyRole::approver, "checked_record", "2026-11-22T04:00:00Z");
  return {std::move(envelope),
          trust_in_all(),
          {{"operator", "witness", "approver", "log-witness"}, "UK-0042", {}, {}}};
}

}  // namespace quietus::test
