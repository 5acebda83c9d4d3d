// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: a drive that answers every command with whatever bytes there are. Nothing crashes;
// no answer makes a method usable that has a reason against it; without the one command nothing is
// running; progress stays within bounds.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "quietus/firmware.h"

namespace {

using namespace quietus;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Hands out the input piece by piece, and zeros when it is used up.
class Script {
 public:
  explicit Script(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Bytes take(std::size_t count) {
    const auto part = bytes_.first(std::min(count, bytes_.size()));
    bytes_ = bytes_.subspan(part.size());
    return {part.begin(), part.end()};
  }
  std::uint32_t number(std::size_t count) {
    std::uint32_t value = 0;
    for (const std::byte byte : take(count)) value = value << 8U | std::to_integer<unsigned>(byte);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

class ScriptedPending final : public PendingCommand {
 public:
  explicit ScriptedPending(Result<DeviceReply> reply) : reply_(std::move(reply)) {}
  std::optional<Result<DeviceReply>> poll() override { return reply_; }

 private:
  Result<DeviceReply> reply_;
};

class ScriptedDrive final : public Medium {
 public:
  ScriptedDrive(Script& script, const DeviceFacts& facts) : script_(script), facts_(facts) {}

  Result<Geometry> geometry() override { return Geometry{facts_.size_bytes}; }
  Result<Attributes> attributes() override { return not_here(); }
  Result<std::size_t> read_at(std::span<std::byte> /*out*/, std::uint64_t /*offset*/,
                              Transfer /*how*/) override {
    return not_here();
  }
  Result<std::size_t> write_at(std::span<const std::byte> /*data*/, std::uint64_t /*offset*/,
                               Transfer /*how*/) override {
    return not_here();
  }
  Status flush() override { return {}; }
  Status drop_cache() override { return {}; }
  Result<std::vector<Placement>> placements() override { return not_here(); }
  Result<std::vector<Extent>> data_extents() override { return not_here(); }
  Result<Counters> counters() override { return not_here(); }
  Result<bool> open_elsewhere() override { return false; }
  Status resize(std::uint64_t /*size_bytes*/) override { return not_here(); }
  Result<DeviceFacts> device() override { return facts_; }
  Result<DeviceReply> execute(const DeviceCommand& command) override {
    return std::visit([this](const auto& one) { return answer(one); }, command.what);
  }
  Result<std::unique_ptr<PendingCommand>> begin(const DeviceCommand& command) override {
    return std::unique_ptr<PendingCommand>(std::make_unique<ScriptedPending>(execute(command)));
  }
  Status rescan() override { return {}; }

 private:
  static Error not_here() { return {Errc::unsupported, 0, "not here"}; }

  Result<DeviceReply> answer(const ScsiCommand& command) {
    ScsiReply reply;
    reply.status = static_cast<std::uint8_t>(script_.number(1) & 2U);
    if (reply.status != 0) reply.sense = script_.take(script_.number(1) % 33);
    reply.data = data(command.data);
    return DeviceReply{std::move(reply)};
  }
  Result<DeviceReply> answer(const NvmeCommand& command) {
    NvmeReply reply;
    if (script_.number(1) % 4 == 1) reply.status = static_cast<std::uint16_t>(script_.number(2));
    reply.data = data(command.data);
    return DeviceReply{std::move(reply)};
  }
  Result<DeviceReply> answer(const MmcCommand& command) {
    MmcReply reply;
    if (script_.number(1) % 4 == 1) reply.response = script_.number(4);
    reply.data = data(command.data);
    return DeviceReply{std::move(reply)};
  }
  Result<DeviceReply> answer(const OpalCommand& /*command*/) {
    return DeviceReply{OpalReply{script_.number(1) % 20, script_.number(1)}};
  }
  /// Now and then cut short; otherwise filled up with zeros.
  Bytes data(const CommandData& wanted) {
    Bytes bytes = script_.take(wanted.in_bytes);
    if (script_.number(1) != 0xFF) bytes.resize(wanted.in_bytes);
    return bytes;
  }

  Script& script_;
  const DeviceFacts& facts_;
};

void check_survey(const DriveAbilities& found) {
  for (const MethodAbility& row : found.methods) {
    require(is_firmware(row.method));
    require(row.supported == Answer::yes || !row.why.empty());
    if (found.commands == CommandSet::none) require(row.supported == Answer::unknown);
  }
  require(found.commands != CommandSet::none || !found.unknown_why.empty());
}

void check_status(const OperationStatus& status) {
  require(!status.text.empty());
  require(!status.progress_ppm || *status.progress_ppm <= 1'000'000);
  require(!status.pattern ||
          (status.state == OperationState::succeeded && !status.pattern->empty()));
}

void run(ScriptedDrive& drive, const DriveAbilities& found, Method method) {
  FirmwareOperation operation(drive, found, {method, false, "PSID"});
  require(!operation.command().empty());
  if (!operation.start()) return;
  for (int i = 0; i < 4; ++i) check_status(operation.look());
  static_cast<void>(operation.recover());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array kBuses{"nvme", "mmc", "ata", "scsi", "usb"};
  Script script(std::as_bytes(std::span(data, size)));
  DeviceFacts facts;
  facts.kind = DeviceKind::disk;
  facts.bus = kBuses.at(script.number(1) % kBuses.size());
  facts.namespace_id = script.number(1) % 3;
  facts.size_bytes = std::uint64_t{script.number(4)} * 512;
  ScriptedDrive drive(script, facts);
  const DriveAbilities found = survey(drive, facts);
  check_survey(found);
  static_cast<void>(read_identity(drive, found.commands));
  static_cast<void>(read_block_past_cache(drive, found, 0, 512));
  for (const MethodAbility& row : found.methods) {
    check_status(FirmwareOperation(drive, found, {row.method, true, {}}).look());
    run(drive, found, row.method);
  }
  static_cast<void>(leave_failure_state(drive, found.commands));
  static_cast<void>(restore_hidden_area(drive, found.commands));
  return 0;
}
