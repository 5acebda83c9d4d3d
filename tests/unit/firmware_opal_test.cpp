// SPDX-License-Identifier: GPL-3.0-or-later
// TCG Opal: what is told of it, and the revert by the PSID.
#include <doctest/doctest.h>

#include "quietus/firmware.h"

#include "firmware_world.h"

namespace quietus::test {
namespace {

struct Opal : NvmeWorld {
  DriveAbilities abilities;
  std::unique_ptr<FirmwareOperation> operation;

  Opal() {
    subsystem->opal.supported = true;
    subsystem->opal.locking_enabled = true;
    subsystem->opal.revert_us = 1'000'000;
    fill();
  }
  Status start(const std::string& psid) {
    attach(psid);
    return operation->start();
  }
  void attach(const std::string& psid) {
    abilities = survey();
    operation = std::make_unique<FirmwareOperation>(*drive, abilities,
                                                    ActionRequest{Method::opal_psid, false, psid});
  }
  OperationStatus look_at_end() {
    clock.pass_us(subsystem->opal.revert_us);
    return operation->look();
  }
};

TEST_CASE("opal: what the system tells of it") {
  Opal world;
  DriveAbilities found = world.survey();
  const MethodAbility* row = found.ability(Method::opal_psid);
  REQUIRE(row != nullptr);
  CHECK(row->supported == Answer::yes);
  CHECK(row->why.empty());
  CHECK(row->beyond_target);
  CHECK(found.states == std::vector<std::string>{"opal_present"});
  world.subsystem->opal.locked = true;
  CHECK(world.survey().states == std::vector<std::string>{"opal_present", "opal_locked"});
  world.subsystem->opal = {};
  found = world.survey();
  CHECK(found.ability(Method::opal_psid)->supported == Answer::no);
  CHECK(found.ability(Method::opal_psid)->why == "the drive has no TCG Opal");
}

TEST_CASE("opal: the right PSID reverts the drive") {
  Opal world;
  world.subsystem->opal.locked = true;
  REQUIRE(world.start(world.subsystem->opal.psid));
  CHECK(world.operation->look().state == OperationState::running);
  const OperationStatus status = world.look_at_end();
  CHECK(status.state == OperationState::succeeded);
  CHECK_FALSE(status.pattern);
  CHECK(status.raw.at(0).what == "opal_status");
  CHECK(to_hex(status.raw.at(0).bytes) == "0000000000000000");
  CHECK(world.content() != Bytes(NvmeWorld::size_bytes, std::byte{0xA5}));
  CHECK_FALSE(world.survey().is_in("opal_locked"));
}

TEST_CASE("opal: a wrong PSID is a failure, and too many lock it out") {
  Opal world;
  world.subsystem->opal.tries_left = 1;
  REQUIRE(world.start("WRONG"));
  OperationStatus status = world.look_at_end();
  CHECK(status.state == OperationState::failed);
  CHECK(status.text == "the drive refused the revert: not authorized: the PSID is wrong");
  REQUIRE(world.start(world.subsystem->opal.psid));
  status = world.look_at_end();
  CHECK(status.state == OperationState::failed);
  CHECK(status.text.find("authority locked out") != std::string::npos);
  CHECK(world.content() == Bytes(NvmeWorld::size_bytes, std::byte{0xA5}));
}

TEST_CASE("opal: without a PSID nothing is sent; a status that has no name is a failure") {
  Opal world;
  const Status started = world.start("");
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::invalid);
  world.subsystem->opal.answers = 99;
  REQUIRE(world.start(world.subsystem->opal.psid));
  const OperationStatus status = world.look_at_end();
  CHECK(status.state == OperationState::failed);
  CHECK(status.text == "the drive refused the revert: method status 99");
}

TEST_CASE("opal: a lost answer and a revert found again are unknown") {
  Opal world;
  REQUIRE(world.start(world.subsystem->opal.psid));
  world.subsystem->reset();
  CHECK(world.look_at_end().state == OperationState::unknown);
  world.attach(world.subsystem->opal.psid);
  CHECK(world.operation->look().state == OperationState::unknown);
}

TEST_CASE("opal: a drive that says it reverted and did not keeps its blocks") {
  Opal world;
  world.subsystem->opal.swallows = true;
  REQUIRE(world.start(world.subsystem->opal.psid));
  CHECK(world.look_at_end().state == OperationState::succeeded);
  CHECK(world.content() == Bytes(NvmeWorld::size_bytes, std::byte{0xA5}));
}

}  // namespace
}  // namespace quietus::test
