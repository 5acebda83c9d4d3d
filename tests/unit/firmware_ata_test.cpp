// SPDX-License-Identifier: GPL-3.0-or-later
// ATA drives as the firmware module sees them: what they can do, how a sanitize begins and ends,
// and everything that can go wrong. None of it may end in "succeeded" wrongly.
#include "firmware/ata_identify.h"
#include "firmware_ata_rig.h"

using namespace quietus;
using namespace quietus::test;

TEST_CASE("firmware ata: what a drive says of itself") {
  AtaRig rig;
  rig.ask();
  CHECK(rig.found.commands == CommandSet::ata);
  CHECK(rig.found.identity.model == "FAKE SATA DISK");
  CHECK(rig.found.identity.serial == "FAKEATA001");
  CHECK(rig.found.identity.firmware == "FW01");
  CHECK(rig.found.identity.wwn == "naa.5000c50011223340");
  CHECK(rig.found.identity.size_bytes == kAtaSize);
  for (const Method method : {Method::sanitize_crypto, Method::sanitize_block,
                              Method::sanitize_overwrite, Method::secure_erase}) {
    CHECK(rig.supports(method) == Answer::yes);
    CHECK(rig.why(method).empty());
    CHECK(rig.found.ability(method)->command.find("ACS-4") != std::string::npos);
  }
  CHECK(rig.supports(Method::format) == Answer::no);
  CHECK(rig.found.enhanced_erase);
  CHECK(rig.found.ability(Method::secure_erase)->estimate_s == 240);
  CHECK(rig.found.states.empty());
  CHECK(rig.found.hidden.present == Answer::no);
  CHECK(rig.found.hidden.accessible_bytes == kAtaSize);
  CHECK(rig.found.health.source == "ata_smart");
  CHECK(rig.found.health.reallocated_sectors == 7);
  CHECK(rig.found.health.pending_sectors == 1);
  CHECK(read_identity(rig.drive, CommandSet::ata).value() == rig.found.identity);
  CHECK(read_health(rig.drive, CommandSet::ata).pending_sectors == 1);
  REQUIRE(!rig.found.raw.empty());
  CHECK(rig.found.raw.front().what == "ata_identify");
  CHECK(rig.found.raw.front().bytes.size() == 512);
}

TEST_CASE("firmware ata: asking changes nothing") {
  AtaRig rig;
  rig.ata->hpa_blocks = 8;
  rig.ata->dco_blocks = 8;
  rig.ask();
  static_cast<void>(read_hidden_area(rig.drive, CommandSet::ata));
  CHECK(rig.ata->sanitize_commands() == 0);
  for (const unsigned command : {0xF1U, 0xF2U, 0xF3U, 0xF4U, 0xF5U, 0xF6U, 0x37U, 0xF9U})
    CHECK(rig.ata->count(static_cast<std::uint8_t>(command)) == 0);
  for (const FakeAta::Seen& seen : rig.ata->tape) {
    CHECK(!(seen.command == 0xB1 && seen.feature != 0xC2));
    CHECK(!(seen.command == 0x78 && seen.feature != 0));
  }
}

TEST_CASE("firmware ata: a drive without the feature sets has no such methods") {
  AtaRig rig;
  rig.ata->has_sanitize = false;
  rig.ata->has_security = false;
  rig.ata->has_smart = false;
  rig.ask();
  CHECK(rig.supports(Method::sanitize_block) == Answer::no);
  CHECK(rig.supports(Method::secure_erase) == Answer::no);
  CHECK(rig.found.health.source.empty());
  FirmwareOperation operation(rig.drive, rig.found, {Method::secure_erase, false, {}});
  CHECK(operation.start().error().code == Errc::unsupported);
  CHECK(rig.ata->count(0xF1) == 0);
}

