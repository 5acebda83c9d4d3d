// SPDX-License-Identifier: GPL-3.0-or-later
// eMMC: the user area erased in one row of commands, and what its status tells.
#include <doctest/doctest.h>

#include "quietus/firmware.h"

#include "firmware/mmc_erase.h"
#include "firmware_world.h"

namespace quietus::test {
namespace {

struct Erase : MmcWorld {
  DriveAbilities abilities;
  std::unique_ptr<FirmwareOperation> operation;

  Status start(Method method) {
    fill();
    abilities = survey();
    operation =
        std::make_unique<FirmwareOperation>(card, abilities, ActionRequest{method, false, {}});
    return operation->start();
  }
  OperationStatus look_at_end() {
    clock.pass_us(state->erase_us);
    return operation->look();
  }
};

std::vector<std::pair<std::uint32_t, std::uint32_t>> sent_in(const MmcCommand& row) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> commands{{row.opcode, row.argument}};
  for (const MmcCommand& next : row.next) commands.emplace_back(next.opcode, next.argument);
  return commands;
}

using Row = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST_CASE("mmc: a survey tells what the register says") {
  MmcWorld world;
  DriveAbilities found = world.survey();
  CHECK(found.commands == CommandSet::mmc);
  CHECK(found.identity.model == "FAKEMMC");
  CHECK(found.identity.serial == "0x00112233");
  CHECK(found.identity.firmware == "0a00000000000000");
  CHECK(found.identity.size_bytes == MmcWorld::size_bytes);
  CHECK(found.ability(Method::sanitize_block)->supported == Answer::yes);
  CHECK(found.ability(Method::secure_erase)->supported == Answer::yes);
  CHECK(found.ability(Method::sanitize_crypto)->supported == Answer::no);
  CHECK(found.ability(Method::format)->supported == Answer::no);
  CHECK(found.ability(Method::opal_psid)->supported == Answer::no);
  CHECK_FALSE(found.ability(Method::sanitize_block)->beyond_target);
  // 4 groups of 512 KiB, 600 ms each, four times as long when secure.
  CHECK(found.ability(Method::secure_erase)->estimate_s == 10U);
  CHECK(found.hidden.present == Answer::no);
  CHECK(found.health.source == "emmc_ext_csd");
  CHECK(found.health.used_percent == 20U);
  CHECK_FALSE(found.health.available_spare_percent);
  CHECK(to_hex(found.health.raw) == "010202");
  CHECK(world.state->rows.empty());

  world.state->features = 0x10;
  world.state->end_of_life = 3;
  found = world.survey();
  CHECK(found.ability(Method::sanitize_block)->supported == Answer::no);
  CHECK(found.ability(Method::secure_erase)->supported == Answer::no);
  CHECK(found.health.available_spare_percent == 10U);
  world.state->revision = 6;
  CHECK(world.survey().health.source.empty());
}

TEST_CASE("mmc: a secure erase of all groups, in one row") {
  Erase world;
  REQUIRE(world.start(Method::secure_erase));
  CHECK(world.operation->look().state == OperationState::running);
  const OperationStatus status = world.look_at_end();
  CHECK(status.state == OperationState::succeeded);
  CHECK(to_hex(status.raw.at(0).bytes) == "00000900000009000000090000000900");
  REQUIRE(world.state->rows.size() == 1);
  CHECK(sent_in(world.state->rows[0]) ==
        Row{{35, 0}, {36, MmcWorld::size_bytes - 512}, {38, 0x80000000}, {13, 0x10000}});
  CHECK(world.content() == Bytes(MmcWorld::size_bytes));
}

TEST_CASE("mmc: erase and sanitize in one row") {
  Erase world;
  REQUIRE(world.start(Method::sanitize_block));
  CHECK(world.look_at_end().state == OperationState::succeeded);
  REQUIRE(world.state->rows.size() == 1);
  CHECK(sent_in(world.state->rows[0]) ==
        Row{{35, 0}, {36, MmcWorld::size_bytes - 512}, {38, 0}, {6, 0x03A50101}, {13, 0x10000}});
  CHECK(world.content() == Bytes(MmcWorld::size_bytes));
}

TEST_CASE("mmc: cards beyond 2 GiB are addressed by sector") {
  mmc::ExtCsd card;
  card.sectors = 0x400000;
  CHECK(mmc::erase_command(card, mmc::EraseKind::secure).next.at(0).argument == 0x7FFFFE00);
  card.sectors = 0x400001;
  CHECK(mmc::erase_command(card, mmc::EraseKind::secure).next.at(0).argument == 0x400000);
}

TEST_CASE("mmc: an error in any status is a failure") {
  for (int i = 0; i < 2; ++i) {
    Erase world;
    (i == 0 ? world.state->row_breaks : world.state->is_protected) = true;
    REQUIRE(world.start(Method::sanitize_block));
    CHECK(world.look_at_end().state == OperationState::failed);
    CHECK(world.content() == Bytes(MmcWorld::size_bytes, std::byte{0xA5}));
  }
  CHECK_FALSE(mmc::has_error({0x900, {}, {0x900, 0}}));
  CHECK(mmc::has_error({0x900, {}, {0x900, 0x80000900}}));
  CHECK(mmc::has_error({0x08000900, {}, {}}));
}

TEST_CASE("mmc: a lost answer and an erase found again are unknown") {
  Erase world;
  REQUIRE(world.start(Method::secure_erase));
  world.state->reset();
  CHECK(world.look_at_end().state == OperationState::unknown);
  FirmwareOperation again(world.card, world.abilities, {Method::secure_erase, false, {}});
  CHECK(again.look().state == OperationState::unknown);
}

TEST_CASE("mmc: a device that is not the user area is left alone") {
  Erase world;
  world.state->sectors = 8192;
  const Status started = world.start(Method::secure_erase);
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::changed);
  CHECK(world.state->rows.empty());
  CHECK(world.abilities.ability(Method::secure_erase)->supported == Answer::unknown);
  CHECK(world.abilities.hidden.present == Answer::unknown);
  CHECK_FALSE(read_identity(world.card, CommandSet::mmc));
}

