// SPDX-License-Identifier: GPL-3.0-or-later
// NVMe: what a subsystem is asked, how it is sanitized and formatted, and which of its answers
// carry a claim.
#include <doctest/doctest.h>

#include "quietus/firmware.h"

#include "firmware_world.h"

namespace quietus::test {
namespace {

using Lie = FakeNvmeSubsystem::Lie;

void wait_for_end(NvmeWorld& world) { world.clock.pass_us(world.subsystem->sanitize_us); }

TEST_CASE("nvme: a sanitize is sent once, for the whole subsystem, and followed to its end") {
  NvmeWorld world;
  world.fill();
  const DriveAbilities abilities = world.survey();
  FirmwareOperation operation(*world.drive, abilities, {Method::sanitize_block, false, {}});
  CHECK(operation.command() == "Sanitize, block erase (NVM Express 1.3, 5.24, SANACT 010b)");
  CHECK(operation.to_be_recorded().empty());
  REQUIRE(operation.start());

  OperationStatus status = operation.look();
  CHECK(status.state == OperationState::running);
  CHECK(status.progress_ppm == 0);
  CHECK(status.remaining_s == 2);
  world.clock.pass_us(world.subsystem->sanitize_us / 2);
  status = operation.look();
  CHECK(status.state == OperationState::running);
  CHECK(status.progress_ppm == 500'000);
  CHECK(status.remaining_s == 1);
  wait_for_end(world);
  status = operation.look();
  CHECK(status.state == OperationState::succeeded);
  CHECK(status.ran_ours == true);
  CHECK(status.global_data_erased == true);
  CHECK_FALSE(status.no_deallocate);
  CHECK_FALSE(status.reset_seen);
  CHECK_FALSE(status.pattern);
  REQUIRE(status.raw.size() == 1);
  CHECK(status.raw[0].what == "nvme_log_81h");
  CHECK(to_hex(std::span(status.raw[0].bytes).first(12)) == "ffff01010200000002000000");

  REQUIRE(world.subsystem->changing.size() == 1);
  const NvmeCommand& sent = world.subsystem->changing[0];
  CHECK(sent.opcode == 0x84);
  CHECK(sent.namespace_id == 0);
  CHECK(sent.cdw10 == 2);
  CHECK(sent.cdw11 == 0);
  CHECK(world.content() == Bytes(world.size_bytes));
}

}  // namespace
}  // namespace quietus::test