TEST_CASE("firmware ata: one way to sanitize that is not there") {
  AtaRig rig;
  rig.ata->sanitizes = {Method::sanitize_overwrite};
  FirmwareOperation operation = rig.operation(Method::sanitize_crypto);
  CHECK(rig.supports(Method::sanitize_crypto) == Answer::no);
  CHECK(rig.supports(Method::sanitize_overwrite) == Answer::yes);
  CHECK(operation.start().error().code == Errc::unsupported);
  CHECK(rig.ata->sanitize.starts == 0);
}

TEST_CASE("firmware ata: states that forbid are told with their remedy") {
  AtaRig rig;
  SUBCASE("security frozen") {
    rig.ata->frozen = true;
    rig.ask();
    CHECK(rig.found.is_in("security_frozen"));
    CHECK(rig.why(Method::secure_erase).find("frozen") != std::string::npos);
  }
  SUBCASE("locked") {
    rig.ata->set_password("theirs");
    rig.ata->cut_power();
    rig.ask();
    CHECK(rig.found.is_in("security_locked"));
    CHECK(rig.found.is_in("security_enabled"));
    CHECK(!rig.why(Method::secure_erase).empty());
    CHECK(!rig.why(Method::sanitize_block).empty());
  }
  SUBCASE("tries used up") {
    rig.ata->count_expired = true;
    rig.ask();
    CHECK(rig.found.is_in("security_count_expired"));
  }
  SUBCASE("sanitize frozen") {
    rig.ata->sanitize_frozen = true;
    rig.ask();
    CHECK(rig.found.is_in("sanitize_frozen"));
    CHECK(!rig.why(Method::sanitize_block).empty());
  }
  SUBCASE("sanitize running and failed") {
    rig.ata->sanitize.state = FakeSanitize::State::running;
    rig.ask();
    CHECK(rig.found.is_in("sanitize_running"));
    rig.ata->sanitize.state = FakeSanitize::State::failed;
    rig.ask();
    CHECK(rig.found.is_in("sanitize_failed"));
  }
}

TEST_CASE("firmware ata: estimates of the erase in both forms") {
  AtaRig rig;
  const auto estimate = [&](std::uint16_t word) {
    rig.ata->enhanced_time = word;
    return *rig.ask().ability(Method::secure_erase);
  };
  CHECK(estimate(30).estimate_s == 3600);
  CHECK(!estimate(30).estimate_is_least);
  CHECK(estimate(255).estimate_s == 508 * 60);
  CHECK(estimate(255).estimate_is_least);
  CHECK(estimate(0x8100).estimate_s == 256 * 120);
  CHECK(estimate(0xFFFF).estimate_s == 32766 * 120);
  CHECK(estimate(0xFFFF).estimate_is_least);
  CHECK(!estimate(0).estimate_s);
}

TEST_CASE("firmware ata: bridges that hide registers make sanitizing unknown, never started") {
  AtaRig rig;
  for (const auto registers :
       {FakeAta::Registers::bare, FakeAta::Registers::good, FakeAta::Registers::zero}) {
    rig.ata->registers = registers;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    CHECK(rig.supports(Method::sanitize_block) == Answer::unknown);
    CHECK(rig.why(Method::sanitize_block).find("registers") != std::string::npos);
    CHECK(operation.start().error().code == Errc::unsupported);
    CHECK(operation.look().state == OperationState::unknown);
    CHECK(rig.found.hidden.present == Answer::unknown);
    CHECK(!rig.found.hidden.why.empty());
  }
  CHECK(rig.ata->sanitize.starts == 0);
}

TEST_CASE("firmware ata: old bridges know the short form only") {
  AtaRig rig;
  rig.ata->only_short_cdb = true;
  rig.ask();
  CHECK(rig.found.commands == CommandSet::ata);
  CHECK(rig.found.identity.serial == "FAKEATA001");
  CHECK(rig.supports(Method::secure_erase) == Answer::yes);
  // SANITIZE and READ NATIVE MAX ADDRESS EXT have 48 bits, and never reach the drive cut off.
  CHECK(rig.ata->count(0xB4) == 0);
  CHECK(rig.ata->count(0x27) == 0);
  CHECK(rig.supports(Method::sanitize_block) == Answer::unknown);
  CHECK(rig.found.hidden.present == Answer::unknown);
}

