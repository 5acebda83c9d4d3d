// SPDX-License-Identifier: GPL-3.0-or-later
// FakeMmcCard: the user area of an eMMC that lives in memory. The blocks themselves are another
// medium's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/seams.h"

#include "support/fake_opal.h"
#include "support/forwarding_medium.h"

namespace quietus::test {

/// What the card is, how it misbehaves and what it has done. Outlives every descriptor.
struct FakeMmcState {
  explicit FakeMmcState(Clock& clock_of_test) : clock(clock_of_test) {}

  Clock& clock;

  // What it says of itself.
  std::uint8_t revision = 8;
  std::uint8_t features = 0x51;  ///< secure erase, trim, sanitize
  std::uint8_t group_units = 1;  ///< of 512 KiB
  std::uint8_t erase_units = 2;  ///< of 300 ms
  std::uint8_t secure_factor = 4;
  std::uint8_t end_of_life = 1;
  std::uint8_t life = 2;
  std::optional<std::uint32_t> sectors;  ///< other than the device has
  std::string model = "FAKEMMC";
  std::string serial = "0x00112233";

  std::uint64_t erase_us = 3'000'000;  ///< how long a row takes

  // How it misbehaves.
  bool is_sd = false;         ///< an SD card: does not tell that register
  bool swallows = false;      ///< says that it erased, and does not
  bool row_breaks = false;    ///< something comes in between CMD36 and CMD38
  bool is_protected = false;  ///< part of it is left out
  bool is_gone = false;
  std::optional<std::uint64_t> kept_block;

  unsigned life_number = 0;  ///< one more after each reset
  std::vector<MmcCommand> rows;

  void reset() { ++life_number; }
};

class FakeMmcCard final : public ForwardingMedium {
 public:
  FakeMmcCard(std::unique_ptr<Medium> blocks, std::shared_ptr<FakeMmcState> state)
      : ForwardingMedium(std::move(blocks)), state_(std::move(state)) {}

  [[nodiscard]] Result<DeviceFacts> device() override;
  [[nodiscard]] Result<DeviceReply> execute(const DeviceCommand& command) override;
  [[nodiscard]] Result<std::unique_ptr<PendingCommand>> begin(
      const DeviceCommand& command) override;
  [[nodiscard]] Status rescan() override { return {}; }

 private:
  struct Selection {
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;
  };
  [[nodiscard]] Result<DeviceReply> answer(const MmcCommand& row);
  [[nodiscard]] std::uint32_t answer_one(const MmcCommand& command, Selection& selection);
  [[nodiscard]] std::uint32_t erase(const Selection& selection);
  [[nodiscard]] Bytes register_bytes();
  [[nodiscard]] std::uint64_t size_bytes();

  std::shared_ptr<FakeMmcState> state_;
};

}  // namespace quietus::test
