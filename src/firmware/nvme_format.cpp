// SPDX-License-Identifier: GPL-3.0-or-later
// Bits as in NVM Express 1.3, figure 165 (2.0 for 13:12), and nvme-cli.
#include "firmware/nvme_format.h"

#include <utility>

#include "firmware/fields.h"
#include "firmware/nvme_exchange.h"
#include "firmware/nvme_status.h"

namespace quietus::nvme {
namespace {

constexpr std::uint8_t kFormat = 0x80;
constexpr std::uint32_t kMillion = 1'000'000;

/// A drive in the middle of a format may answer nothing, and one that does not answer is reset by
/// the system, which breaks the format off: while the command is out, nothing else is sent.
class FormatOperation final : public Operation {
 public:
  FormatOperation(Medium& drive, const DriveAbilities& abilities)
      : drive_(drive),
        namespace_id_(abilities.identity.namespace_id),
        offered_(abilities.format_ses != 0),
        setting_(abilities.format_ses == 2 ? EraseSetting::crypto : EraseSetting::user_data) {}

  [[nodiscard]] std::string command() const override { return name_of(setting_); }
  [[nodiscard]] quietus::Status start() override;
  [[nodiscard]] OperationStatus look() override;

 private:
  [[nodiscard]] Result<Namespace> identify();
  void judge_reply(const NvmeReply& reply, OperationStatus& status);
  void ask_drive(OperationStatus& status);

  Medium& drive_;
  std::uint32_t namespace_id_;
  bool offered_;
  EraseSetting setting_;
  std::unique_ptr<PendingCommand> pending_;
};

Result<Namespace> FormatOperation::identify() {
  const Result<std::uint32_t> number = namespace_of(drive_);
  if (!number) return number.error();
  if (*number != namespace_id_) {
    return Error{Errc::changed, 0, "the descriptor stands for another namespace than before"};
  }
  const Result<Bytes> bytes = read_namespace(drive_, *number);
  if (!bytes) return bytes.error();
  return namespace_from(*bytes);
}

quietus::Status FormatOperation::start() {
  if (!offered_) return no_such_command("Format NVM");
  const Result<Namespace> space = identify();
  if (!space) return nothing_sent(space.error());
  if (space->format_runs) return Error{Errc::busy, 0, "a format is under way already"};
  // No time limit: when it is over the system resets the drive.
  auto begun = drive_.begin({format_command(*space, namespace_id_, setting_), 0});
  if (!begun) return begun.error();
  pending_ = std::move(*begun);
  return {};
}

OperationStatus FormatOperation::look() {
  OperationStatus status;
  if (pending_ == nullptr) {
    ask_drive(status);
    return status;
  }
  const std::optional<Result<DeviceReply>> over = pending_->poll();
  if (!over) {
    status.state = OperationState::running;
    status.text = "the drive has not answered the format yet";
    return status;
  }
  const Result<NvmeReply> reply = nvme_reply(*over);
  if (reply) {
    judge_reply(*reply, status);
  } else {
    status.text = "what became of the format is not known: " + reply.error().what;
  }
  return status;
}

void FormatOperation::judge_reply(const NvmeReply& reply, OperationStatus& status) {
  const std::uint16_t code = code_of(reply);
  status.raw.push_back(
      {"nvme_status",
       {},
       {static_cast<std::byte>(reply.status & 0xFFU), static_cast<std::byte>(reply.status >> 8U)}});
  status.state = code == success ? OperationState::succeeded : OperationState::failed;
  status.text = code == success ? "the drive says that the format succeeded"
                                : error_of(code, "Format NVM").what;
}

/// Without the command in hand only its progress can be seen, never its end: nothing of a format
/// outlasts it.
void FormatOperation::ask_drive(OperationStatus& status) {
  status.text = "the drive keeps no record of a format that is over";
  const Result<Namespace> space = identify();
  if (!space) {
    status.text = "the drive does not tell how far it is: " + space.error().what;
    return;
  }
  if (!space->format_runs) return;
  status.state = OperationState::running;
  status.progress_ppm = (100 - std::min(100U, space->format_left_percent)) * (kMillion / 100);
  status.text = "format in progress, " + std::to_string(space->format_left_percent) + " % remain";
}

}  // namespace

EraseSetting setting_of(const Controller& controller) {
  return controller.crypto_format ? EraseSetting::crypto : EraseSetting::user_data;
}

NvmeCommand format_command(const Namespace& space, std::uint32_t namespace_id,
                           EraseSetting setting) {
  NvmeCommand command;
  command.opcode = kFormat;
  command.namespace_id = namespace_id;
  command.cdw10 = (space.format_index & 0xFU)                  // LBAF 3:0
                  | (space.extended_metadata ? 1U << 4U : 0U)  // MSET
                  | (space.protection_type & 7U) << 5U         // PI 7:5
                  | (space.protection_first ? 1U << 8U : 0U)   // PIL
                  | static_cast<std::uint32_t>(setting) << 9U  // SES 11:9
                  | (space.format_index >> 4U & 3U) << 12U;    // LBAFU 13:12
  return command;
}

std::string name_of(EraseSetting setting) {
  return setting == EraseSetting::crypto
             ? "Format NVM, cryptographic erase (NVM Express 1.3, 5.23, SES 010b)"
             : "Format NVM, user data erase (NVM Express 1.3, 5.23, SES 001b)";
}

std::unique_ptr<Operation> format_operation(Medium& drive, const DriveAbilities& abilities) {
  return std::make_unique<FormatOperation>(drive, abilities);
}

}  // namespace quietus::nvme