TEST_CASE("mmc: what a card does not offer is not sent to it") {
  Erase world;
  world.state->features = 0;
  for (const Method method :
       {Method::secure_erase, Method::sanitize_block, Method::sanitize_crypto, Method::format}) {
    const Status started = world.start(method);
    REQUIRE_FALSE(started);
    CHECK(started.error().code == Errc::unsupported);
  }
  CHECK(world.state->rows.empty());
}

TEST_CASE("mmc: an SD card is not known to have anything") {
  MmcWorld world;
  world.state->is_sd = true;
  const DriveAbilities found = world.survey();
  CHECK(found.commands == CommandSet::none);
  for (const MethodAbility& row : found.methods) CHECK(row.supported == Answer::unknown);
}

TEST_CASE("mmc: a drive that does nothing or keeps a block is not found out by its status") {
  Erase world;
  world.state->kept_block = 3;
  REQUIRE(world.start(Method::sanitize_block));
  CHECK(world.look_at_end().state == OperationState::succeeded);
  CHECK(world.content()[3 * 512] == std::byte{0xA5});
  world.state->swallows = true;
  REQUIRE(world.start(Method::sanitize_block));
  CHECK(world.look_at_end().state == OperationState::succeeded);
  CHECK(world.content() == Bytes(MmcWorld::size_bytes, std::byte{0xA5}));
}

TEST_CASE("mmc: nothing is read past the cache, and there is no failure state") {
  MmcWorld world;
  CHECK(read_block_past_cache(world.card, world.survey(), 0, 512).error().code ==
        Errc::unsupported);
  CHECK(leave_failure_state(world.card, CommandSet::mmc).error().code == Errc::unsupported);
  CHECK(restore_hidden_area(world.card, CommandSet::mmc)->present == Answer::no);
  world.state->is_gone = true;
  CHECK(read_hidden_area(world.card, CommandSet::mmc).present == Answer::unknown);
  CHECK(read_health(world.card, CommandSet::mmc).source.empty());
}

}  // namespace
}  // namespace quietus::test
