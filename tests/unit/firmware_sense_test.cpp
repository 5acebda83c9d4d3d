// SPDX-License-Identifier: GPL-3.0-or-later
// Sense data in both formats, whole, cut off and odd; ATA registers in both.
#include <doctest/doctest.h>

#include "quietus/text.h"

#include "firmware/sense.h"

using namespace quietus;

namespace {

Bytes hex(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != ' ') plain += c;
  }
  return *from_hex(plain);
}

// Recovered error 00/1D with an ATA Status Return descriptor: 48-bit, COUNT 4000h, LBA 5678h,
// STATUS 50h.
constexpr std::string_view kStatusReturn =
    "72 01 00 1d 00 00 00 0e  09 0c 01 00 40 00 00 78 00 56 00 00 40 50";

}  // namespace

TEST_CASE("firmware sense: key, codes and progress of the fixed format") {
  const auto sense = decode_sense(hex("70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 80 40 00"));
  REQUIRE(sense.has_value());
  CHECK(sense->key == not_ready);
  CHECK(sense->is(0x04, 0x1B));
  CHECK(!sense->deferred);
  CHECK(sense->progress == 0x4000);
  CHECK(text_of(*sense) == "2/04/1b");
}

TEST_CASE("firmware sense: the same in the descriptor format") {
  const auto sense = decode_sense(hex("72 02 04 1b 00 00 00 08  02 06 00 00 80 40 00 00"));
  REQUIRE(sense.has_value());
  CHECK(sense->key == not_ready);
  CHECK(sense->is(0x04, 0x1B));
  CHECK(sense->progress == 0x4000);
}

TEST_CASE("firmware sense: a descriptor in front of the progress is stepped over") {
  const auto sense = decode_sense(
      hex("72 02 04 1b 00 00 00 14  00 0a 80 00 00 00 00 00 00 00 00 01  02 06 00 00 80 00 80 00"));
  REQUIRE(sense.has_value());
  CHECK(sense->progress == 0x0080);
}

TEST_CASE("firmware sense: what is no progress is none") {
  SUBCASE("SKSV is clear") {
    CHECK(!decode_sense(hex("70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 00 40 00"))->progress);
  }
  SUBCASE("with illegal request it points at a field") {
    CHECK(!decode_sense(hex("70 00 05 00 00 00 00 0a 00 00 00 00 24 00 00 cf 00 01"))->progress);
  }
  SUBCASE("the additional length ends before it") {
    CHECK(!decode_sense(hex("70 00 02 00 00 00 00 06 00 00 00 00 04 1b 00 80 40 00"))->progress);
  }
  SUBCASE("cut off by the transport") {
    CHECK(!decode_sense(hex("70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 80 40"))->progress);
    CHECK(!decode_sense(hex("72 02 04 1b 00 00 00 08  02 06 00 00 80 40"))->progress);
  }
}

TEST_CASE("firmware sense: a reported length that is longer than the data is no licence") {
  const Bytes cut = hex("72 02 04 1b 00 00 00 ff  02 06 00 00 80 40 00");
  REQUIRE(decode_sense(cut).has_value());
  CHECK(!decode_sense(cut)->progress);
  CHECK(!decode_registers(hex("72 01 00 1d 00 00 00 ff 09 0c 01"), true));
}

TEST_CASE("firmware sense: deferred errors are of an earlier command") {
  CHECK(decode_sense(hex("71 00 03 00 00 00 00 0a 00 00 00 00 11 00 00 00 00 00"))->deferred);
  CHECK(decode_sense(hex("73 03 11 00 00 00 00 00"))->deferred);
  Bytes deferred = hex(kStatusReturn);
  deferred[0] = std::byte{0x73};
  CHECK(!decode_registers(deferred, true));
}

TEST_CASE("firmware sense: bytes that are none") {
  CHECK(!decode_sense({}));
  CHECK(!decode_sense(hex("00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")));
  CHECK(!decode_sense(hex("70 00")));
  CHECK(!decode_sense(hex("72 01 00")));
  CHECK(!decode_sense(hex("7f 00 02 00 00 00 00 0a")));
}

TEST_CASE("firmware sense: short sense data have no codes") {
  const auto sense = decode_sense(hex("70 00 06"));
  REQUIRE(sense.has_value());
  CHECK(sense->key == unit_attention);
  CHECK(sense->asc == 0);
}

TEST_CASE("firmware registers: of the descriptor, 48 bits") {
  const auto found = decode_registers(
      hex("72 0b 00 00 00 00 00 0e  09 0c 01 04 12 34 aa 78 bb 56 cc dd 40 51"), true);
  REQUIRE(found.has_value());
  CHECK(found->error == 0x04);
  CHECK(found->status == 0x51);
  CHECK(found->failed());
  CHECK(found->count == 0x1234);
  CHECK(found->lba == 0xCCBBAADD5678);
  CHECK(found->lba_low == 0xDD5678);
}

