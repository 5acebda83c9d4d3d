// SPDX-License-Identifier: GPL-3.0-or-later
// FakeScsiDrive: a SAS drive that lives in memory, with the state machines of SANITIZE and FORMAT
// UNIT and with what can go wrong. The blocks themselves are another medium's.
#pragma once

#include "support/fake_sanitize.h"
#include "support/forwarding_medium.h"

namespace quietus::test {

/// What it is, how it misbehaves and where it is. Outlives every descriptor.
struct FakeScsi {
  explicit FakeScsi(Clock& clock_of_test) : clock(clock_of_test) {}

  Clock& clock;

  std::uint8_t version = 6;  ///< of the standard: SPC-4
  std::string vendor = "FAKE";
  std::string model = "FAKE SAS";
  std::string revision = "0001";
  std::string serial = "FAKESCSI001";
  std::uint64_t wwn = 0x5000C500AABBCCD0;
  std::vector<std::uint8_t> sanitize_actions = {1, 2, 3, 0x1F};  ///< service actions that it has
  bool has_format = true;
  std::uint8_t protection_type = 0;
  std::uint32_t grown_defects = 3;

  // How it misbehaves.
  bool descriptor_sense = false;  ///< 72h instead of 70h
  bool no_opcode_report = false;  ///< REPORT SUPPORTED OPERATION CODES is not there
  bool no_immediate = false;      ///< IMMED is refused
  bool no_force_unit_access = false;
  bool is_gone = false;          ///< nothing is delivered any more
  bool write_protected = false;  ///< SANITIZE and FORMAT UNIT are refused with 7/27/00
  bool silent_failure = false;   ///< REQUEST SENSE says nothing of it; other commands do
  unsigned attentions = 0;       ///< so many 29/00 are to be told

  // Where it is.
  FakeSanitize sanitize;
  FakeSanitize format;  ///< of FORMAT UNIT

  std::vector<ScsiCommand> tape;  ///< every command that came
  /// Called before each command: for what happens in between.
  std::function<void(FakeScsi&, const ScsiCommand&)> before = {};

  [[nodiscard]] std::size_t count(std::uint8_t opcode) const;
  /// Without power for so long: a sanitize goes on afterwards, a format is broken.
  void cut_power(std::uint64_t off_us = 0);
};

class FakeScsiDrive final : public ForwardingMedium {
 public:
  FakeScsiDrive(std::unique_ptr<Medium> inner, std::shared_ptr<FakeScsi> state)
      : ForwardingMedium(std::move(inner)), state_(std::move(state)) {}

  [[nodiscard]] Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                            Transfer how) override;
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override;
  [[nodiscard]] Result<DeviceReply> execute(const DeviceCommand& command) override;
  [[nodiscard]] Result<std::unique_ptr<PendingCommand>> begin(
      const DeviceCommand& command) override;
  [[nodiscard]] Status rescan() override { return {}; }

 private:
  void pass();
  [[nodiscard]] std::optional<FakeSense> busy() const;
  [[nodiscard]] ScsiReply answer(const ScsiCommand& command);
  [[nodiscard]] ScsiReply refused(std::uint8_t key, std::uint8_t asc, std::uint8_t ascq) const;
  [[nodiscard]] ScsiReply inquiry(const ScsiCommand& command) const;
  [[nodiscard]] ScsiReply request_sense();
  [[nodiscard]] ScsiReply opcode_report(const ScsiCommand& command) const;
  [[nodiscard]] ScsiReply start_sanitize(const ScsiCommand& command);
  [[nodiscard]] ScsiReply start_format(const ScsiCommand& command);
  [[nodiscard]] ScsiReply read_blocks(const ScsiCommand& command);

  std::shared_ptr<FakeScsi> state_;
};

}  // namespace quietus::test