TEST_CASE("firmware ata: nothing answers behind what knows no pass-through, or is gone") {
  AtaRig rig;
  rig.ata->no_pass_through = true;
  CHECK(rig.ask().commands == CommandSet::scsi);
  rig.ata->is_gone = true;
  CHECK(rig.ask().commands == CommandSet::none);
  CHECK(!rig.found.unknown_why.empty());
  CHECK(read_identity(rig.drive, CommandSet::ata).error().code == Errc::io);
}

TEST_CASE("firmware ata: a good sanitize, by each way") {
  for (const bool descriptors : {true}) {
    for (const Method method :
         {Method::sanitize_crypto, Method::sanitize_block, Method::sanitize_overwrite}) {
      AtaRig rig;
      rig.ata->descriptor_sense = descriptors;
      FirmwareOperation operation = rig.operation(method);
      CHECK(operation.to_be_recorded().empty());
      REQUIRE(operation.start().ok());
      CHECK(rig.ata->sanitize_commands() == 1);
      rig.clock.wait(kSecond);
      const OperationStatus half = operation.look();
      CHECK(half.state == OperationState::running);
      CHECK(half.progress_ppm == 500'000);
      rig.clock.wait(kSecond);
      const OperationStatus end = operation.look();
      CHECK(end.state == OperationState::succeeded);
      CHECK(!end.reset_seen);
      CHECK(end.pattern.has_value() == (method == Method::sanitize_overwrite));
      REQUIRE(!end.raw.empty());
      CHECK(!end.raw.front().bytes.empty());
      CHECK(!rig.is_untouched());
      CHECK(rig.ata->sanitize_commands() == 1);
    }
  }
}

TEST_CASE("firmware ata: through fixed sense data the end can't be told, and is unknown") {
  AtaRig rig;
  rig.ata->descriptor_sense = false;
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  CHECK(rig.supports(Method::sanitize_block) == Answer::yes);
  REQUIRE(operation.start().ok());
  CHECK(operation.look().state == OperationState::running);
  rig.clock.wait(2 * kSecond);
  CHECK(operation.look().state == OperationState::unknown);
}

TEST_CASE("firmware ata: through fixed sense data a failure is told") {
  AtaRig rig;
  rig.ata->descriptor_sense = false;
  rig.ata->sanitize.failures_left = 1;
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  REQUIRE(operation.start().ok());
  CHECK(rig.wait_for(operation).state == OperationState::failed);
}

TEST_CASE("firmware ata: a sanitize is not begun where it may not be") {
  AtaRig rig;
  SUBCASE("frozen") {
    rig.ata->sanitize_frozen = true;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    const Status status = operation.start();
    CHECK(status.error().code == Errc::permission);
    CHECK(!status.error().hint.empty());
  }
  SUBCASE("frozen between the look and the start") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    int asked = 0;
    rig.ata->before = [&](FakeAta& ata) { ata.sanitize_frozen = ++asked > 1; };
    CHECK(operation.start().error().code == Errc::permission);
  }
  SUBCASE("under way already") {
    rig.ata->sanitize.start(0, Method::sanitize_block, false);
    rig.ata->sanitize.starts = 0;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    CHECK(operation.start().error().code == Errc::busy);
  }
  SUBCASE("locked") {
    rig.ata->set_password("theirs");
    rig.ata->cut_power();
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    CHECK(operation.start().error().code == Errc::permission);
  }
  SUBCASE("gone") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    rig.ata->is_gone = true;
    CHECK(operation.start().error().code != Errc::io);  // it is known that nothing began
    CHECK(operation.look().state == OperationState::unknown);
  }
  CHECK(rig.ata->sanitize.starts == 0);
  CHECK(rig.is_untouched());
}

