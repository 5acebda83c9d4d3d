// SPDX-License-Identifier: GPL-3.0-or-later
// One sanitize of an NVMe subsystem, followed by its log page. The page outlives the operation and
// says the same for years: an old success must not pass for ours.
#include <utility>

#include "firmware/nvme_exchange.h"
#include "firmware/nvme_sanitize.h"
#include "firmware/nvme_status.h"

namespace quietus::nvme {
namespace {

constexpr std::uint64_t kProgressWhole = 65536;
constexpr std::uint64_t kMillion = 1'000'000;

std::string percent_of(std::uint16_t progress) {
  return std::to_string(std::uint64_t{progress} * 100 / kProgressWhole) + " %";
}

class SanitizeOperation final : public Operation {
 public:
  SanitizeOperation(Medium& drive, SanitizeAction action, bool allow_unrestricted_exit)
      : drive_(drive),
        action_(action),
        command_(sanitize_command(action, allow_unrestricted_exit)) {}

  [[nodiscard]] std::string command() const override { return name_of(action_); }
  [[nodiscard]] quietus::Status start() override;
  [[nodiscard]] OperationStatus look() override;

 private:
  struct Seen {
    Bytes bytes;
    SanitizeLog log;
  };
  [[nodiscard]] Result<Seen> read_log();
  [[nodiscard]] bool is_ours(const SanitizeLog& log) const {
    return log.action() == static_cast<std::uint8_t>(action_);
  }
  void judge(const SanitizeLog& log, OperationStatus& status);
  void judge_running(const SanitizeLog& log, OperationStatus& status);
  void judge_success(const SanitizeLog& log, OperationStatus& status);
  [[nodiscard]] bool is_fresh(const SanitizeLog& log) const;
  [[nodiscard]] bool reads_zeros(const SanitizeLog& log);

