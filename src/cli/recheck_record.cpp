// SPDX-License-Identifier: GPL-3.0-or-later
// The record of a recheck: its signed statement beside the certificates, and the ledger's entry.
#include "cli/recheck_record.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/json_text.h"

#include "cli/identifiers.h"
#include "cli/key_lookup.h"
#include "cli/records.h"
#include "cli/version.h"

namespace quietus::cli {
namespace {

constexpr const char* kEnding = ".recheck.json";

/// Neither path nor serial number: the ledger names no media.
LedgerEvent rechecked_event(const RecheckResult& result, const std::string& id,
                            const std::string& digest) {
  const nlohmann::ordered_json body = {{"recheck_id", id},
                                       {"recheck_sha256", digest},
                                       {"certificate_id", result.basis.certificate_id},
                                       {"certificate_sha256", result.basis.digest},
                                       {"result", row_of(result.verdict()).name},
                                       {"compared_bytes", json_number(result.compared_bytes)},
                                       {"sampled", result.sampling.has_value()}};
  LedgerEvent event;
  event.type = "medium.rechecked";
  event.body = to_line(body);
  return event;
}

}  // namespace

Result<RecheckRecorder> RecheckRecorder::open(const Options& options, Seams& seams) {
  RecheckRecorder recorder(seams);
  Result<State> state = State::open(options, seams);
  if (!state) return state.error();
  recorder.state_ = std::move(*state);
  if (options.key.empty()) return recorder;
  Result<NamedKey> key = open_key_of(KeyRole::operator_, options, seams, options.key);
  if (!key) return key.error().in("cannot use the key");
  recorder.operator_key_ = std::make_unique<NamedKey>(std::move(*key));
  return recorder;
}

Issuance RecheckRecorder::issuance() const {
  Issuance out;
  out.issued = seams_->clock.now();
  out.id = make_uuid_v7(out.issued, seams_->random);
  out.clock = seams_->clock.state();
  out.machine = seams_->platform.machine();
  out.account = seams_->platform.account();
  const NamedKey& machine = state_->machine_key();
  for (const NamedKey* key : {&machine, static_cast<const NamedKey*>(operator_key_.get())}) {
    if (key) out.signers.push_back({key->role, key_id_of(key->key.public_key()), key->name});
  }
  out.tool_version = kVersion;
  out.tool_sha256 = digest_of_program(seams_->platform);
  out.host_bound = machine.host_bound;
  out.state_is_volatile = state_->is_volatile();
  constexpr std::size_t kSeedBytes = 32;
  out.disclosure_seed.resize(kSeedBytes);
  if (!seams_->random.fill(out.disclosure_seed)) out.disclosure_seed.clear();
  return out;
}

RecheckRecord RecheckRecorder::record(const RecheckResult& result) {
  Issuance made = issuance();
  made.ledger_origin = state_->ledger().origin();
  RecheckRecord record;
  record.id = made.id;
  std::vector<StatementSigner> signers{{KeyRole::machine, &state_->machine_key().key}};
  if (operator_key_) signers.push_back({KeyRole::operator_, &operator_key_->key});
  const Statement statement = make_recheck_statement(result, made);
  const std::string envelope =
      sign_statement(statement.body, signers, {{}, statement.disclosures, {}});
  const std::string file = made.id + kEnding;
  if (Status written = write_new_file(state_->certificates(), file, envelope); written) {
    record.statement_path = join(state_->certificates_path(), file);
  } else {
    record.problems.push_back(written.error().in("the statement could not be written"));
    record.unrecorded_statement = envelope;
  }
  const Result<std::string> digest = certificate_digest(envelope);
  if (!digest) {
    record.problems.push_back(digest.error());
    return record;
  }
  append(result, *digest, record);
  return record;
}

void RecheckRecorder::append(const RecheckResult& result, const std::string& digest,
                             RecheckRecord& record) {
  const auto appended =
      state_->ledger().append({rechecked_event(result, "urn:uuid:" + record.id, digest)});
  if (!appended) {
    record.problems.push_back(appended.error().in("the ledger entry could not be written"));
    return;
  }
  record.ledger_index = appended->back().index;
}

}  // namespace quietus::cli
