// SPDX-License-Identifier: GPL-3.0-or-later
// A fake SATA drive full of data, and a clock that the test moves.
#pragma once

#include <doctest/doctest.h>
#include <memory>
#include <string>

#include "quietus/firmware.h"

#include "support/fake_ata_drive.h"
#include "support/hand_clock.h"
#include "support/memory_medium.h"

namespace quietus::test {

inline constexpr std::uint64_t kAtaSize = 1U << 20U;
inline constexpr std::uint64_t kAtaBlocks = kAtaSize / 512;
inline constexpr std::uint64_t kSecond = 1'000'000;

struct AtaRig {
  HandClock clock;
  std::shared_ptr<FakeAta> ata = std::make_shared<FakeAta>(clock);
  FakeAtaDrive drive{std::make_unique<MemoryMedium>(kAtaSize), ata};
  DeviceFacts facts;
  DriveAbilities found;

  AtaRig() {
    facts.kind = DeviceKind::disk;
    facts.bus = "ata";
    const Bytes data(kAtaSize, std::byte{0xAB});
    REQUIRE(drive.inner().write_at(data, 0, Transfer::buffered).ok());
  }

  DriveAbilities& ask() { return found = survey(drive, facts); }
  FirmwareOperation operation(Method method, bool may_leave = false) {
    ask();
    return {drive, found, ActionRequest{method, may_leave, {}}};
  }
  /// Once a second until it no longer runs, a minute at most.
  OperationStatus wait_for(FirmwareOperation& operation) {
    OperationStatus status = operation.look();
    for (int i = 0; i < 60 && status.state == OperationState::running; ++i) {
      clock.wait(kSecond);
      status = operation.look();
    }
    return status;
  }
  std::byte byte_at(std::uint64_t offset) {
    Bytes one(1);
    REQUIRE(drive.inner().read_at(one, offset, Transfer::buffered).ok());
    return one[0];
  }
  bool is_untouched() {
    return byte_at(0) == std::byte{0xAB} && byte_at(kAtaSize - 1) == byte_at(0);
  }
  Answer supports(Method method) { return found.ability(method)->supported; }
  std::string why(Method method) { return found.ability(method)->why; }
};

}  // namespace quietus::test