  Medium& drive_;
  SanitizeAction action_;
  NvmeCommand command_;
  bool running_seen_ = false;  ///< ours
  /// The log as it was right before the command; none: this object sent none.
  std::optional<SanitizeLog> before_;
};

Result<SanitizeOperation::Seen> SanitizeOperation::read_log() {
  Result<Bytes> bytes = read_sanitize_log(drive_);
  if (!bytes) return bytes.error();
  const Result<SanitizeLog> log = sanitize_log_from(*bytes);
  if (!log) return log.error();
  Seen seen{std::move(*bytes), *log};
  if (seen.log.state == SanitizeState::running && is_ours(seen.log)) running_seen_ = true;
  return seen;
}

quietus::Status SanitizeOperation::start() {
  const Result<Seen> seen = read_log();
  // Without its log nothing would tell what became of it.
  if (!seen) return nothing_sent(seen.error());
  running_seen_ = false;
  if (seen->log.state == SanitizeState::running) {
    return Error{Errc::busy, 0, "a sanitize operation is under way already"};
  }
  before_ = seen->log;
  const Result<NvmeReply> reply = exchange(drive_, command_);
  if (!reply) return Error{Errc::io, reply.error().os_code, reply.error().what};
  const std::uint16_t code = code_of(*reply);
  if (code != success) return error_of(code, "Sanitize");
  // A quick one may be over before anybody looks again.
  static_cast<void>(read_log());
  return {};
}

OperationStatus SanitizeOperation::look() {
  OperationStatus status;
  const Result<Seen> seen = read_log();
  if (!seen) {
    status.text = "the drive does not tell how far it is: " + seen.error().what;
    return status;
  }
  status.raw.push_back({"nvme_log_81h", {}, seen->bytes});
  judge(seen->log, status);
  return status;
}

void SanitizeOperation::judge(const SanitizeLog& log, OperationStatus& status) {
  switch (log.state) {
    case SanitizeState::running:
      return judge_running(log, status);
    case SanitizeState::succeeded:
    case SanitizeState::succeeded_no_deallocate:
      return judge_success(log, status);
    case SanitizeState::never:
      status.state = OperationState::never;
      status.text = "the drive says that it was never sanitized";
      return;
    case SanitizeState::failed:
      status.state = OperationState::failed;
      status.ran_ours = is_ours(log);
      status.text = "the drive says that the last sanitize failed";
      return;
    case SanitizeState::other:
      status.text = "the drive gives a state of sanitize that is not known";
      return;
  }
}

void SanitizeOperation::judge_running(const SanitizeLog& log, OperationStatus& status) {
  status.state = OperationState::running;
  status.ran_ours = is_ours(log);
  status.progress_ppm = static_cast<std::uint32_t>(log.progress * kMillion / kProgressWhole);
  const std::optional<std::uint64_t> whole = estimate_of(log, action_);
  if (whole && is_ours(log)) {
    status.remaining_s = *whole * (kProgressWhole - log.progress) / kProgressWhole;
  }
  status.text = "sanitize in progress, " + percent_of(log.progress);
}

void SanitizeOperation::judge_success(const SanitizeLog& log, OperationStatus& status) {
  status.no_deallocate = log.state == SanitizeState::succeeded_no_deallocate;
  status.global_data_erased = log.global_data_erased;
  status.ran_ours = is_ours(log);
  if (!is_ours(log)) {
    status.text = "the drive reports another sanitize action than the one that was asked for";
    return;
  }
  if (!is_fresh(log)) {
    status.text = "the drive reports a sanitize that succeeded, but that may be an earlier one";
    return;
  }
  status.state = OperationState::succeeded;
  status.text = status.no_deallocate
                    ? "the drive says that the sanitize succeeded, without deallocation"
                    : "the drive says that the sanitize succeeded";
  if (reads_zeros(log)) status.pattern = Bytes{std::byte{0}};
}

/// Whether the success is one of after our command. Where it can't be compared with what was before
/// (somebody else sent it: an earlier run of ours), "global data erased" tells: what was written
/// before the command had put it out.
bool SanitizeOperation::is_fresh(const SanitizeLog& log) const {
  if (running_seen_) return true;
  if (!before_) return log.global_data_erased;
  return log.state != before_->state || log.command_dword10 != before_->command_dword10 ||
         log.passes_done != before_->passes_done ||
         (log.global_data_erased && !before_->global_data_erased);
}

/// After an overwrite with 00h: what was written, or where it was deallocated what such blocks read
/// as. Nothing else defines what is read.
bool SanitizeOperation::reads_zeros(const SanitizeLog& log) {
  if (action_ != SanitizeAction::overwrite) return false;
  if (log.state == SanitizeState::succeeded_no_deallocate) return true;
  const Result<std::uint32_t> number = namespace_of(drive_);
  if (!number) return false;
  const Result<Bytes> bytes = read_namespace(drive_, *number);
  if (!bytes) return false;
  const Result<Namespace> space = namespace_from(*bytes);
  return space && space->deallocated == Deallocated::zeros;
}

}  // namespace

std::unique_ptr<Operation> sanitize_operation(Medium& drive, const ActionRequest& request) {
  const std::optional<SanitizeAction> action = action_of(request.method);
  if (!action) return nullptr;
  return std::make_unique<SanitizeOperation>(drive, *action, request.allow_unrestricted_exit);
}

quietus::Status leave_failure_state(Medium& drive) {
  const Result<Bytes> bytes = read_sanitize_log(drive);
  if (!bytes) return bytes.error();
  const Result<SanitizeLog> log = sanitize_log_from(*bytes);
  if (!log) return log.error();
  if (log->state == SanitizeState::running) {
    return Error{Errc::busy, 0, "a sanitize operation is under way"};
  }
  if (log->state != SanitizeState::failed) return {};
  const auto command = sanitize_command(SanitizeAction::exit_failure_mode, false);
  const Result<NvmeReply> reply = exchange(drive, command);
  if (!reply) return reply.error();
  const std::uint16_t code = code_of(*reply);
  if (code == success) return {};
  return error_of(code, "Sanitize, exit failure mode");
}

}  // namespace quietus::nvme