TEST_CASE("firmware registers: 28 bits of address lie in LBA and DEVICE") {
  const auto found = decode_registers(
      hex("72 01 00 1d 00 00 00 0e  09 0c 00 00 00 34 00 78 00 56 00 dd 4a 50"), false);
  REQUIRE(found.has_value());
  CHECK(found->count == 0x34);
  CHECK(found->lba == 0xADD5678);
  const auto fixed =
      decode_registers(hex("70 00 01 00 50 4a 34 0a 00 78 56 dd 00 1d 00 00 00 00"), false);
  REQUIRE(fixed.has_value());
  CHECK(fixed->lba == 0xADD5678);
}

TEST_CASE("firmware registers: the fixed format loses the upper bytes") {
  SUBCASE("they were zero: nothing is lost") {
    const auto found =
        decode_registers(hex("70 00 01 00 50 40 34 0a 80 78 56 12 00 1d 00 00 00 00"), true);
    REQUIRE(found.has_value());
    CHECK(found->count == 0x34);
    CHECK(found->lba == 0x125678);
  }
  SUBCASE("they were not: unknown, not zero") {
    const auto found =
        decode_registers(hex("f0 00 01 00 50 40 34 0a e0 78 56 12 00 1d 00 00 00 00"), true);
    REQUIRE(found.has_value());
    CHECK(!found->count);
    CHECK(!found->lba);
    CHECK(found->count_low == 0x34);
    CHECK(found->lba_low == 0x125678);
  }
  SUBCASE("a layer that leaves EXTEND out does not tell") {
    const auto found =
        decode_registers(hex("70 00 01 00 50 40 34 0a 00 78 56 12 00 1d 00 00 00 00"), true);
    REQUIRE(found.has_value());
    CHECK(!found->count);
    CHECK(!found->lba);
  }
  SUBCASE("nor does a descriptor without it") {
    const auto found = decode_registers(
        hex("72 01 00 1d 00 00 00 0e  09 0c 00 00 00 00 00 78 00 56 00 00 40 50"), true);
    REQUIRE(found.has_value());
    CHECK(!found->count);
    CHECK(!found->lba);
  }
}

TEST_CASE("firmware registers: an aborted command in the fixed format") {
  const auto found =
      decode_registers(hex("70 00 0b 04 51 40 00 0a 80 03 00 00 00 00 00 00 00 00"), true);
  REQUIRE(found.has_value());
  CHECK(found->failed());
  CHECK(found->lba_low == 3);
}

TEST_CASE("firmware registers: what no drive said") {
  SUBCASE("zeros instead of registers") {
    CHECK(!decode_registers(
        hex("72 01 00 1d 00 00 00 0e  09 0c 01 00 00 00 00 00 00 00 00 00 00 00"), true));
    CHECK(!decode_registers(hex("70 00 01 00 00 00 00 0a 00 00 00 00 00 1d 00 00 00 00"), true));
  }
  SUBCASE("a link that nothing answers on") {
    CHECK(!decode_registers(
        hex("72 0b 00 00 00 00 00 0e  09 0c 01 ff ff ff ff ff ff ff ff ff ff ff"), true));
    CHECK(!decode_registers(
        hex("72 0b 00 00 00 00 00 0e  09 0c 01 04 00 00 00 00 00 00 00 00 40 7f"), true));
  }
  SUBCASE("fixed sense of a layer's own, with other fields in those places") {
    CHECK(!decode_registers(hex("f0 00 05 00 50 40 00 0a 80 00 00 00 20 00 00 00 00 00"), true));
  }
  SUBCASE("descriptor sense without the descriptor") {
    CHECK(!decode_registers(hex("72 05 20 00 00 00 00 00"), true));
  }
  SUBCASE("the descriptor cut off") {
    CHECK(!decode_registers(hex("72 01 00 1d 00 00 00 0e  09 0c 01 00 40 00 00 78 00 56 00 00 40"),
                            true));
  }
  SUBCASE("libata before 6.10 wrote the fixed form to other places") {
    CHECK(!decode_registers(hex("70 00 01 00 00 00 00 0a 00 50 40 00 00 1d 00 00 c0 78"), true));
  }
}

TEST_CASE("firmware registers: a drive that was just reset") {
  const auto found = decode_registers(
      hex("72 01 00 1d 00 00 00 0e  09 0c 00 01 00 01 00 01 00 00 00 00 00 50"), false);
  REQUIRE(found.has_value());
  CHECK(found->looks_reset());
  CHECK(!decode_registers(hex(kStatusReturn), true)->looks_reset());
}