TEST_CASE("firmware ata: a command that is lost on its way leaves open whether it began") {
  AtaRig rig;
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  int asked = 0;
  rig.ata->before = [&](FakeAta& ata) { ata.is_gone = ++asked == 2; };
  CHECK(operation.start().error().code == Errc::io);
}

TEST_CASE("firmware ata: a failed sanitize, another one, and the way out") {
  AtaRig rig;
  rig.ata->sanitize.failures_left = 1;
  SUBCASE("leaving was not allowed: only another sanitize helps") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    CHECK(rig.wait_for(operation).state == OperationState::failed);
    CHECK(operation.recover().ok());
    CHECK(leave_failure_state(rig.drive, CommandSet::ata).error().code == Errc::permission);
    FirmwareOperation again = rig.operation(Method::sanitize_block);
    REQUIRE(again.start().ok());
    CHECK(rig.wait_for(again).state == OperationState::succeeded);
  }
  SUBCASE("leaving was allowed") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block, true);
    REQUIRE(operation.start().ok());
    CHECK(rig.wait_for(operation).state == OperationState::failed);
    CHECK(leave_failure_state(rig.drive, CommandSet::ata).ok());
    CHECK(!rig.ask().is_in("sanitize_failed"));
    CHECK(operation.look().state == OperationState::never);
  }
}

TEST_CASE("firmware ata: leaving a failure through hidden registers is not known to have worked") {
  AtaRig rig;
  rig.ata->registers = FakeAta::Registers::good;
  CHECK(leave_failure_state(rig.drive, CommandSet::ata).error().code == Errc::io);
}

TEST_CASE("firmware ata: progress that stands still is running") {
  AtaRig rig;
  rig.ata->sanitize.stuck_at = 655;
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  REQUIRE(operation.start().ok());
  rig.clock.wait(3600 * kSecond);
  const OperationStatus status = operation.look();
  CHECK(status.state == OperationState::running);
  CHECK(status.progress_ppm == 9994);
}

TEST_CASE("firmware ata: a command that is swallowed has not succeeded") {
  AtaRig rig;
  rig.ata->sanitize.swallows = true;
  SUBCASE("on a drive that never sanitized") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    rig.clock.wait(10 * kSecond);
    CHECK(operation.look().state == OperationState::never);
  }
  SUBCASE("on a drive that remembers an earlier one") {
    rig.ata->sanitize.state = FakeSanitize::State::succeeded;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    rig.clock.wait(10 * kSecond);
    CHECK(operation.look().state == OperationState::unknown);
  }
  SUBCASE("on one that failed before") {
    rig.ata->sanitize.state = FakeSanitize::State::failed;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    static_cast<void>(operation.start());
    CHECK(operation.look().state == OperationState::failed);
  }
  CHECK(rig.is_untouched());
}

TEST_CASE("firmware ata: registers that vanish on the way are unknown, not idle and not done") {
  AtaRig rig;
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  REQUIRE(operation.start().ok());
  for (const auto registers :
       {FakeAta::Registers::bare, FakeAta::Registers::good, FakeAta::Registers::zero}) {
    rig.ata->registers = registers;
    CHECK(operation.look().state == OperationState::unknown);
    rig.clock.wait(5 * kSecond);
    CHECK(operation.look().state == OperationState::unknown);
  }
}

