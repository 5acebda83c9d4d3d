// SPDX-License-Identifier: GPL-3.0-or-later
// SCSI drives as the firmware module sees them. A drive that is ready says the same whatever came
// before: its word counts only where it was seen at work.
#include <doctest/doctest.h>

#include "quietus/firmware.h"

#include "firmware/scsi_defects.h"
#include "firmware/scsi_erase.h"
#include "firmware/scsi_inquiry.h"
#include "firmware/scsi_opcodes.h"
#include "support/fake_scsi_drive.h"
#include "support/hand_clock.h"
#include "support/memory_medium.h"

using namespace quietus;
using namespace quietus::test;

namespace {

constexpr std::uint64_t kSize = 1U << 20U;
constexpr std::uint64_t kSecond = 1'000'000;

struct Rig {
  HandClock clock;
  std::shared_ptr<FakeScsi> scsi = std::make_shared<FakeScsi>(clock);
  FakeScsiDrive drive{std::make_unique<MemoryMedium>(kSize), scsi};
  DeviceFacts facts;
  DriveAbilities found;

  Rig() {
    facts.kind = DeviceKind::disk;
    facts.bus = "sas";
    const Bytes data(kSize, std::byte{0xAB});
    REQUIRE(drive.inner().write_at(data, 0, Transfer::buffered).ok());
  }

  DriveAbilities& ask() { return found = survey(drive, facts); }
  FirmwareOperation operation(Method method, bool may_leave = false) {
    ask();
    return {drive, found, ActionRequest{method, may_leave, {}}};
  }
  OperationStatus wait_for(FirmwareOperation& operation) {
    OperationStatus status = operation.look();
    for (int i = 0; i < 60 && status.state == OperationState::running; ++i) {
      clock.wait(kSecond);
      status = operation.look();
    }
    return status;
  }
  bool is_untouched() {
    Bytes ends(2);
    REQUIRE(drive.inner().read_at(std::span(ends).first(1), 0, Transfer::buffered).ok());
    REQUIRE(drive.inner().read_at(std::span(ends).last(1), kSize - 1, Transfer::buffered).ok());
    return ends == Bytes(2, std::byte{0xAB});
  }
  Answer supports(Method method) { return found.ability(method)->supported; }
};

std::string cdb_of(const ScsiCommand& command) { return to_hex(command.cdb); }

std::string sanitize_cdb(Method method, bool immediate, bool may_leave) {
  return cdb_of(scsi_sanitize_command(*scsi_sanitize_action(method), immediate, may_leave));
}

Bytes hex(std::string_view text) { return *from_hex(text); }

}  // namespace

TEST_CASE("firmware scsi: golden bytes") {
  CHECK(cdb_of(inquiry_command()) == "120000002400");
  CHECK(cdb_of(vital_data_command(0x83)) == "12018300fc00");
  CHECK(cdb_of(read_capacity_command()) ==
        "9e10000000000000000000000020"
        "0000");
  CHECK(cdb_of(request_sense_command()) == "03000000fc00");
  CHECK(cdb_of(test_unit_ready_command()) == "000000000000");
  CHECK(cdb_of(report_opcode_command(0x48, 2)) == "a30c03480002000000400000");
  CHECK(cdb_of(report_opcode_command(0x04, std::nullopt)) == "a30c01040000000000400000");
  CHECK(cdb_of(read_defects_command(5)) == "b70d00000000000000080000");
  CHECK(cdb_of(read_past_cache_command(0x123456789A, 2, 1024)) ==
        "8808000000123456789a000000020000");
}

TEST_CASE("firmware scsi: golden bytes of what destroys") {
  CHECK(sanitize_cdb(Method::sanitize_overwrite, true, false) == "48810000000000000800");
  CHECK(sanitize_cdb(Method::sanitize_block, true, false) == "48820000000000000000");
  CHECK(sanitize_cdb(Method::sanitize_crypto, true, false) == "48830000000000000000");
  CHECK(sanitize_cdb(Method::sanitize_block, true, true) == "48a20000000000000000");
  CHECK(sanitize_cdb(Method::sanitize_block, false, false) == "48020000000000000000");
  CHECK(cdb_of(exit_failure_mode_command()) == "481f0000000000000000");
  CHECK(scsi_sanitize_action(Method::format) == nullptr);
  const ScsiCommand overwrite =
      scsi_sanitize_command(*scsi_sanitize_action(Method::sanitize_overwrite), true, false);
  CHECK(to_hex(overwrite.data.out) == "0100000400000000");
  CHECK(cdb_of(format_unit_command(true, 0)) == "041000000000");
  CHECK(to_hex(format_unit_command(true, 0).data.out) == "00020000");
  CHECK(to_hex(format_unit_command(false, 0).data.out) == "00000000");
  CHECK(cdb_of(format_unit_command(true, 1)) == "049000000000");
  CHECK(cdb_of(format_unit_command(true, 2)) == "04d000000000");
  CHECK(to_hex(format_unit_command(true, 3).data.out) == "01020000");
}

