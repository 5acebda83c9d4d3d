// SPDX-License-Identifier: GPL-3.0-or-later
// A sanitize or a format of a SCSI drive. A drive that is ready again says the same whether it did
// all, nothing, or was reset in between: its readiness counts only after it was seen at work.
#include <array>

#include "firmware/scsi_erase.h"
#include "firmware/scsi_inquiry.h"

namespace quietus {
namespace {

using Kind = ScsiActivity::Kind;

constexpr std::uint32_t kStartMs = 60'000;
constexpr std::uint64_t kWhole = 65536;
constexpr std::uint64_t kMillion = 1'000'000;

/// What the operation looks like from outside.
struct Task {
  Kind running = Kind::sanitizing;
  Kind failed = Kind::sanitize_failed;
  std::string_view command;
  bool defines_pattern = false;
  ScsiCommand at_once;     ///< comes back when it has begun
  ScsiCommand at_the_end;  ///< comes back when it is over
};

class ScsiOperation final : public Operation {
 public:
  ScsiOperation(Medium& drive, Task task) : drive_(drive), task_(std::move(task)) {}

  [[nodiscard]] std::string command() const override { return std::string(task_.command); }
  [[nodiscard]] Status start() override;
  [[nodiscard]] OperationStatus look() override;

 private:
  [[nodiscard]] Status may_start();
  [[nodiscard]] Result<ScsiOutcome> send_at_once();
  [[nodiscard]] Status begin_blocking();
  [[nodiscard]] OperationStatus ended(const Result<ScsiOutcome>& outcome);
  [[nodiscard]] OperationStatus judged(const ScsiActivity& activity);
  void note(const ScsiActivity& activity);

