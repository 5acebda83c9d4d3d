// SPDX-License-Identifier: GPL-3.0-or-later
// Golden bytes of every ATA command in its SCSI one; what comes back of them.
#include <algorithm>
#include <doctest/doctest.h>

#include "firmware/ata_hidden_area.h"
#include "firmware/ata_sanitize.h"
#include "firmware/ata_security.h"
#include "firmware/ata_smart.h"

using namespace quietus;

namespace {

std::string cdb_of(const AtaCommand& command) {
  return to_hex(ata_pass_through(command, AtaForm::long_cdb).cdb);
}

std::string sanitize_cdb(Method method, bool may_leave = false) {
  return cdb_of(ata_sanitize_command(*ata_sanitize_action(method), may_leave));
}

}  // namespace

TEST_CASE("firmware ata: the long form carries every field of a 48-bit command") {
  AtaCommand command;
  command.command = 0xB4;
  command.feature = 0x1234;
  command.count = 0x5678;
  command.lba = 0xAABBCCDDEEFF;
  command.is_extended = true;
  command.wants_registers = true;
  CHECK(cdb_of(command) == "85072012345678ccffbbeeaadd40b400");
}

TEST_CASE("firmware ata: IDENTIFY DEVICE, in both forms") {
  const ScsiCommand wide = ata_pass_through(identify_command(), AtaForm::long_cdb);
  CHECK(to_hex(wide.cdb) ==
        "85080e00000001000000000000"
        "40ec00");
  CHECK(wide.data.in_bytes == 512);
  const ScsiCommand narrow = ata_pass_through(identify_command(), AtaForm::short_cdb);
  CHECK(to_hex(narrow.cdb) ==
        "a1080e0001000000"
        "40ec0000");
}

TEST_CASE("firmware ata: SANITIZE DEVICE") {
  CHECK(sanitize_cdb(Method::sanitize_crypto) ==
        "85072000110000437000790072"
        "40b400");
  CHECK(sanitize_cdb(Method::sanitize_block) ==
        "850720001200004272004500"
        "6b40b400");
  CHECK(sanitize_cdb(Method::sanitize_overwrite) ==
        "8507200014000100005700"
        "4f0040b400");
  CHECK(sanitize_cdb(Method::sanitize_block, true) ==
        "850720001200104272004500"
        "6b40b400");
  CHECK(sanitize_cdb(Method::sanitize_overwrite, true) ==
        "8507200014001100005700"
        "4f0040b400");
  CHECK(cdb_of(ata_sanitize_status_command()) ==
        "85072000000000000000000000"
        "40b400");
  CHECK(cdb_of(ata_sanitize_status_command(true)) ==
        "85072000000001000000000000"
        "40b400");
  CHECK(ata_sanitize_action(Method::secure_erase) == nullptr);
}

TEST_CASE("firmware ata: SECURITY commands carry 512 bytes with the password known to all") {
  const AtaCommand erase = erase_unit_command(true);
  CHECK(cdb_of(erase) ==
        "850a2600000001000000000000"
        "40f400");
  REQUIRE(erase.out.size() == 512);
  CHECK(to_hex(Bytes(erase.out.begin(), erase.out.begin() + 12)) == "020071756965747573000000");
  CHECK(std::count(erase.out.begin() + 9, erase.out.end(), std::byte{0}) == 512 - 9);
  CHECK(erase_unit_command(false).out[0] == std::byte{0});

  CHECK(cdb_of(set_password_command()) ==
        "850a2600000001000000000000"
        "40f100");
  CHECK(set_password_command().out[0] == std::byte{0});  // the user's
  CHECK(set_password_command().out[1] == std::byte{0});  // level high
  CHECK(cdb_of(unlock_command()) ==
        "850a2600000001000000000000"
        "40f200");
  CHECK(cdb_of(disable_password_command()) ==
        "850a2600000001000000000000"
        "40f600");
  CHECK(cdb_of(erase_prepare_command()) ==
        "85062000000000000000000000"
        "40f300");
}

TEST_CASE("firmware ata: commands about hidden addresses") {
  CHECK(cdb_of(read_native_max_command(true)) ==
        "85072000000000000000000000"
        "402700");
  CHECK(cdb_of(read_native_max_command(false)) ==
        "85062000000000000000000000"
        "40f800");
  CHECK(cdb_of(set_max_command(true, 0x123456789A)) ==
        "85072000000001349a127800"
        "56403700");
  CHECK(cdb_of(set_max_command(false, 0xA123456)) ==
        "85062000000001005600340012"
        "4af900");
  CHECK(cdb_of(get_native_max_command()) ==
        "85072000000000000000000000"
        "407800");
  CHECK(cdb_of(set_accessible_max_command(0x123456789A)) ==
        "85072000010000349a127800"
        "56407800");
  CHECK(cdb_of(overlay_identify_command()) ==
        "85080e00c20001000000000000"
        "40b100");
  CHECK(cdb_of(overlay_restore_command()) ==
        "85062000c00000000000000000"
        "40b100");
}

TEST_CASE("firmware ata: SMART READ DATA") {
  CHECK(cdb_of(smart_read_data_command()) ==
        "85080e00d000010000004f00c2"
        "40b000");
}

