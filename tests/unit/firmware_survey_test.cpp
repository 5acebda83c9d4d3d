// SPDX-License-Identifier: GPL-3.0-or-later
// What a survey says: yes, no, or not known and why; who a drive says it is.
#include <doctest/doctest.h>

#include "quietus/firmware.h"

#include "firmware_world.h"

namespace quietus::test {
namespace {

Answer answer_of(const DriveAbilities& found, Method method) {
  const MethodAbility* row = found.ability(method);
  REQUIRE(row != nullptr);
  CHECK((row->supported == Answer::yes) == row->why.empty());
  return row->supported;
}

TEST_CASE("survey: every firmware method has a row, in order, whatever answers") {
  const NvmeWorld world;
  DeviceFacts loop;
  loop.kind = DeviceKind::loop;
  loop.bus = "loop";
  for (const DriveAbilities& found : {world.survey(), survey(*world.drive, loop)}) {
    std::vector<Method> seen;
    for (const MethodAbility& row : found.methods) seen.push_back(row.method);
    CHECK(seen == std::vector{Method::sanitize_crypto, Method::sanitize_block,
                              Method::sanitize_overwrite, Method::secure_erase, Method::format,
                              Method::opal_psid});
  }
}

TEST_CASE("survey: what has no firmware of its own is sent nothing") {
  const NvmeWorld world;
  DeviceFacts facts;
  facts.kind = DeviceKind::disk;
  facts.bus = "nvme";
  for (int i = 0; i < 4; ++i) {
    DeviceFacts other = facts;
    if (i == 0) other.kind = DeviceKind::partition;
    if (i == 1) other.storage = Storage::virtual_;
    if (i == 2) other.bus = "virtio";
    if (i == 3) other.kind = DeviceKind::device_mapper;
    CHECK_FALSE(has_firmware(other));
    const DriveAbilities found = survey(*world.drive, other);
    CHECK(found.commands == CommandSet::none);
    CHECK_FALSE(found.unknown_why.empty());
    for (const MethodAbility& row : found.methods) CHECK(row.supported == Answer::unknown);
    CHECK(found.hidden.present == Answer::unknown);
  }
  CHECK(has_firmware(facts));
  CHECK(world.subsystem->asking.empty());
  CHECK(world.subsystem->changing.empty());
}

TEST_CASE("survey: of a drive that answers nothing nothing is known") {
  NvmeWorld world;
  world.subsystem->is_gone = true;
  const DriveAbilities found = world.survey();
  CHECK(found.commands == CommandSet::none);
  CHECK(found.unknown_why == "the drive answered none of the commands that ask what it is");
  for (const MethodAbility& row : found.methods) CHECK(answer_of(found, row.method) != Answer::yes);
  CHECK_FALSE(read_identity(*world.drive, CommandSet::nvme));
  CHECK(read_health(*world.drive, CommandSet::nvme).source.empty());
}

TEST_CASE("survey: a full NVMe drive") {
  NvmeWorld world;
  world.subsystem->media_errors = 3;
  const DriveAbilities found = world.survey();
  CHECK(found.commands == CommandSet::nvme);
  CHECK(found.unknown_why.empty());
  CHECK(answer_of(found, Method::sanitize_crypto) == Answer::yes);
  CHECK(answer_of(found, Method::sanitize_block) == Answer::yes);
  CHECK(answer_of(found, Method::sanitize_overwrite) == Answer::yes);
  CHECK(answer_of(found, Method::format) == Answer::yes);
  CHECK(answer_of(found, Method::secure_erase) == Answer::no);
  CHECK(answer_of(found, Method::opal_psid) == Answer::no);
  CHECK(found.ability(Method::sanitize_block)->beyond_target);
  CHECK(found.ability(Method::sanitize_block)->estimate_s == 2U);
  CHECK_FALSE(found.ability(Method::format)->beyond_target);
  CHECK_FALSE(found.ability(Method::format)->estimate_s);
  CHECK(found.states.empty());
  CHECK(found.health.source == "nvme_log_02h");
  CHECK(found.health.available_spare_percent == 100U);
  CHECK(found.health.used_percent == 1U);
  CHECK(found.health.media_errors == 3U);
  CHECK(found.hidden.present == Answer::no);
  REQUIRE(found.raw.size() == 3);
  CHECK(found.raw[0].what == "nvme_identify_controller");
  CHECK(found.raw[1].what == "nvme_identify_namespace");
  CHECK(found.raw[2].what == "nvme_log_81h");
  // Nothing that changes anything.
  CHECK(world.subsystem->changing.empty());
}

TEST_CASE("survey: each capability bit stands for its own action") {
  for (std::uint32_t bits = 0; bits < 8; ++bits) {
    NvmeWorld world;
    world.subsystem->sanitize_capabilities = bits;
    const DriveAbilities found = world.survey();
    const auto expected = [&](std::uint32_t bit) {
      return (bits & bit) != 0 ? Answer::yes : Answer::no;
    };
    CHECK(answer_of(found, Method::sanitize_crypto) == expected(1));
    CHECK(answer_of(found, Method::sanitize_block) == expected(2));
    CHECK(answer_of(found, Method::sanitize_overwrite) == expected(4));
  }
}

TEST_CASE("survey: an estimate that the drive does not tell is none") {
  NvmeWorld world;
  world.subsystem->estimate_s = 0xFFFFFFFF;
  CHECK_FALSE(world.survey().ability(Method::sanitize_crypto)->estimate_s);
}

TEST_CASE("survey: a sanitize without its log is not known to be usable") {
  NvmeWorld world;
  world.subsystem->log_unreadable = true;
  const DriveAbilities found = world.survey();
  CHECK(answer_of(found, Method::sanitize_block) == Answer::unknown);
  CHECK(found.ability(Method::sanitize_block)->why ==
        "the controller offers it, but nothing would tell what became of it: the sanitize status "
        "log: the drive answered invalid log page (1h/09h)");
}

TEST_CASE("survey: a sanitize that runs or failed is a state of the drive") {
  NvmeWorld world;
  world.subsystem->sanitize_state = 2;
  world.subsystem->ends_us = 1;
  CHECK(world.survey().states == std::vector<std::string>{"sanitize_running"});
  world.subsystem->sanitize_state = 3;
  CHECK(world.survey().states == std::vector<std::string>{"sanitize_failed"});
}

TEST_CASE("identity: printed as the system prints it, of the descriptor's own namespace") {
  NvmeWorld world;
  world.subsystem->namespaces = 2;
  auto identity = read_identity(*world.drive, CommandSet::nvme);
  REQUIRE(identity);
  CHECK(identity->model == "FAKE NVME");
  CHECK(identity->serial == "FAKENVME001");
  CHECK(identity->firmware == "1.0");
  CHECK(identity->namespace_id == 1);
  CHECK(identity->nguid == "25000000000000000000000000000001");
  CHECK(identity->eui64.empty());
  CHECK(identity->wwn == "eui.25000000000000000000000000000001");
  CHECK(identity->size_bytes == NvmeWorld::size_bytes);

  world.drive->stand_for(2);
  const auto other = read_identity(*world.drive, CommandSet::nvme);
  REQUIRE(other);
  CHECK(other->namespace_id == 2);
  CHECK_FALSE(difference(*identity, *other).empty());

  world.drive->stand_for(1);
  world.subsystem->uuids[1] = "00112233445566778899aabbccddeeff";
  identity = read_identity(*world.drive, CommandSet::nvme);
  REQUIRE(identity);
  CHECK(identity->wwn == "uuid.00112233-4455-6677-8899-aabbccddeeff");
  world.subsystem->version = 0x00010200;
  CHECK(read_identity(*world.drive, CommandSet::nvme)->wwn ==
        "eui.25000000000000000000000000000001");
  world.subsystem->nguids[1] = std::string(32, '0');
  CHECK(read_identity(*world.drive, CommandSet::nvme)->wwn ==
        "nvme.1234-46414b454e564d45303031-46414b45204e564d45-00000001");

  world.drive->stand_for(3);
  CHECK(read_identity(*world.drive, CommandSet::nvme).error().code == Errc::changed);
  world.drive->stand_for(0);
  CHECK(read_identity(*world.drive, CommandSet::nvme).error().code == Errc::unsupported);
}

TEST_CASE("dispatch: without a command set nothing can be asked, and nothing is done") {
  NvmeWorld world;
  CHECK(read_identity(*world.drive, CommandSet::none).error().code == Errc::unsupported);
  CHECK(read_health(*world.drive, CommandSet::none).source.empty());
  CHECK(read_hidden_area(*world.drive, CommandSet::none).present == Answer::unknown);
  CHECK(restore_hidden_area(*world.drive, CommandSet::none).error().code == Errc::unsupported);
  CHECK(leave_failure_state(*world.drive, CommandSet::none).error().code == Errc::unsupported);
  const DriveAbilities none;
  CHECK(read_block_past_cache(*world.drive, none, 0, 512).error().code == Errc::unsupported);
  FirmwareOperation operation(*world.drive, none, {Method::sanitize_block, false, {}});
  CHECK(operation.start().error().code == Errc::unsupported);
  CHECK(operation.look().state == OperationState::unknown);
  CHECK(operation.recover());

  const DriveAbilities known = world.survey();
  for (const Method method : {Method::secure_erase, Method::overwrite, Method::key_erase}) {
    FirmwareOperation other(*world.drive, known, {method, false, {}});
    CHECK(other.start().error().code == Errc::unsupported);
  }
  CHECK(world.subsystem->changing.empty());
}

TEST_CASE("names of the states of an operation") {
  CHECK(name_of(OperationState::never) == "never");
  CHECK(name_of(OperationState::unknown) == "unknown");
}

}  // namespace
}  // namespace quietus::test
