// SPDX-License-Identifier: GPL-3.0-or-later
// The order of things: who it is, what it hides, canaries, a durable record, one command, waiting,
// looking. A record goes before what it tells of.
#include "engine/firmware_run.h"

#include <algorithm>
#include <utility>

#include "quietus/operation_wait.h"

#include "engine/canaries.h"
#include "engine/drive_opening.h"

namespace quietus {
namespace {

DriveAbilities abilities_of(const Target& target) {
  const DriveAbilities* asked = asked_abilities(target.roots.front());
  return asked == nullptr ? DriveAbilities{} : *asked;
}

}  // namespace

FirmwareRun::FirmwareRun(const Plan& plan, const Target& target,
                         const std::vector<PassContent>& passes, const Secret& job,
                         Workbench& bench)
    : plan_(plan),
      target_(target),
      passes_(passes),
      job_(job),
      bench_(bench),
      abilities_(abilities_of(target)),
      started_(bench.begun ? *bench.begun : bench.clock.now()) {
  FirmwareEvidence& evidence = standing_.evidence;
  evidence.method = target.choice.method;
  evidence.commands = abilities_.commands;
  evidence.enhanced = evidence.method == Method::secure_erase && abilities_.enhanced_erase;
  if (evidence.method == Method::format) evidence.format_ses = abilities_.format_ses;
  const MethodAbility* ability = abilities_.ability(evidence.method);
  if (ability != nullptr) evidence.estimate_s = ability->estimate_s;
  evidence.before = abilities_.raw;
  evidence.hidden_before = evidence.hidden_after = abilities_.hidden;
}

Evidence FirmwareRun::run() {
  run_method();
  stop_if_asked();
  Evidence so_far = evidence();
  return is_overwritten_next() ? overwrite(std::move(so_far)) : so_far;
}

void FirmwareRun::run_method() {
  if (!open()) return;
  const bool sent = begun_ ? take_up() : begin_anew();
  if (!sent) return;
  if (begun_ == Phase::checked) return;
  if (begun_ != Phase::reported && !wait()) return;
  check();
}

/// Ends the run before its end.
bool FirmwareRun::ends(Outcome outcome, Fact why) {
  note(standing_, outcome, std::move(why));
  return false;
}

bool FirmwareRun::open() {
  const OperationRecord* last = last_operation(bench_.records);
  if (last != nullptr && last->phase != Phase::canaries) begun_ = last->phase;
  if (bench_.stop.requested()) return false;
  if (abilities_.commands == CommandSet::none) {
    return ends(Outcome::failed, {"no_firmware", "the drive's firmware can't be asked", true});
  }
  if (!bench_.claimed) {
    auto claimed = claim(target_.roots.front(), bench_.platform);
    if (!claimed) return ends(Outcome::failed, {"not_claimed", claimed.error().what, true});
    bench_.claimed = std::move(*claimed);
  }
  sweeps_ = std::make_unique<DriveSweeps>(bench_, plan_.rules, std::move(bench_.claimed));
  const Status measured = sweeps_->measure();
  if (measured) return true;
  // With the command out, its end is still to be seen.
  return ends(begun_ ? Outcome::interrupted : Outcome::failed,
              {"unreadable", measured.error().what, true});
}

/// The request is out, or may be: it is never sent again.
bool FirmwareRun::take_up() {
  Result<FirmwareStanding> standing = standing_from(last_operation(bench_.records)->text);
  if (!standing) {
    return ends(Outcome::interrupted, {"interrupted", standing.error().what, true});
  }
  standing_ = std::move(*standing);
  // The overwrite that follows writes that record itself.
  const bool overwrites = begun_ == Phase::checked && is_overwritten_next();
  note_resumed(overwrites);
  const Result<DriveIdentity> now = same_identity(sweeps_->drive(), abilities_, false);
  // One that is busy may answer nothing, and its serial number was compared before.
  if (!now && now.error().code == Errc::changed) {
    return ends(Outcome::interrupted, {"identity_changed", now.error().what, true});
  }
  operation_.emplace(
      sweeps_->drive(), abilities_,
      ActionRequest{standing_.evidence.method, plan_.rules.allow_unrestricted_exit, bench_.psid});
  return true;
}

void FirmwareRun::note_resumed(bool is_recorded_later) {
  for (const JobRecord& record : *bench_.records) {
    if (const auto* one = std::get_if<ResumeRecord>(&record)) resumed_.push_back(one->at);
  }
  resumed_.push_back(bench_.clock.now());
  if (is_recorded_later || bench_.log == nullptr) return;
  if (Status kept = bench_.log->append({ResumeRecord{resumed_.back()}}); !kept) {
    note(standing_, Outcome::sanitized, {"not_resumable", kept.error().what, false});
  }
}

bool FirmwareRun::begin_anew() {
  if (bench_.records != nullptr) note_resumed(false);
  if (target_.choice.method == Method::opal_psid && bench_.psid.empty()) {
    return ends(Outcome::failed,
                {"psid_missing",
                 "there is no PSID, and nothing was sent to the drive: begin again "
                 "with --psid-file",
                 true});
  }
  if (!identify() || !is_idle()) return false;
  open_up();
  if (!plant()) return false;
  return send();
}

bool FirmwareRun::identify() {
  const bool whole =
      abilities_.hidden.present != Answer::yes && !standing_.evidence.hidden_restored;
  const Result<DriveIdentity> now = same_identity(sweeps_->drive(), abilities_, whole);
  if (now) {
    standing_.evidence.identity = *now;
    return true;
  }
  const bool other = now.error().code == Errc::changed;
  return ends(Outcome::failed, {other ? "identity_changed" : "identity_unknown",
                                now.error().what + "; nothing was sent to it", true});
}

/// What the drive says before: evidence, and a reason not to begin.
bool FirmwareRun::is_idle() {
  const OperationStatus before =
      FirmwareOperation(
          sweeps_->drive(), abilities_,
          ActionRequest{standing_.evidence.method, plan_.rules.allow_unrestricted_exit, {}})
          .look();
  for (const RawAnswer& one : before.raw) {
    standing_.evidence.before.push_back({one.what, bench_.clock.now(), one.bytes});
  }
  if (before.state != OperationState::running) return true;
  return ends(Outcome::failed,
              {"operation_running",
               "the drive is busy with an operation that this job did not begin; nothing was sent "
               "to it",
               true});
}

void FirmwareRun::open_up() {
  FirmwareEvidence& evidence = standing_.evidence;
  standing_.health_before = health_of(sweeps_->drive(), abilities_);
  const HiddenOpening opening = open_hidden_area(sweeps_->drive(), abilities_, plan_.rules);
  evidence.hidden_before = opening.before;
  evidence.hidden_after = opening.after;
  evidence.hidden_restored = opening.restored;
  if (Status measured = sweeps_->measure(); !measured) {
    note(standing_, Outcome::unverified, {"unreadable", measured.error().what, true});
  }
}

/// A drive that can't be written may still be one that can sanitize itself: it goes on without.
bool FirmwareRun::plant() {
  if (Status kept = record(Phase::canaries); !kept) {
    return ends(Outcome::failed, {"not_recorded", kept.error().what, true});
  }
  const Result<Secret> seed = job_.derive("canaries", 0);
  if (!seed) return ends(Outcome::failed, {"not_begun", seed.error().what, true});
  CanaryRun canaries(*sweeps_, abilities_, Bytes(seed->bytes().begin(), seed->bytes().end()));
  const Status planted =
      canaries.plant(target_.roots.front().device->borders, progress_of(parts(), "preparing"));
  standing_.evidence.canaries = canaries.evidence();
  standing_.planted = canaries.planted();
  if (sweeps_->lost()) {
    return ends(Outcome::failed,
                {"device_hung", "it hung while canaries were planted; nothing was sent", true});
  }
  if (bench_.stop.requested()) return false;
  if (!planted || standing_.planted.empty()) {
    note(standing_, Outcome::unverified,
         {"canaries_not_planted",
          std::string("no canaries could be planted: ") +
              (planted ? "the drive fails" : planted.error().what.c_str()),
          true});
  } else if (total_bytes(standing_.planted) < canaries.wanted_bytes()) {
    // Nobody saw what became of those places; with few marks, nobody saw much at all.
    const bool few = total_bytes(standing_.planted) < canaries.wanted_bytes() / 10 * 9;
    note(standing_, few ? Outcome::unverified : Outcome::sanitized_with_exceptions,
         {"canaries_left_out",
          human_bytes(canaries.wanted_bytes() - total_bytes(standing_.planted)) +
              " could not be written and read back, and hold no canaries",
          true});
  }
  return true;
}

bool FirmwareRun::send() {
  if (!identify()) return false;
  FirmwareEvidence& evidence = standing_.evidence;
  operation_.emplace(
      sweeps_->drive(), abilities_,
      ActionRequest{evidence.method, plan_.rules.allow_unrestricted_exit, bench_.psid});
  evidence.command = operation_->command();
  standing_.way_out = operation_->to_be_recorded();
  if (bench_.stop.requested()) return false;
  evidence.sent = bench_.clock.now();
  if (Status kept = record(Phase::command); !kept) {
    evidence.sent.reset();
    return ends(Outcome::failed,
                {"not_recorded", kept.error().what + "; nothing was sent to the drive", true});
  }
  const Status begun = operation_->start();
  if (begun) return true;
  if (begun.error().code != Errc::io) return refused(begun.error());
  // What became of it the drive will say.
  note(standing_, Outcome::sanitized, {"command_unclear", begun.error().what, false});
  return true;
}

bool FirmwareRun::refused(const Error& why) {
  standing_.evidence.sent.reset();
  note(standing_, Outcome::failed,
       {"command_refused", "the drive refused the command: " + why.what, true});
  look_at_what_failed();
  return false;
}

/// False: it goes on without us.
bool FirmwareRun::wait() {
  const FirmwareEvidence& about = standing_.evidence;
  const WaitOrder order{title_of(target_), std::string(name_of(about.method)), about.estimate_s,
                        plan_.rules.stall_timeout_s};
  const WaitEnd end = wait_for_end(*operation_, order, {bench_.clock, bench_.events, bench_.stop},
                                   standing_.status);
  FirmwareEvidence& evidence = standing_.evidence;
  const OperationStatus& status = standing_.status;
  evidence.after = status.raw;
  evidence.reported = name_of(status.state);
  evidence.reported_text = status.text;
  evidence.reset_seen = status.reset_seen;
  evidence.no_deallocate = status.no_deallocate;
  evidence.global_data_erased = status.global_data_erased;
  const bool gone = end == WaitEnd::ended && is_gone();
  if (end != WaitEnd::ended || gone) {
    const char* why = gone                      ? "the system has lost the drive"
                      : end == WaitEnd::stalled ? "it makes no progress"
                                                : "the run was stopped";
    return ends(Outcome::interrupted,
                {"still_running",
                 std::string(why) + ", but the drive's operation goes on by itself: come back "
                                    "with `quietus status`, which sends no second command",
                 false});
  }
  evidence.ended = bench_.clock.now();
  if (Status kept = record(Phase::reported); !kept) {
    note(standing_, Outcome::sanitized, {"not_resumable", kept.error().what, false});
  }
  return true;
}

/// A drive that was taken off, or that the system gave up, is still at it.
bool FirmwareRun::is_gone() {
  if (standing_.status.state != OperationState::unknown) return false;
  const Result<Geometry> now = sweeps_->drive().geometry();
  return !now || now->size_bytes == 0;
}

/// Takes what is ours off the drive again, and says how it is left.
void FirmwareRun::look_at_what_failed() {
  if (Status free = operation_->recover(); !free) {
    const std::string hint = free.error().hint.empty() ? "" : "; " + free.error().hint;
    note(standing_, Outcome::failed,
         {"drive_left_locked", "a password of ours is still set: " + free.error().what + hint,
          true});
  }
}

void FirmwareRun::check() {
  judge_report(parts());
  const OperationState state = standing_.status.state;
  const bool ended_well = state == OperationState::succeeded;
  if (!ended_well) look_at_what_failed();
  if (state == OperationState::failed && is_sanitize(standing_.evidence.method)) {
    note(standing_, Outcome::failed,
         {"left_in_failure_state",
          "the drive may refuse reads and writes until another sanitize succeeds, or until it is "
          "let out with `quietus status DEVICE --exit-failure-mode`, where that was allowed",
          true});
  }
  if (ended_well || state == OperationState::unknown) look_at_medium(parts());
  if (sweeps_->lost()) {
    note(standing_, Outcome::failed, {"device_hung", "it hung while it was looked at", true});
  }
  if (sweeps_->stopped()) return;
  if (!is_overwritten_next()) return;
  if (Status kept = record(Phase::checked); !kept) {
    note(standing_, Outcome::sanitized, {"not_resumable", kept.error().what, false});
  }
}

Status FirmwareRun::record(Phase phase) {
  if (bench_.log == nullptr) return {};
  OperationRecord one{phase, bench_.clock.now(), {}};
  if (phase != Phase::canaries) one.text = to_line(standing_);
  return bench_.log->append({std::move(one)});
}

void FirmwareRun::stop_if_asked() {
  if (!bench_.stop.requested() || standing_.outcome == Outcome::failed) return;
  note(standing_, Outcome::interrupted,
       {"interrupted", "the run was stopped before its end", false});
}

FirmwareCheck FirmwareRun::parts() {
  return {plan_, target_, abilities_, bench_, *sweeps_, standing_};
}

/// Not of a drive that could not be sanitized by itself: it would only take longer to fail.
bool FirmwareRun::is_overwritten_next() const {
  const bool goes_on = standing_.outcome != Outcome::failed &&
                       standing_.outcome != Outcome::interrupted && !bench_.stop.requested();
  return plan_.rules.then_overwrite && goes_on && sweeps_ && !sweeps_->lost();
}

Evidence FirmwareRun::evidence() {
  Evidence found = evidence_of(standing_, {plan_, target_, bench_, started_});
  if (sweeps_) found.size_bytes = found.content_bytes = sweeps_->geometry().size_bytes;
  found.resumed = resumed_;
  return found;
}

/// The passes of an overwrite, on the same claimed drive.
Evidence FirmwareRun::overwrite(Evidence so_far) {
  operation_.reset();
  bench_.claimed = sweeps_->release();
  return overwrite_after(standing_, {plan_, target_, bench_, started_}, passes_,
                         {std::move(so_far), begun_ == Phase::checked});
}

}  // namespace quietus