TEST_CASE("firmware ata: SMART data are taken with a right sum only") {
  Bytes data(512);
  data[2] = std::byte{5};
  data[7] = std::byte{0x34};
  data[8] = std::byte{0x12};
  data[11] = std::byte{9};  // of the vendor's own
  data[14] = std::byte{197};
  data[19] = std::byte{2};
  unsigned sum = 0;
  for (const std::byte one : data) sum += static_cast<unsigned>(one);
  data[511] = static_cast<std::byte>(0U - sum);
  const DriveHealth health = decode_smart(data);
  CHECK(health.source == "ata_smart");
  CHECK(health.reallocated_sectors == 0x1234);
  CHECK(health.pending_sectors == 2);
  data[511] ^= std::byte{1};
  CHECK(decode_smart(data).source.empty());
  CHECK(decode_smart(Bytes(512)).source.empty());
  CHECK(decode_smart(Bytes(100)).source.empty());
}

TEST_CASE("firmware ata: a device configuration is taken with a right sum only") {
  Bytes data(512);
  data[6] = std::byte{0xFF};
  data[8] = std::byte{0x01};
  data[510] = std::byte{0xA5};
  data[511] = std::byte{static_cast<std::uint8_t>(0x100 - (0xFF + 0x01 + 0xA5 - 0x100))};
  CHECK(decode_overlay(data) == 0x100FF);
  data[6] = std::byte{0xFE};
  CHECK(!decode_overlay(data));
  CHECK(!decode_overlay(Bytes(512)));
  CHECK(!decode_overlay(Bytes(511)));
}

namespace {

AtaOutcome outcome_from(std::uint8_t status, std::string_view sense) {
  ScsiReply reply;
  reply.status = status;
  reply.sense = *from_hex(sense);
  return ata_outcome(*outcome_of(DeviceReply{reply}), true);
}

}  // namespace

TEST_CASE("firmware ata: how a command ended") {
  using End = AtaOutcome::End;
  CHECK(outcome_from(0x00, "").end == End::done);
  CHECK(!outcome_from(0x00, "").registers);
  CHECK(outcome_from(0x02, "7201001d0000000e090c010040000078005600004050").end == End::done);
  CHECK(outcome_from(0x02, "720b00000000000e090c010440000078005600004051").end == End::refused);
  CHECK(outcome_from(0x02, "7205200000000000").end == End::refused);
  CHECK(outcome_from(0x02, "7206290000000000").end == End::attention);
  CHECK(outcome_from(0x02, "7206290000000000").tells_reset());
  CHECK(!outcome_from(0x02, "72062a0100000000").tells_reset());
  CHECK(outcome_from(0x02, "").end == End::unknown);
  CHECK(outcome_from(0x08, "").end == End::unknown);  // BUSY
  CHECK(outcome_from(0x02, "7305200000000000").end == End::unknown);
}

TEST_CASE("firmware ata: an adapter that lost a command has not ended it") {
  ScsiReply reply;
  reply.host_status = 7;
  CHECK(outcome_of(DeviceReply{reply}).error().code == Errc::io);
  CHECK(outcome_of(DeviceReply{NvmeReply{}}).error().code == Errc::internal);
}

TEST_CASE("firmware ata: SANITIZE STATUS EXT by its registers") {
  using Kind = AtaSanitizeStatus::Kind;
  const auto status = [](std::string_view sense) {
    return decode_sanitize_status(outcome_from(0x02, sense));
  };
  SUBCASE("idle") {
    CHECK(status("7201001d0000000e090c0100000000ff00ff00004050").kind == Kind::idle);
  }
  SUBCASE("running") {
    const auto running = status("7201001d0000000e090c010040000000008000004050");
    CHECK(running.kind == Kind::running);
    CHECK(running.progress == 0x8000);
  }
  SUBCASE("completed") {
    CHECK(status("7201001d0000000e090c0100800000ff00ff00004050").kind == Kind::succeeded);
  }
  SUBCASE("frozen") {
    const auto frozen = status("7201001d0000000e090c0100200000ff00ff00004050");
    CHECK(frozen.kind == Kind::idle);
    CHECK(frozen.frozen);
    CHECK(status("720b00000000000e090c010400000003000000004051").frozen);
  }
  SUBCASE("failed") {
    const auto failed = status("720b00000000000e090c010400000001000000004051");
    CHECK(failed.kind == Kind::failed);
    CHECK(failed.reason == 1);
  }
  SUBCASE("aborted without a reason says nothing of the state") {
    const auto aborted = status("720b00000000000e090c010400000000000000004051");
    CHECK(aborted.kind == Kind::unknown);
    CHECK(aborted.reason == 0);
  }
  SUBCASE("fixed format: idle and failed are told, completed can't be") {
    CHECK(status("700001005040000a80ffff00001d00000000").kind == Kind::idle);
    CHECK(status("70000b045140000a80010000000000000000").kind == Kind::failed);
    CHECK(status("700001005040000ac0ffff00001d00000000").kind == Kind::ended);
  }
  SUBCASE("fixed format: progress tells that it runs") {
    const auto running = status("700001005040000ac0008000001d00000000");
    CHECK(running.kind == Kind::running);
    CHECK(running.progress == 0x8000);
  }
  SUBCASE("no registers: unknown, never idle") {
    CHECK(decode_sanitize_status(outcome_from(0x00, "")).kind == Kind::unknown);
    CHECK(status("7201001d00000000").kind == Kind::unknown);
    CHECK(status("7201001d0000000e090c010000000000000000000000").kind == Kind::unknown);
  }
}
