// SPDX-License-Identifier: GPL-3.0-or-later
// A sanitize of an ATA drive. Success is what the drive says, after it was seen not to have said so
// before, or was seen to be at it.
#include <array>

#include "firmware/ata_sanitize.h"

namespace quietus {
namespace {

using Kind = AtaSanitizeStatus::Kind;

// The drive answers as soon as it has begun.
constexpr std::uint32_t kStartMs = 60'000;

constexpr std::uint64_t kWhole = 65536;
constexpr std::uint64_t kMillion = 1'000'000;

const char* const kHidden =
    "what stands between (a USB bridge or an adapter) does not pass on the drive's registers, so "
    "that nothing would tell how a sanitize ended";

Error frozen_error() {
  return {Errc::permission, 0, "sanitizing is frozen on this drive",
          "power the drive off and on (a sleep and wake-up of the machine may do), then try again "
          "before anything freezes it"};
}

class AtaSanitizeOperation final : public Operation {
 public:
  AtaSanitizeOperation(Medium& drive, const AtaSanitizeAction& action, const ActionRequest& request)
      : link_(drive), action_(action), allow_exit_(request.allow_unrestricted_exit) {}

  [[nodiscard]] std::string command() const override { return std::string(action_.command); }
  [[nodiscard]] Status start() override;
  [[nodiscard]] OperationStatus look() override;

 private:
  [[nodiscard]] Status may_start();
  [[nodiscard]] Error refused(const AtaOutcome& outcome) const;
  void note(const AtaSanitizeStatus& status);
  void judge(const AtaSanitizeStatus& status, OperationStatus& found) const;

  AtaLink link_;
  const AtaSanitizeAction& action_;
  bool allow_exit_;
  bool started_ = false;
  bool completed_before_ = false;  ///< the drive said so of an earlier one
  bool seen_running_ = false;
};

Status AtaSanitizeOperation::may_start() {
  const AtaSanitizeStatus before = read_sanitize_status(link_);
  if (before.frozen) return frozen_error();
  if (before.kind == Kind::running)
    return Error{Errc::busy, 0, "the drive is sanitizing itself already"};
  if (before.kind == Kind::unknown && !before.reason) return Error{Errc::unsupported, 0, kHidden};
  completed_before_ = before.kind == Kind::succeeded || before.kind == Kind::ended;
  return {};
}

Error AtaSanitizeOperation::refused(const AtaOutcome& outcome) const {
  const AtaSanitizeStatus status = decode_sanitize_status(outcome);
  if (status.frozen) return frozen_error();
  if (!status.reason) return refusal_of(outcome, action_.command);
  constexpr std::uint8_t kNotSupported = 0x02;
  const Errc code = *status.reason == kNotSupported ? Errc::unsupported : Errc::permission;
  return {code, 0,
          "the drive refused " + std::string(action_.command) + ": " +
              std::string(sanitize_reason(*status.reason))};
}

Status AtaSanitizeOperation::start() {
  if (const Status may = may_start(); !may) return nothing_sent(may.error());
  started_ = true;
  const auto outcome = link_.send(ata_sanitize_command(action_, allow_exit_), kStartMs);
  if (!outcome) return outcome.error().in(action_.command);
  switch (outcome->end) {
    case AtaOutcome::End::refused:
      return refused(*outcome);
    case AtaOutcome::End::attention:
      return Error{
          Errc::busy, 0,
          std::string(action_.command) + ": the drive was reset, and did not carry it out"};
    case AtaOutcome::End::unknown:
      return Error{Errc::io, 0, std::string(action_.command) + ": nothing tells how it began"};
    case AtaOutcome::End::done:
      break;
  }
  note(decode_sanitize_status(*outcome));
  return {};
}

void AtaSanitizeOperation::note(const AtaSanitizeStatus& status) {
  if (status.kind == Kind::running) seen_running_ = true;
  if (status.kind == Kind::idle) completed_before_ = false;
}

OperationStatus AtaSanitizeOperation::look() {
  const AtaSanitizeStatus status = read_sanitize_status(link_);
  note(status);
  OperationStatus found;
  found.reset_seen = status.reset_seen;
  found.raw.push_back({"ata_registers", {}, status.raw});
  if (status.progress)
    found.progress_ppm = static_cast<std::uint32_t>(*status.progress * kMillion / kWhole);
  judge(status, found);
  if (found.state == OperationState::succeeded && action_.method == Method::sanitize_overwrite)
    found.pattern = Bytes(4);
  return found;
}

struct Words {
  OperationState state;
  std::string_view text;
};
// In the order of Kind.
constexpr std::array kWords{
    Words{OperationState::never, "the drive says that no sanitize runs and none has completed"},
    Words{OperationState::running, "the drive says that it is sanitizing itself"},
    Words{OperationState::succeeded, "the drive says that the sanitize completed without error"},
    Words{OperationState::failed, "the drive says that the sanitize left sectors as they were"},
    Words{OperationState::unknown,
          "the drive is not at a sanitize; whether one completed did not come through"},
    Words{OperationState::unknown, "the drive's registers did not come through"},
};

void AtaSanitizeOperation::judge(const AtaSanitizeStatus& status, OperationStatus& found) const {
  const Words& words = kWords.at(static_cast<std::size_t>(status.kind));
  found.state = words.state;
  found.text = words.text;
  if (status.kind == Kind::succeeded && started_ && completed_before_ && !seen_running_) {
    found.state = OperationState::unknown;
    found.text =
        "the drive said of an earlier sanitize already that it completed, and was never "
        "seen at this one";
  }
  // It was not frozen, or it would not have begun, and nobody else can freeze it meanwhile: what is
  // set now is that it completed.
  if (status.kind == Kind::ended && started_ && seen_running_) {
    found.state = OperationState::succeeded;
    found.text =
        "the drive was at the sanitize and ended it without an error; of its registers only parts "
        "came through (fixed format sense data)";
  }
  if (status.kind == Kind::unknown && status.reason) {
    found.state = seen_running_ ? OperationState::failed : OperationState::unknown;
    found.text =
        "the drive aborted SANITIZE STATUS EXT: " + std::string(sanitize_reason(*status.reason));
  }
}

}  // namespace

std::unique_ptr<Operation> ata_sanitize_operation(Medium& drive, const ActionRequest& request) {
  const AtaSanitizeAction* action = ata_sanitize_action(request.method);
  if (action == nullptr) return nullptr;
  return std::make_unique<AtaSanitizeOperation>(drive, *action, request);
}

}  // namespace quietus
