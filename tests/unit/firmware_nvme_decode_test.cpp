// SPDX-License-Identifier: GPL-3.0-or-later
// The decoders of NVMe and eMMC on bytes that were laid out by hand, cut short, and out of range.
#include <doctest/doctest.h>

#include "firmware/mmc_ext_csd.h"
#include "firmware/nvme_exchange.h"
#include "firmware/nvme_format.h"
#include "firmware/nvme_health.h"
#include "firmware/nvme_sanitize.h"
#include "firmware/nvme_status.h"

namespace quietus::test {
namespace {

using namespace nvme;

/// Zeros but for what is put at the places.
Bytes laid_out(std::size_t size,
               std::initializer_list<std::pair<std::size_t, std::string_view>> fields) {
  Bytes bytes(size);
  for (const auto& [at, hex] : fields) {
    const Bytes value = from_hex(hex).value();
    std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return bytes;
}

TEST_CASE("nvme decode: Identify Controller") {
  const Bytes bytes = laid_out(4096, {{0, "4d14"},
                                      {4, "2020533454455354202020202020202020202020"},
                                      {24, "4d6f64656c2058202020"},
                                      {64, "4657203120202020"},
                                      {78, "0201"},
                                      {80, "00040100"},
                                      {256, "0200"},
                                      {328, "05000020"},
                                      {516, "20000000"},
                                      {524, "06"}});
  const auto controller = controller_from(bytes);
  REQUIRE(controller);
  CHECK(controller->vendor_id == 0x144D);
  CHECK(controller->serial == "S4TEST");
  CHECK(controller->serial_field == "  S4TEST");
  CHECK(controller->model == "Model X");
  CHECK(controller->firmware == "FW 1");
  CHECK(controller->controller_id == 0x0102);
  CHECK(controller->version == 0x00010400);
  CHECK(controller->has_format);
  CHECK(controller->crypto_sanitize);
  CHECK_FALSE(controller->block_sanitize);
  CHECK(controller->overwrite_sanitize);
  CHECK(controller->no_deallocate_inhibited);
  CHECK(controller->namespaces == 32);
  CHECK_FALSE(controller->format_hits_all);
  CHECK(controller->erase_hits_all);
  CHECK(controller->crypto_format);
  for (const std::size_t size : {0U, 1U, 332U, 4095U}) {
    CHECK(controller_from(std::span(bytes).first(size)).error().code == Errc::malformed);
  }
}

TEST_CASE("nvme decode: Identify Namespace") {
  const Bytes bytes = laid_out(4096, {{0, "0000000001000000"},
                                      {25, "03"},  // four formats
                                      {26, "73"},  // format 3, extended; 6:5 do not count
                                      {29, "0a"},
                                      {30, "01"},
                                      {32, "99"},
                                      {33, "0a"},
                                      {104, "00112233445566778899aabbccddeeff"},
                                      {120, "0025388b91c0ffee"},
                                      {140, "08000c00"}});
  const auto space = namespace_from(bytes);
  REQUIRE(space);
  CHECK(space->blocks == 0x100000000U);
  CHECK(space->format_index == 3);
  CHECK(space->extended_metadata);
  CHECK(space->metadata_bytes == 8);
  CHECK(space->block_bytes == 4096);
  CHECK(space->size_bytes() == 0x100000000000U);
  CHECK(space->protection_type == 2);
  CHECK(space->protection_first);
  CHECK(space->shared);
  CHECK(space->format_runs);
  CHECK(space->format_left_percent == 25);
  CHECK(space->deallocated == Deallocated::ones);
  CHECK(space->nguid == "00112233445566778899aabbccddeeff");
  CHECK(space->eui64 == "0025388b91c0ffee");
  CHECK(format_command(*space, 9, EraseSetting::crypto).cdw10 == 0x553);
  CHECK(format_command(*space, 9, EraseSetting::crypto).namespace_id == 9);
  for (const std::size_t size : {0U, 34U, 4095U}) {
    CHECK(namespace_from(std::span(bytes).first(size)).error().code == Errc::malformed);
  }
}

TEST_CASE("nvme decode: more than 16 formats have an index of six bits") {
  const auto space = namespace_from(laid_out(4096, {{25, "3f"}, {26, "63"}, {332, "00000900"}}));
  REQUIRE(space);
  CHECK(space->format_index == 0x33);
  CHECK(space->block_bytes == 512);
  CHECK(format_command(*space, 1, EraseSetting::user_data).cdw10 == 0x3203);
}

TEST_CASE(
    "nvme decode: a format that can't be is refused, and so is a namespace that is not there") {
  CHECK_FALSE(namespace_from(Bytes(4096)));
  CHECK_FALSE(namespace_from(laid_out(4096, {{130, "08"}})));
  CHECK_FALSE(namespace_from(laid_out(4096, {{130, "15"}})));
  CHECK_FALSE(namespace_from(laid_out(4096, {{130, "ff"}})));
  CHECK_FALSE(namespace_from(laid_out(4096, {{0, "ffffffffffffffff"}, {130, "09"}})));
  CHECK(namespace_from(laid_out(4096, {{130, "09"}})));
}

TEST_CASE("nvme decode: the UUID among the descriptors of a namespace") {
  const std::string_view uuid = "00112233445566778899aabbccddeeff";
  const std::string canonical = "00112233-4455-6677-8899-aabbccddeeff";
  CHECK(uuid_from(laid_out(64, {{0, "03100000"}, {4, uuid}})) == canonical);
  CHECK(uuid_from(laid_out(64, {{0, "010800000025388b91c0ffee"}, {12, "03100000"}, {16, uuid}})) ==
        canonical);
  CHECK(uuid_from(laid_out(20, {{0, "03100000"}, {4, uuid}})) == canonical);
  CHECK(uuid_from(laid_out(19, {{0, "03100000"}})).empty());
  CHECK(uuid_from(laid_out(64, {{0, "03100000"}})).empty());
  CHECK(uuid_from(laid_out(64, {{0, "00100000"}, {20, "03100000"}, {24, uuid}})).empty());
  CHECK(uuid_from(laid_out(64, {{0, "03080000"}})).empty());
  CHECK(uuid_from(laid_out(64, {{0, "01ff0000"}})).empty());
  CHECK(uuid_from({}).empty());
}

TEST_CASE("nvme decode: Sanitize Status") {
  const auto log = sanitize_log_from(laid_out(
      512, {{0, "0080320113000000"}, {8, "0a000000ffffffff0100000014000000ffffffff02000000"}}));
  REQUIRE(log);
  CHECK(log->progress == 0x8000);
  CHECK(log->state == SanitizeState::running);
  CHECK(log->passes_done == 6);
  CHECK(log->global_data_erased);
  CHECK(log->action() == 3);
  CHECK(log->command_dword10 == 0x13);
  CHECK(log->overwrite_s == 10U);
  CHECK_FALSE(log->block_erase_s);
  CHECK(log->crypto_erase_s == 1U);
  CHECK(log->overwrite_no_deallocate_s == 20U);
  CHECK_FALSE(log->block_erase_no_deallocate_s);
  CHECK(log->crypto_erase_no_deallocate_s == 2U);
  CHECK(estimate_of(*log, SanitizeAction::overwrite) == 10U);
  CHECK_FALSE(estimate_of(*log, SanitizeAction::block_erase));
  CHECK_FALSE(estimate_of(*log, SanitizeAction::exit_failure_mode));
  CHECK_FALSE(sanitize_log_from(Bytes(31)));

  constexpr std::array kStates{SanitizeState::never,
                               SanitizeState::succeeded,
                               SanitizeState::running,
                               SanitizeState::failed,
                               SanitizeState::succeeded_no_deallocate,
                               SanitizeState::other,
                               SanitizeState::other,
                               SanitizeState::other};
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    Bytes bytes(512);
    bytes[2] = static_cast<std::byte>(0xF8U | i);
    CHECK(sanitize_log_from(bytes)->state == kStates.at(i));
  }
}

TEST_CASE("nvme encode: leaving the failure state, and reading a log") {
  const NvmeCommand leave = sanitize_command(SanitizeAction::exit_failure_mode, true);
  CHECK(leave.opcode == 0x84);
  CHECK(leave.namespace_id == 0);
  CHECK(leave.cdw10 == 1);
  CHECK(name_of(SanitizeAction::exit_failure_mode) ==
        "Sanitize, exit failure mode (NVM Express 1.3, 5.24, SANACT 001b)");
  const NvmeCommand log = log_command(0x81, 512);
  CHECK(log.opcode == 2);
  CHECK(log.namespace_id == 0xFFFFFFFF);
  CHECK(log.cdw10 == 0x007F8081);
  CHECK(log.cdw11 == 0);
  CHECK(log.data.in_bytes == 512);
  CHECK_FALSE(action_of(Method::format));
}

TEST_CASE("nvme decode: health") {
  const auto bytes =
      laid_out(512, {{3, "5f"}, {5, "ff"}, {160, "07000000000000000000000000000000"}});
  const DriveHealth health = health_from(bytes);
  CHECK(health.source == "nvme_log_02h");
  CHECK(health.available_spare_percent == 95U);
  CHECK(health.used_percent == 255U);
  CHECK(health.media_errors == 7U);
  CHECK_FALSE(health.reallocated_sectors);
  CHECK(health.raw.size() == 192);
  CHECK(health_from(laid_out(512, {{168, "01"}})).media_errors == ~std::uint64_t{0});
  CHECK(health_from(Bytes(191)).source.empty());
}

TEST_CASE("nvme status: the bits around the code do not count") {
  CHECK(code_of({0x4000, 0, {}}) == 0);
  CHECK(code_of({0x401D, 0, {}}) == 0x1D);
  CHECK(code_of({0x7F86, 0, {}}) == 0x786);
  CHECK(text_of_status(0) == "success");
  CHECK(text_of_status(0x84) == "format in progress (84h)");
  CHECK(text_of_status(0x3FF) == "status 3h/FFh");
  CHECK(error_of(0x0B, "X").code == Errc::changed);
}

TEST_CASE("mmc decode: the extended CSD register") {
  const Bytes bytes = laid_out(512, {{175, "01"},
                                     {192, "07"},
                                     {212, "00d8e501"},
                                     {223, "01"},
                                     {224, "08"},
                                     {230, "1b"},
                                     {231, "55"},
                                     {254, "3132333435363738"},
                                     {267, "020304"}});
  const auto card = mmc::ext_csd_from(bytes);
  REQUIRE(card);
  CHECK(card->sectors == 0x1E5D800);
  CHECK(card->secure_erase);
  CHECK(card->sanitize);
  CHECK(card->group_bytes == 4U << 20U);
  CHECK(card->firmware == "3132333435363738");
  // 3887 groups of 300 ms.
  CHECK(mmc::erase_seconds(*card, false) == 1167U);
  CHECK(mmc::erase_seconds(*card, true) == 31485U);
  const DriveHealth health = mmc::health_from(*card, bytes);
  CHECK(health.available_spare_percent == 20U);
  CHECK(health.used_percent == 40U);
  CHECK(to_hex(health.raw) == "020304");
  CHECK_FALSE(mmc::ext_csd_from(std::span(bytes).first(511)));
  CHECK_FALSE(mmc::ext_csd_from(Bytes(512)));
  CHECK_FALSE(mmc::ext_csd_from({}));

  mmc::ExtCsd small = *card;
  small.large_groups = false;
  CHECK_FALSE(mmc::erase_seconds(small, false));
  small = *card;
  small.secure_factor = 0;
  CHECK(mmc::erase_seconds(small, false));
  CHECK_FALSE(mmc::erase_seconds(small, true));
}

}  // namespace
}  // namespace quietus::test