TEST_CASE("firmware scsi: names of page 83h, the best of the unit's own") {
  // A port's NAA first, then a vendor's text, an EUI and the unit's NAA.
  const Bytes page =
      hex("00830034"
          "611300085000c50000000001"
          "02010008"
          "464f4f2042415220"
          "0102000800255a0000000001"
          "010300085000c500aabbccd0");
  CHECK(decode_name_page(page) == "naa.5000c500aabbccd0");
  CHECK(decode_name_page(hex("0083000c"
                             "0102000800255a0000000001")) == "eui.00255a0000000001");
  CHECK(decode_name_page(hex("00830018"
                             "03080014"
                             "6575692e30303235356130303030303030303031")) ==
        "eui.00255a0000000001");
  CHECK(decode_name_page(hex("0083000c"
                             "010300085000c500"))
            .empty());                                         // cut off
  CHECK(decode_name_page(hex("008000043132333400")).empty());  // another page
  CHECK(decode_name_page({}).empty());
}

TEST_CASE("firmware scsi: serial, inquiry and capacity, whole and short") {
  CHECK(decode_serial_page(hex("00800006"
                               "203132330000")) == "123");
  CHECK(decode_serial_page(hex("008000ff"
                               "3132")) == "12");
  CHECK(decode_serial_page(hex("0080")).empty());
  CHECK(!decode_inquiry(Bytes(35)));
  Bytes absent(36);
  absent[0] = std::byte{0x7F};
  CHECK(!decode_inquiry(absent));
  CHECK(!decode_capacity(Bytes(12)));
  const auto capacity =
      decode_capacity(hex("00000000000007ff"
                          "00000200"
                          "05"
                          "000000"));
  REQUIRE(capacity.has_value());
  CHECK(capacity->blocks == 2048);
  CHECK(capacity->block_bytes == 512);
  CHECK(capacity->protection_type == 3);
  CHECK(
      !decode_capacity(hex("ffffffffffffffff"
                           "00000200"
                           "00"
                           "000000")));
}

TEST_CASE("firmware scsi: supported, not supported, not told") {
  CHECK(decode_opcode_support(hex("00030000")) == Answer::yes);
  CHECK(decode_opcode_support(hex("00850000")) == Answer::yes);
  CHECK(decode_opcode_support(hex("00010000")) == Answer::no);
  CHECK(decode_opcode_support(hex("00000000")) == Answer::unknown);
  CHECK(decode_opcode_support(hex("00020000")) == Answer::unknown);
  CHECK(decode_opcode_support(hex("0003")) == Answer::unknown);
}

TEST_CASE("firmware scsi: defect lists") {
  CHECK(decode_defects(hex("000d000000000018")).reallocated_sectors == 3);
  CHECK(decode_defects(hex("0008000000000018")).reallocated_sectors == 6);
  CHECK(decode_defects(hex("0005000000000018")).source.empty());  // no grown list
  CHECK(decode_defects(hex("000e000000000018")).source.empty());  // a vendor's format
  CHECK(decode_defects(hex("000d0000")).source.empty());
}

