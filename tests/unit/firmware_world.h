// SPDX-License-Identifier: GPL-3.0-or-later
// Fake drives with a clock that the test moves.
#pragma once

#include <memory>
#include <string>

#include "quietus/firmware.h"

#include "support/fake_mmc_card.h"
#include "support/fake_nvme_drive.h"
#include "support/hand_clock.h"
#include "support/memory_medium.h"

namespace quietus::test {

/// An NVMe drive of one namespace, unless told else.
struct NvmeWorld {
  static constexpr std::uint64_t size_bytes = 64 * 512;

  HandClock clock;
  std::shared_ptr<FakeNvmeSubsystem> subsystem = std::make_shared<FakeNvmeSubsystem>(clock);
  std::unique_ptr<FakeNvmeDrive> drive = open(1);

  [[nodiscard]] std::unique_ptr<FakeNvmeDrive> open(std::uint32_t namespace_id) const {
    return std::make_unique<FakeNvmeDrive>(std::make_unique<MemoryMedium>(size_bytes), subsystem,
                                           namespace_id);
  }
  [[nodiscard]] DriveAbilities survey() const {
    DeviceFacts facts;
    facts.kind = DeviceKind::disk;
    facts.bus = "nvme";
    facts.storage = Storage::flash;
    facts.namespace_id = 1;
    return quietus::survey(*drive, facts);
  }
  void fill() const {
    const Bytes data(size_bytes, std::byte{0xA5});
    static_cast<void>(drive->write_at(data, 0, Transfer::buffered));
  }
  [[nodiscard]] Bytes content() const {
    Bytes data(size_bytes);
    const auto read = drive->read_at(data, 0, Transfer::buffered);
    data.resize(read ? *read : 0);
    return data;
  }
};

/// An eMMC of 2 MiB.
struct MmcWorld {
  static constexpr std::uint64_t size_bytes = 2U << 20U;

  HandClock clock;
  std::shared_ptr<FakeMmcState> state = std::make_shared<FakeMmcState>(clock);
  FakeMmcCard card{std::make_unique<MemoryMedium>(size_bytes), state};

  [[nodiscard]] DriveAbilities survey() {
    DeviceFacts facts;
    facts.kind = DeviceKind::disk;
    facts.bus = "mmc";
    facts.storage = Storage::flash;
    return quietus::survey(card, facts);
  }
  void fill() {
    const Bytes data(size_bytes, std::byte{0xA5});
    static_cast<void>(card.write_at(data, 0, Transfer::buffered));
  }
  [[nodiscard]] Bytes content() {
    Bytes data(size_bytes);
    static_cast<void>(card.read_at(data, 0, Transfer::buffered));
    return data;
  }
};

}  // namespace quietus::test