TEST_CASE("firmware ata: resets during a sanitize") {
  AtaRig rig;
  SUBCASE("it goes on, and the reset is told") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    rig.ata->attentions = 1;
    CHECK(operation.look().reset_seen);
    const OperationStatus end = rig.wait_for(operation);
    CHECK(end.state == OperationState::succeeded);
    CHECK(end.reset_seen);
  }
  SUBCASE("it is forgotten") {
    rig.ata->sanitize.reset = FakeSanitize::Reset::forgets;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    CHECK(rig.wait_for(operation).state == OperationState::never);
    CHECK(rig.is_untouched());
  }
  SUBCASE("the command itself met one") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    int asked = 0;
    rig.ata->before = [&](FakeAta& ata) { ata.attentions = ++asked == 2 ? 1 : 0; };
    CHECK(operation.start().error().code == Errc::busy);
    CHECK(rig.ata->sanitize.starts == 0);
  }
}

TEST_CASE("firmware ata: attached again, also after a power cut") {
  AtaRig rig;
  FirmwareOperation first = rig.operation(Method::sanitize_block);
  REQUIRE(first.start().ok());
  rig.clock.wait(kSecond);
  rig.ata->cut_power(0);
  FirmwareOperation second(rig.drive, rig.found, {Method::sanitize_block, false, {}});
  CHECK(second.look().state == OperationState::running);
  CHECK(rig.wait_for(second).state == OperationState::succeeded);
  CHECK(rig.ata->sanitize_commands() == 1);
}

TEST_CASE("firmware ata: a drive that says nothing but its sanitize's status is still known") {
  AtaRig rig;
  rig.ata->silent_while_sanitizing = true;
  FirmwareOperation first = rig.operation(Method::sanitize_block);
  REQUIRE(first.start().ok());
  rig.ask();
  CHECK(rig.found.commands == CommandSet::ata);
  CHECK(rig.found.identity.serial == "FAKEATA001");
  CHECK(rig.found.is_in("sanitize_running"));
  CHECK(rig.supports(Method::secure_erase) == Answer::unknown);
  CHECK(rig.found.hidden.present == Answer::unknown);
  CHECK(read_identity(rig.drive, CommandSet::ata)->serial == "FAKEATA001");
  CHECK(rig.wait_for(first).state == OperationState::succeeded);
}

TEST_CASE("firmware ata: what a layer keeps is taken whole only") {
  Bytes page(572);
  page[1] = std::byte{0x89};
  page[56] = std::byte{0xEC};
  CHECK(identify_in_page(page).size() == 512);
  CHECK(identify_in_page(std::span(page).first(571)).empty());
  page[56] = std::byte{0xA1};  // IDENTIFY PACKET DEVICE
  CHECK(identify_in_page(page).empty());
}

TEST_CASE("firmware ata: reading past the cache") {
  AtaRig rig;
  rig.ask();
  const auto block = read_block_past_cache(rig.drive, rig.found, 512, 1024);
  REQUIRE(block.ok());
  CHECK(*block == Bytes(1024, std::byte{0xAB}));
  CHECK(read_block_past_cache(rig.drive, rig.found, 100, 512).error().code == Errc::invalid);
  CHECK(read_block_past_cache(rig.drive, rig.found, 0, 100).error().code == Errc::invalid);
  CHECK(read_block_past_cache(rig.drive, rig.found, kAtaSize, 512).error().code == Errc::io);
  rig.ata->no_force_unit_access = true;
  CHECK(read_block_past_cache(rig.drive, rig.found, 0, 512).error().code == Errc::unsupported);
}

TEST_CASE("firmware ata: answers that are of no disk") {
  Bytes identify(512);
  CHECK(!AtaIdentify::decode(identify));  // zeros, as some bridges make up
  CHECK(!AtaIdentify::decode(Bytes(511, std::byte{'A'})));
  identify.assign(512, std::byte{'A'});
  identify[1] = std::byte{0};
  CHECK(AtaIdentify::decode(identify));
  identify[1] = std::byte{0x80};  // word 0 bit 15: a packet device
  CHECK(!AtaIdentify::decode(identify));
  identify[1] = std::byte{0};
  identify[510] = std::byte{0xA5};  // a sum is announced, and is wrong
  CHECK(!AtaIdentify::decode(identify));
}