TEST_CASE("firmware scsi: what a drive says of itself") {
  Rig rig;
  rig.ask();
  CHECK(rig.found.commands == CommandSet::scsi);
  CHECK(rig.found.identity.model == "FAKE SAS");
  CHECK(rig.found.identity.serial == "FAKESCSI001");
  CHECK(rig.found.identity.firmware == "0001");
  CHECK(rig.found.identity.wwn == "naa.5000c500aabbccd0");
  CHECK(rig.found.identity.size_bytes == kSize);
  for (const Method method :
       {Method::sanitize_crypto, Method::sanitize_block, Method::sanitize_overwrite}) {
    CHECK(rig.supports(method) == Answer::yes);
    CHECK(rig.found.ability(method)->beyond_target);
  }
  CHECK(rig.supports(Method::format) == Answer::yes);
  CHECK(rig.supports(Method::secure_erase) == Answer::no);
  CHECK(rig.found.hidden.present == Answer::unknown);
  CHECK(!rig.found.hidden.why.empty());
  CHECK(rig.found.health.source == "scsi_defect_list");
  CHECK(rig.found.health.reallocated_sectors == 3);
  CHECK(rig.scsi->count(0x48) == 0);
  CHECK(rig.scsi->count(0x04) == 0);
}

TEST_CASE("firmware scsi: abilities that are missing or not told") {
  Rig rig;
  SUBCASE("one service action") {
    rig.scsi->sanitize_actions = {1, 0x1F};
    rig.ask();
    CHECK(rig.supports(Method::sanitize_block) == Answer::no);
    CHECK(rig.supports(Method::sanitize_overwrite) == Answer::yes);
  }
  SUBCASE("the drive does not report what it has") {
    rig.scsi->no_opcode_report = true;
    rig.ask();
    CHECK(rig.supports(Method::sanitize_block) == Answer::unknown);
    CHECK(rig.supports(Method::format) == Answer::unknown);
    CHECK(!rig.found.ability(Method::format)->why.empty());
  }
  SUBCASE("too old a drive to be asked") {
    rig.scsi->version = 4;
    rig.ask();
    CHECK(rig.supports(Method::sanitize_block) == Answer::unknown);
    CHECK(rig.scsi->count(0xA3) == 0);
  }
  SUBCASE("gone") {
    rig.scsi->is_gone = true;
    CHECK(rig.ask().commands == CommandSet::none);
    CHECK(read_identity(rig.drive, CommandSet::scsi).error().code == Errc::io);
  }
}

TEST_CASE("firmware scsi: states") {
  Rig rig;
  rig.scsi->sanitize.state = FakeSanitize::State::running;
  CHECK(rig.ask().is_in("sanitize_running"));
  rig.scsi->sanitize.state = FakeSanitize::State::failed;
  CHECK(rig.ask().is_in("sanitize_failed"));
  rig.scsi->sanitize.state = FakeSanitize::State::idle;
  rig.scsi->format.state = FakeSanitize::State::running;
  CHECK(rig.ask().is_in("format_running"));
}

