// SPDX-License-Identifier: GPL-3.0-or-later
// DestroySession: carries out a plan that was agreed to: state, ledger, engine, certificates.
#include "cli/destroy_session.h"

#include <algorithm>
#include <utility>

#include "quietus/stream.h"
#include "quietus/text.h"

#include "cli/diagnostics.h"
#include "cli/identifiers.h"
#include "cli/ledger_bodies.h"
#include "cli/passphrase.h"
#include "cli/records.h"
#include "cli/version.h"

namespace quietus::cli {
namespace {

constexpr std::uint32_t kPrivateFile = 0600;

Finding site_refusal(std::string code, const std::string& object, const Error& error) {
  return {Finding::Level::refusal, std::move(code), object, error.what, error.hint};
}

void not_recorded(TargetReport& report, const Error& why) {
  report.result.recorded = false;
  report.problems.push_back(why);
}

}  // namespace

std::vector<Finding> DestroySession::refusals() const {
  std::vector<Finding> found;
  std::copy_if(plan_.findings.begin(), plan_.findings.end(), std::back_inserter(found),
               [](const Finding& one) { return one.level == Finding::Level::refusal; });
  return found;
}

int DestroySession::refuse(std::vector<Finding> more) {
  std::vector<Finding> reasons = refusals();
  reasons.insert(reasons.end(), more.begin(), more.end());
  TargetReport report;
  report.result.recorded = can_record_ && record_refusals(reasons);
  report.target = plan_.targets.empty() ? reasons.front().object : title_of(plan_.targets.front());
  report.result.outcome = Outcome::refused;
  report.reasons = std::move(more);  // those of the plan were shown with it
  reporter_.finished(report);
  return report.result.exit_code();
}

/// A refusal is recorded where it can be; where it can't, nothing was destroyed that would need a
/// record.
bool DestroySession::record_refusals(const std::vector<Finding>& reasons) {
  const auto failed = [](const Error& why) {
    diagnose("the refusal is not recorded: " + escaped(why.what));
    return false;
  };
  if (!state_) {
    Result<State> state = State::open(options_, seams_);
    if (!state) return failed(state.error());
    state_ = std::move(*state);
  }
  const auto appended = state_->ledger().append({refused_event(plan_, reasons)});
  return appended ? true : failed(appended.error());
}

Status DestroySession::open_operator_key() {
  if (options_.key.empty()) return {};
  Result<Location> location = seams_.platform.locate(options_.key);
  if (!location) return location.error();
  Result<NamedKey> key =
      read_key_file(*location->directory, location->name,
                    {seams_.platform.machine().id, passphrase_source(options_, seams_, false)},
                    seams_.platform.account().uid);
  if (!key) return key.error();
  if (key->role != KeyRole::operator_) {
    return Error{Errc::invalid, 0,
                 options_.key + " is a key for the role " + std::string(name_of(key->role)),
                 "a certificate is signed by an operator's key"};
  }
  operator_key_ = std::make_unique<NamedKey>(std::move(*key));
  return {};
}

Status DestroySession::open_manifest() {
  if (options_.manifest.empty()) return {};
  Result<Location> location = seams_.platform.locate(options_.manifest);
  if (!location) return location.error();
  auto created = location->directory->create_at(location->name, kPrivateFile);
  if (!created) return created.error();
  manifest_ = std::move(*created);
  return {};
}

Status DestroySession::open_records() {
  Result<State> state = State::open(options_, seams_);
  if (!state) return state.error();
  state_ = std::move(*state);
  if (Status key = open_operator_key(); !key) return key.error().in("cannot use the key");
  Result<Secret> job = Secret::random(seams_.random);
  if (!job) return job.error();
  job_ = std::make_unique<Secret>(std::move(*job));
  program_digest_ = digest_of_program(seams_.platform);
  return {};
}

Status DestroySession::record_start() {
  const Digest commitment = sha256(job_->bytes());
  std::vector<LedgerEvent> events;
  for (const Target& target : plan_.targets) {
    events.push_back(started_event(plan_, target, commitment));
  }
  if (plan_.refused()) events.push_back(refused_event(plan_, refusals()));
  auto appended = state_->ledger().append(events);
  if (!appended) return appended.error();
  started_ = std::move(*appended);
  // Reads the whole log: one that was tampered with is found before anything is destroyed.
  const auto proof = state_->ledger().receipt(started_.front().index);
  return proof ? Status() : Status(proof.error());
}

int DestroySession::run() {
  if (Status opened = open_records(); !opened) {
    can_record_ = state_.has_value();
    return refuse({site_refusal("state_unusable", "the record", opened.error())});
  }
  std::vector<Finding> changed = recheck(plan_, seams_.platform);
  if (!changed.empty()) return refuse(std::move(changed));
  if (Status started = record_start(); !started) {
    can_record_ = false;  // to try again would only wait for the lock once more
    Error why = started.error();
    if (why.code == Errc::busy)
      why.hint = "another quietus holds the ledger; wait until it is done";
    return refuse({site_refusal("ledger_unusable", "the ledger", why)});
  }
  if (Status manifest = open_manifest(); !manifest) {
    return refuse({site_refusal("manifest_unusable", options_.manifest,
                                manifest.error().in("cannot write the manifest"))});
  }
  StopFlag stop;
  seams_.with_signals(stop, [&] {
    for (std::uint64_t number = 0; number < plan_.targets.size(); ++number) {
      run_target(number, stop);
    }
  });
  report_skipped();
  return worst_exit(results_);
}

void DestroySession::report_skipped() {
  for (const Finding& finding : refusals()) {
    TargetReport report;
    report.target = finding.object;
    report.result.outcome = Outcome::refused;
    report.reasons = {finding};
    results_.push_back(report.result);
    reporter_.finished(report);
  }
}

void DestroySession::run_target(std::uint64_t number, const StopFlag& stop) {
  Workbench bench{seams_.platform, seams_.clock, seams_.random, reporter_, stop};
  // On one processor more workers only take turns.
  bench.workers = seams_.platform.processors() > 1 ? kWorkersPerMedium : 1;
  bench.manifest = manifest_.get();
  diagnose("destroying target " + std::to_string(number + 1));
  conclude(number, destroy(plan_, number, *job_, bench));
}

void DestroySession::conclude(std::uint64_t number, const Evidence& evidence) {
  TargetReport report;
  report.target = title_of(plan_.targets[number]);
  report.evidence = &evidence;
  report.result.outcome = evidence.outcome;
  if (manifest_) {
    if (Status flushed = manifest_->flush(); !flushed) {
      not_recorded(report, flushed.error().in("the manifest may be incomplete"));
    }
  }
  certify(number, evidence, report);
  results_.push_back(report.result);
  reporter_.finished(report);
}

Issuance DestroySession::issuance(std::uint64_t number) {
  Issuance out;
  out.id = make_uuid_v7(seams_.clock.now(), seams_.random);
  out.issued = seams_.clock.now();
  out.clock = seams_.clock.state();
  out.clock_accepted = options_.accept_clock;
  out.machine = seams_.platform.machine();
  out.account = seams_.platform.account();
  const NamedKey* operator_key = operator_key_.get();
  for (const NamedKey* key : {&state_->machine_key(), operator_key}) {
    if (key) out.signers.push_back({key->role, key_id_of(key->key.public_key()), key->name});
  }
  out.tool_version = kVersion;
  out.tool_sha256 = program_digest_;
  out.host_bound = state_->machine_key().host_bound;
  out.ledger_origin = state_->ledger().origin();
  if (number < started_.size()) out.run_event_index = started_[number].index;
  return out;
}

void DestroySession::certify(std::uint64_t number, const Evidence& evidence, TargetReport& report) {
  const Issuance made = issuance(number);
  const std::string statement = make_statement(plan_, plan_.targets[number], evidence, made);
  std::vector<const SigningKey*> keys{&state_->machine_key().key};
  if (operator_key_) keys.push_back(&operator_key_->key);
  const std::string envelope = sign_statement(statement, keys);
  const std::string file = made.id + ".cert.json";
  const Status written = write_new_file(state_->certificates(), file, envelope);
  if (written) {
    report.certificate_path = join(state_->certificates_path(), file);
  } else {
    not_recorded(report, written.error().in("the certificate could not be written"));
    report.unrecorded_certificate = envelope;
  }
  const Result<std::string> digest = certificate_digest(envelope);
  if (!digest) return not_recorded(report, digest.error());
  const auto appended =
      state_->ledger().append({finished_event(evidence, made.id), issued_event(made.id, *digest)});
  if (!appended) {
    return not_recorded(report, appended.error().in("the ledger entry could not be written"));
  }
  report.ledger_index = appended->back().index;
  write_receipt(made.id, report);
}

void DestroySession::write_receipt(const std::string& id, TargetReport& report) {
  const std::string file = id + ".tlog-proof";
  const Result<std::string> receipt = state_->ledger().receipt(*report.ledger_index);
  const Status written =
      receipt ? write_new_file(state_->certificates(), file, *receipt) : Status(receipt.error());
  if (written) {
    report.receipt_path = join(state_->certificates_path(), file);
    return;
  }
  not_recorded(report, written.error().in("the receipt could not be written"));
}

}  // namespace quietus::cli