  Medium& drive_;
  Task task_;
  std::unique_ptr<PendingCommand> pending_;
  bool seen_running_ = false;
  bool ended_well_ = false;  ///< it came back at its end, with status GOOD
  bool reset_seen_ = false;
};

OperationStatus status_of(OperationState state, std::string text) {
  OperationStatus status;
  status.state = state;
  status.text = std::move(text);
  return status;
}

Status ScsiOperation::may_start() {
  const ScsiActivity before = read_activity(drive_);
  if (before.kind == Kind::sanitizing || before.kind == Kind::formatting)
    return Error{Errc::busy, 0, "the drive is sanitizing or formatting itself already"};
  if (before.kind == Kind::unknown)
    return Error{Errc::io, 0, "the drive does not tell what it is at"};
  return {};
}

/// An attention means that the command was not carried out, so it may be sent again.
Result<ScsiOutcome> ScsiOperation::send_at_once() {
  Result<ScsiOutcome> outcome = send_scsi(drive_, task_.at_once, kStartMs);
  if (outcome && outcome->has_attention()) outcome = send_scsi(drive_, task_.at_once, kStartMs);
  return outcome;
}

Status ScsiOperation::begin_blocking() {
  auto pending = drive_.begin({task_.at_the_end, 0});
  if (!pending) return pending.error().in(task_.command);
  pending_ = std::move(*pending);
  return {};
}

/// The drive does not know how to come back at once: a field of command or parameters.
bool refuses_immediate(const ScsiOutcome& outcome) {
  return outcome.sense && outcome.sense->key == illegal_request &&
         (outcome.sense->is(0x24, 0x00) || outcome.sense->is(0x26, 0x00));
}

Error refused(const ScsiOutcome& outcome, std::string_view command) {
  Error error = refusal_of(outcome, command);
  if (!outcome.sense) return error;
  const Kind kind = activity_of(*outcome.sense);
  if (kind == Kind::sanitizing || kind == Kind::formatting) error.code = Errc::busy;
  if (kind == Kind::sanitize_failed) error.code = Errc::permission;
  return error;
}

Status ScsiOperation::start() {
  if (const Status may = may_start(); !may) return nothing_sent(may.error());
  const auto outcome = send_at_once();
  if (!outcome) return outcome.error().in(task_.command);
  if (refuses_immediate(*outcome)) return begin_blocking();
  if (!outcome->done()) return refused(*outcome, task_.command);
  // Asked right away: a fast drive is seen at work now or never.
  note(read_activity(drive_));
  return {};
}

void ScsiOperation::note(const ScsiActivity& activity) {
  // What was seen before a reset does not speak for what came after it.
  if (activity.reset_seen) {
    reset_seen_ = true;
    seen_running_ = false;
  }
  if (activity.kind == task_.running) seen_running_ = true;
}

OperationStatus ScsiOperation::look() {
  if (pending_ != nullptr) {
    const auto reply = pending_->poll();
    if (!reply)
      return status_of(OperationState::running, "the drive has not yet come back from its command");
    pending_.reset();
    const Result<ScsiOutcome> outcome = outcome_of(*reply);
    ended_well_ = outcome && outcome->done();
    if (!ended_well_) return ended(outcome);
  }
  const ScsiActivity activity = read_activity(drive_);
  note(activity);
  OperationStatus found = judged(activity);
  found.reset_seen = reset_seen_;
  found.raw.push_back({"sense", {}, activity.raw});
  if (found.state == OperationState::running && activity.sense && activity.sense->progress)
    found.progress_ppm = static_cast<std::uint32_t>(*activity.sense->progress * kMillion / kWhole);
  if (found.state == OperationState::succeeded && task_.defines_pattern) found.pattern = Bytes(4);
  return found;
}

/// A command that came back at its end, and not well.
OperationStatus ScsiOperation::ended(const Result<ScsiOutcome>& outcome) {
  if (!outcome) return status_of(OperationState::unknown, outcome.error().what);
  OperationStatus found = status_of(OperationState::unknown, outcome->text());
  if (outcome->sense) {
    found.state = outcome->has_attention() ? OperationState::unknown : OperationState::failed;
    reset_seen_ = reset_seen_ || outcome->tells_reset();
  }
  found.reset_seen = reset_seen_;
  found.raw.push_back({"sense", {}, outcome->sense_bytes});
  return found;
}

OperationStatus ScsiOperation::judged(const ScsiActivity& activity) {
  if (activity.kind == task_.running)
    return status_of(OperationState::running, "the drive says that it is at it");
  if (activity.kind == task_.failed)
    return status_of(OperationState::failed, "the drive says that it failed");
  if (activity.kind == Kind::unknown)
    return status_of(OperationState::unknown, "the drive does not answer");
  if (activity.kind != Kind::idle) {
    return status_of(OperationState::unknown, "the drive answers with sense " +
                                                  (activity.sense ? text_of(*activity.sense)
                                                                  : std::string("data of no use")));
  }
  if (seen_running_ || ended_well_) {
    return status_of(OperationState::succeeded,
                     "the drive was at it, and is ready again without an error");
  }
  return status_of(OperationState::unknown,
                   reset_seen_
                       ? "the drive was reset, and is ready again: it does not tell whether "
                         "it went to the end"
                       : "the drive is ready and was never seen at it: it does not tell "
                         "whether anything ran");
}

Task sanitize_task(const ScsiSanitizeAction& action, bool allow_exit) {
  Task task;
  task.command = action.command;
  task.defines_pattern = action.method == Method::sanitize_overwrite;
  task.at_once = scsi_sanitize_command(action, true, allow_exit);
  task.at_the_end = scsi_sanitize_command(action, false, allow_exit);
  return task;
}

Task format_task(Medium& drive) {
  const auto capacity = read_scsi_capacity(drive);
  const std::uint8_t protection = capacity ? capacity->protection_type : std::uint8_t{0};
  Task task;
  task.running = Kind::formatting;
  task.failed = Kind::format_failed;
  task.command = format_unit_name();
  task.at_once = format_unit_command(true, protection);
  task.at_the_end = format_unit_command(false, protection);
  return task;
}

}  // namespace

std::unique_ptr<Operation> scsi_operation(Medium& drive, const ActionRequest& request) {
  if (request.method == Method::format)
    return std::make_unique<ScsiOperation>(drive, format_task(drive));
  const ScsiSanitizeAction* action = scsi_sanitize_action(request.method);
  if (action == nullptr) return nullptr;
  return std::make_unique<ScsiOperation>(drive,
                                         sanitize_task(*action, request.allow_unrestricted_exit));
}

}  // namespace quietus