TEST_CASE("firmware scsi: a good sanitize, by each way and in both sense formats") {
  for (const bool descriptors : {false, true}) {
    for (const Method method :
         {Method::sanitize_crypto, Method::sanitize_block, Method::sanitize_overwrite}) {
      Rig rig;
      rig.scsi->descriptor_sense = descriptors;
      FirmwareOperation operation = rig.operation(method);
      REQUIRE(operation.start().ok());
      rig.clock.wait(kSecond);
      const OperationStatus half = operation.look();
      CHECK(half.state == OperationState::running);
      CHECK(half.progress_ppm == 500'000);
      rig.clock.wait(kSecond);
      const OperationStatus end = operation.look();
      CHECK(end.state == OperationState::succeeded);
      CHECK(!end.reset_seen);
      CHECK(end.pattern.has_value() == (method == Method::sanitize_overwrite));
      CHECK(!rig.is_untouched());
      CHECK(rig.scsi->count(0x48) == 1);
    }
  }
}

TEST_CASE("firmware scsi: a drive done within a second is seen at work by start()") {
  Rig rig;
  rig.scsi->sanitize.duration_us = 1000;
  FirmwareOperation operation = rig.operation(Method::sanitize_crypto);
  REQUIRE(operation.start().ok());
  rig.clock.wait(kSecond);
  CHECK(operation.look().state == OperationState::succeeded);
}

TEST_CASE("firmware scsi: a drive that was never seen at work has not succeeded") {
  Rig rig;
  SUBCASE("it swallows the command") { rig.scsi->sanitize.swallows = true; }
  SUBCASE("it claims to be done at once") { rig.scsi->sanitize.lies = true; }
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  REQUIRE(operation.start().ok());
  rig.clock.wait(10 * kSecond);
  CHECK(operation.look().state == OperationState::unknown);
  CHECK(rig.is_untouched());
}

TEST_CASE("firmware scsi: IMMED that is refused: the command is waited for instead") {
  Rig rig;
  rig.scsi->no_immediate = true;
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  REQUIRE(operation.start().ok());
  CHECK(operation.look().state == OperationState::running);
  CHECK(rig.wait_for(operation).state == OperationState::succeeded);
  CHECK(rig.scsi->sanitize.starts == 1);
}

TEST_CASE("firmware scsi: a command that is waited for and fails") {
  Rig rig;
  rig.scsi->no_immediate = true;
  SUBCASE("by its own end") {
    rig.scsi->sanitize.failures_left = 1;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    CHECK(rig.wait_for(operation).state == OperationState::failed);
  }
  SUBCASE("by a reset") {
    rig.scsi->sanitize.reset = FakeSanitize::Reset::forgets;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    const OperationStatus status = rig.wait_for(operation);
    CHECK(status.state == OperationState::unknown);
    CHECK(status.reset_seen);
  }
}

TEST_CASE("firmware scsi: a failed sanitize, another one, and the way out") {
  Rig rig;
  rig.scsi->sanitize.failures_left = 1;
  SUBCASE("leaving was not allowed") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    CHECK(rig.wait_for(operation).state == OperationState::failed);
    CHECK(leave_failure_state(rig.drive, CommandSet::scsi).error().code == Errc::permission);
    FirmwareOperation again = rig.operation(Method::sanitize_block);
    REQUIRE(again.start().ok());
    CHECK(rig.wait_for(again).state == OperationState::succeeded);
  }
  SUBCASE("leaving was allowed") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block, true);
    REQUIRE(operation.start().ok());
    CHECK(rig.wait_for(operation).state == OperationState::failed);
    CHECK(leave_failure_state(rig.drive, CommandSet::scsi).ok());
    CHECK(!rig.ask().is_in("sanitize_failed"));
  }
}

TEST_CASE("firmware scsi: a failure that only refused commands tell of") {
  Rig rig;
  rig.scsi->sanitize.failures_left = 1;
  rig.scsi->silent_failure = true;
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  REQUIRE(operation.start().ok());
  CHECK(rig.wait_for(operation).state == OperationState::failed);
  CHECK(rig.ask().is_in("sanitize_failed"));
}

TEST_CASE("firmware scsi: progress that stands still is running") {
  Rig rig;
  rig.scsi->sanitize.stuck_at = 655;
  FirmwareOperation operation = rig.operation(Method::sanitize_block);
  REQUIRE(operation.start().ok());
  rig.clock.wait(3600 * kSecond);
  CHECK(operation.look().state == OperationState::running);
  CHECK(operation.look().progress_ppm == 9994);
  CHECK(rig.scsi->count(0x48) == 1);
}

TEST_CASE("firmware scsi: resets during a sanitize") {
  Rig rig;
  SUBCASE("it is forgotten: ready again, and unknown") {
    rig.scsi->sanitize.reset = FakeSanitize::Reset::forgets;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    const OperationStatus status = rig.wait_for(operation);
    CHECK(status.state == OperationState::unknown);
    CHECK(status.reset_seen);
    CHECK(rig.is_untouched());
    CHECK(operation.look().state == OperationState::unknown);
  }
  SUBCASE("it goes on, is seen at work again, and the reset is told") {
    rig.scsi->sanitize.reset = FakeSanitize::Reset::resumes;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    rig.clock.wait(1'100'000);
    CHECK(operation.look().state == OperationState::running);
    const OperationStatus status = rig.wait_for(operation);
    CHECK(status.state == OperationState::succeeded);
    CHECK(status.reset_seen);
  }
  SUBCASE("one after the end, before it was seen, leaves it unknown") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    REQUIRE(operation.start().ok());
    rig.clock.wait(3 * kSecond);
    rig.scsi->attentions = 2;
    CHECK(operation.look().state == OperationState::unknown);
  }
  SUBCASE("one before it is none of its") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    rig.scsi->attentions = 2;
    REQUIRE(operation.start().ok());
    const OperationStatus status = rig.wait_for(operation);
    CHECK(status.state == OperationState::succeeded);
    CHECK(!status.reset_seen);
  }
}

