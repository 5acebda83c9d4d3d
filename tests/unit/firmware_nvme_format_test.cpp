// SPDX-License-Identifier: GPL-3.0-or-later
// NVMe Format: always with a secure erase setting, never another format than the drive has.
#include <doctest/doctest.h>

#include "quietus/firmware.h"

#include "firmware_world.h"

namespace quietus::test {
namespace {

struct Format : NvmeWorld {
  DriveAbilities abilities;
  std::unique_ptr<FirmwareOperation> operation;

  Status start() {
    fill();
    attach();
    return operation->start();
  }
  void attach() {
    abilities = survey();
    operation = std::make_unique<FirmwareOperation>(*drive, abilities,
                                                    ActionRequest{Method::format, false, {}});
  }
  OperationStatus look_at_end() {
    clock.pass_us(subsystem->format_us);
    return operation->look();
  }
};

TEST_CASE("format: one command, for the named namespace, until the drive answers it") {
  Format world;
  REQUIRE(world.start());
  const std::size_t asked = world.subsystem->asking.size();
  OperationStatus status = world.operation->look();
  CHECK(status.state == OperationState::running);
  CHECK_FALSE(status.progress_ppm);
  // A drive in a format may not answer, and would be reset for that.
  CHECK(world.subsystem->asking.size() == asked);
  status = world.look_at_end();
  CHECK(status.state == OperationState::succeeded);
  CHECK_FALSE(status.pattern);
  REQUIRE(status.raw.size() == 1);
  CHECK(status.raw[0].what == "nvme_status");
  CHECK(to_hex(status.raw[0].bytes) == "0000");
  CHECK(world.operation->look().state == OperationState::succeeded);

  REQUIRE(world.subsystem->changing.size() == 1);
  CHECK(world.subsystem->changing[0].opcode == 0x80);
  CHECK(world.subsystem->changing[0].namespace_id == 1);
  CHECK(world.subsystem->changing[0].cdw10 == 0x400);
  CHECK(world.content() != Bytes(NvmeWorld::size_bytes, std::byte{0xA5}));
}

TEST_CASE("format: crypto where the drive has it, otherwise user data, never no erase at all") {
  struct Row {
    std::uint8_t attributes;
    std::uint32_t setting;
    bool beyond;
  };
  for (const Row& row : {Row{0, 1, false}, Row{4, 2, false}, Row{1, 1, true}, Row{2, 1, true},
                         Row{5, 2, true}, Row{7, 2, true}, Row{8, 1, false}}) {
    Format world;
    world.subsystem->format_attributes = row.attributes;
    REQUIRE(world.start());
    CHECK(world.abilities.format_ses == row.setting);
    CHECK(world.abilities.ability(Method::format)->beyond_target == row.beyond);
    CHECK((world.subsystem->changing.at(0).cdw10 >> 9U & 7U) == row.setting);
    CHECK(world.operation->command() ==
          (row.setting == 2 ? "Format NVM, cryptographic erase (NVM Express 1.3, 5.23, SES 010b)"
                            : "Format NVM, user data erase (NVM Express 1.3, 5.23, SES 001b)"));
  }
}

TEST_CASE("format: LBA format, metadata and protection stay as they are") {
  Format world;
  world.subsystem->format_index = 0x12;  // format 2, metadata at the end of the data
  world.subsystem->protection = 0x0B;    // type 3, at the first bytes
  REQUIRE(world.start());
  CHECK(world.subsystem->changing.at(0).cdw10 == (0x400U | 0x100U | 0x60U | 0x10U | 0x02U));
}

TEST_CASE("format: what the drive answers is what became of it") {
  Format world;
  world.subsystem->format_answer = 0x10A;
  REQUIRE(world.start());
  const OperationStatus status = world.operation->look();
  CHECK(status.state == OperationState::failed);
  CHECK(status.text == "Format NVM: the drive answered invalid format (1h/0Ah)");
  CHECK(to_hex(status.raw.at(0).bytes) == "0a41");
  CHECK(world.content() == Bytes(NvmeWorld::size_bytes, std::byte{0xA5}));
}

TEST_CASE("format: an answer that is lost leaves it unknown") {
  Format world;
  REQUIRE(world.start());
  world.subsystem->reset();
  const OperationStatus status = world.look_at_end();
  CHECK(status.state == OperationState::unknown);
  CHECK(status.text.find("not known") != std::string::npos);
}

TEST_CASE("format: found again, it can be seen to run but never to have ended") {
  Format world;
  REQUIRE(world.start());
  world.clock.pass_us(world.subsystem->format_us / 4);
  world.attach();
  CHECK(world.abilities.is_in("format_running"));
  const OperationStatus status = world.operation->look();
  CHECK(status.state == OperationState::running);
  CHECK(status.progress_ppm == 250'000U);
  const Status second = world.operation->start();
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::busy);
  CHECK(world.look_at_end().state == OperationState::unknown);
  CHECK(world.subsystem->changing.size() == 1);
}

TEST_CASE("format: a descriptor that stands for another namespace sends nothing") {
  Format world;
  world.subsystem->namespaces = 2;
  world.fill();
  world.attach();
  world.drive->stand_for(2);
  const Status started = world.operation->start();
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::changed);
  CHECK(world.subsystem->changing.empty());
}

TEST_CASE("format: a drive that says done and does nothing is not found out by its answer") {
  Format world;
  world.subsystem->format_lies = true;
  REQUIRE(world.start());
  CHECK(world.look_at_end().state == OperationState::succeeded);
  CHECK(world.content() == Bytes(NvmeWorld::size_bytes, std::byte{0xA5}));
}

TEST_CASE("format: where the drive has none there is nothing to start") {
  Format world;
  world.subsystem->admin_commands = 0;
  CHECK(world.start().error().code == Errc::unsupported);
  CHECK(world.subsystem->changing.empty());
  CHECK(world.abilities.ability(Method::format)->supported == Answer::no);
}

}  // namespace
}  // namespace quietus::test
