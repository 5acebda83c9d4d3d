// SPDX-License-Identifier: GPL-3.0-or-later
// The public face: every call goes to the row of the drive's command set.
#include "quietus/firmware.h"

#include <array>

#include "firmware/command_set.h"
#include "firmware/opal.h"

namespace quietus {
namespace {

Error no_language() { return {Errc::unsupported, 0, "the drive's firmware can't be asked"}; }

/// What is done where there is no such action.
class NoOperation final : public Operation {
 public:
  explicit NoOperation(Method method) : method_(method) {}

  [[nodiscard]] std::string command() const override { return std::string(name_of(method_)); }
  [[nodiscard]] Status start() override { return no_such_command(name_of(method_)); }
  [[nodiscard]] OperationStatus look() override {
    OperationStatus status;
    status.text = no_such_command(name_of(method_)).what;
    return status;
  }

 private:
  Method method_;
};

std::unique_ptr<Operation> operation_of(Medium& drive, const DriveAbilities& abilities,
                                        const ActionRequest& request) {
  std::unique_ptr<Operation> operation;
  const CommandSetRow* row = row_of(abilities.commands);
  if (request.method == Method::opal_psid) {
    operation = opal_operation(drive, request);
  } else if (row != nullptr) {
    operation = row->operation(drive, abilities, request);
  }
  if (operation == nullptr) operation = std::make_unique<NoOperation>(request.method);
  return operation;
}

}  // namespace

std::string_view name_of(OperationState state) {
  constexpr std::array<std::string_view, 5> kNames{"never", "running", "succeeded", "failed",
                                                   "unknown"};
  return kNames.at(static_cast<std::size_t>(state));
}

Result<DriveIdentity> read_identity(Medium& drive, CommandSet commands) {
  const CommandSetRow* row = row_of(commands);
  if (row == nullptr) return no_language();
  return row->identity(drive);
}

DriveHealth read_health(Medium& drive, CommandSet commands) {
  const CommandSetRow* row = row_of(commands);
  return row == nullptr ? DriveHealth{} : row->health(drive);
}

HiddenAreaFacts read_hidden_area(Medium& drive, CommandSet commands) {
  const CommandSetRow* row = row_of(commands);
  if (row != nullptr) return row->hidden(drive);
  HiddenAreaFacts unknown;
  unknown.why = no_language().what;
  return unknown;
}

Result<HiddenAreaFacts> restore_hidden_area(Medium& drive, CommandSet commands) {
  const CommandSetRow* row = row_of(commands);
  if (row == nullptr) return no_language();
  return row->restore(drive);
}

Result<Bytes> read_block_past_cache(Medium& drive, const DriveAbilities& abilities,
                                    std::uint64_t offset, std::uint32_t bytes) {
  const CommandSetRow* row = row_of(abilities.commands);
  if (row == nullptr) return no_language();
  return row->read_past_cache(drive, abilities, offset, bytes);
}

Status leave_failure_state(Medium& drive, CommandSet commands) {
  const CommandSetRow* row = row_of(commands);
  if (row == nullptr) return no_language();
  return row->leave_failure_state(drive);
}

struct FirmwareOperation::Parts {
  std::unique_ptr<Operation> operation;
};

FirmwareOperation::FirmwareOperation(Medium& drive, const DriveAbilities& abilities,
                                     ActionRequest request)
    : parts_(std::make_unique<Parts>()) {
  parts_->operation = operation_of(drive, abilities, request);
}

FirmwareOperation::~FirmwareOperation() = default;
FirmwareOperation::FirmwareOperation(FirmwareOperation&&) noexcept = default;

std::string FirmwareOperation::command() const { return parts_->operation->command(); }
std::string FirmwareOperation::to_be_recorded() const {
  return parts_->operation->to_be_recorded();
}
Status FirmwareOperation::start() { return parts_->operation->start(); }
OperationStatus FirmwareOperation::look() { return parts_->operation->look(); }
Status FirmwareOperation::recover() { return parts_->operation->recover(); }

}  // namespace quietus