TEST_CASE("firmware scsi: a power cut in the middle of a sanitize") {
  Rig rig;
  FirmwareOperation first = rig.operation(Method::sanitize_block);
  REQUIRE(first.start().ok());
  rig.clock.wait(kSecond);
  rig.scsi->cut_power();
  FirmwareOperation second(rig.drive, rig.found, {Method::sanitize_block, false, {}});
  const OperationStatus status = second.look();
  CHECK(status.state == OperationState::running);
  CHECK(status.reset_seen);
  CHECK(rig.wait_for(second).state == OperationState::succeeded);
  CHECK(rig.scsi->count(0x48) == 1);
}

TEST_CASE("firmware scsi: a sanitize is not begun where it may not be") {
  Rig rig;
  SUBCASE("under way already") {
    rig.scsi->sanitize.state = FakeSanitize::State::running;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    CHECK(operation.start().error().code == Errc::busy);
  }
  SUBCASE("a format is under way") {
    rig.scsi->format.state = FakeSanitize::State::running;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    CHECK(operation.start().error().code == Errc::busy);
  }
  SUBCASE("write protected") {
    rig.scsi->write_protected = true;
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    CHECK(operation.start().error().code == Errc::permission);
  }
  SUBCASE("not there") {
    rig.scsi->sanitize_actions = {};
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    CHECK(operation.start().error().code == Errc::unsupported);
  }
  SUBCASE("gone") {
    FirmwareOperation operation = rig.operation(Method::sanitize_block);
    rig.scsi->is_gone = true;
    CHECK(operation.start().error().code != Errc::io);  // it is known that nothing began
    CHECK(operation.look().state == OperationState::unknown);
  }
  CHECK(rig.scsi->sanitize.starts == 0);
}

TEST_CASE("firmware scsi: attached again") {
  Rig rig;
  FirmwareOperation first = rig.operation(Method::sanitize_block);
  REQUIRE(first.start().ok());
  SUBCASE("while it runs") {
    FirmwareOperation second(rig.drive, rig.found, {Method::sanitize_block, false, {}});
    CHECK(second.look().state == OperationState::running);
    CHECK(rig.wait_for(second).state == OperationState::succeeded);
  }
  SUBCASE("after it ended: the drive does not tell") {
    rig.clock.wait(5 * kSecond);
    FirmwareOperation second(rig.drive, rig.found, {Method::sanitize_block, false, {}});
    CHECK(second.look().state == OperationState::unknown);
  }
  CHECK(rig.scsi->count(0x48) == 1);
}

TEST_CASE("firmware scsi: FORMAT UNIT keeps the protection type") {
  Rig rig;
  rig.scsi->protection_type = 2;
  FirmwareOperation operation = rig.operation(Method::format);
  REQUIRE(operation.start().ok());
  CHECK(operation.look().state == OperationState::running);
  CHECK(rig.wait_for(operation).state == OperationState::succeeded);
  CHECK(!rig.is_untouched());
  for (const ScsiCommand& command : rig.scsi->tape) {
    if (command.cdb[0] == std::byte{0x04}) CHECK(command.cdb[1] == std::byte{0xD0});
  }
}

TEST_CASE("firmware scsi: how FORMAT UNIT fails") {
  Rig rig;
  SUBCASE("the medium's format is corrupted") {
    rig.scsi->format.failures_left = 1;
    FirmwareOperation operation = rig.operation(Method::format);
    REQUIRE(operation.start().ok());
    CHECK(rig.wait_for(operation).state == OperationState::failed);
  }
  SUBCASE("it did nothing") {
    rig.scsi->format.swallows = true;
    FirmwareOperation operation = rig.operation(Method::format);
    REQUIRE(operation.start().ok());
    CHECK(operation.look().state == OperationState::unknown);
  }
  SUBCASE("without IMMED") {
    rig.scsi->no_immediate = true;
    FirmwareOperation operation = rig.operation(Method::format);
    REQUIRE(operation.start().ok());
    CHECK(rig.wait_for(operation).state == OperationState::succeeded);
  }
}

TEST_CASE("firmware scsi: reading past the cache") {
  Rig rig;
  rig.ask();
  CHECK(read_block_past_cache(rig.drive, rig.found, 512, 512).value() ==
        Bytes(512, std::byte{0xAB}));
  rig.scsi->no_force_unit_access = true;
  CHECK(read_block_past_cache(rig.drive, rig.found, 0, 512).error().code == Errc::unsupported);
}
