// SPDX-License-Identifier: GPL-3.0-or-later
// HPA, AMAC and DCO: found, opened up, left and told.
#include <algorithm>

#include "firmware_ata_rig.h"

using namespace quietus;
using namespace quietus::test;

TEST_CASE("firmware ata: hidden addresses are found, each kind and all together") {
  AtaRig rig;
  const auto hidden = [&] { return read_hidden_area(rig.drive, CommandSet::ata); };
  SUBCASE("HPA") {
    rig.ata->hpa_blocks = 100;
    const HiddenAreaFacts found = hidden();
    CHECK(found.present == Answer::yes);
    CHECK(found.kinds == std::vector<std::string>{"hpa"});
    CHECK(found.accessible_bytes == (kAtaBlocks - 100) * 512);
    CHECK(found.native_bytes == kAtaSize);
  }
  SUBCASE("AMAC") {
    rig.ata->has_hpa = false;
    rig.ata->amac_blocks = 100;
    CHECK(hidden().kinds == std::vector<std::string>{"amac"});
    CHECK(hidden().native_bytes == kAtaSize);
  }
  SUBCASE("DCO") {
    rig.ata->dco_blocks = 100;
    CHECK(hidden().kinds == std::vector<std::string>{"dco"});
    CHECK(hidden().native_bytes == kAtaSize);
  }
  SUBCASE("HPA above DCO") {
    rig.ata->hpa_blocks = 100;
    rig.ata->dco_blocks = 50;
    CHECK(hidden().kinds == std::vector<std::string>{"hpa", "dco"});
    CHECK(hidden().accessible_bytes == (kAtaBlocks - 150) * 512);
    CHECK(hidden().native_bytes == kAtaSize);
  }
  SUBCASE("none at all, and no feature set for it") {
    rig.ata->has_hpa = false;
    CHECK(hidden().present == Answer::no);
  }
  SUBCASE("a frozen DCO is unknown, not none") {
    rig.ata->has_dco = true;
    rig.ata->dco_frozen = true;
    CHECK(hidden().present == Answer::unknown);
    CHECK(hidden().native_bytes == 0);
    CHECK(!hidden().why.empty());
  }
  SUBCASE("an HPA that is seen stays seen beside a DCO that is not told") {
    rig.ata->hpa_blocks = 100;
    rig.ata->has_dco = true;
    rig.ata->dco_frozen = true;
    CHECK(hidden().present == Answer::yes);
    CHECK(!hidden().why.empty());
  }
  SUBCASE("through fixed sense data: small drives lose nothing") {
    rig.ata->hpa_blocks = 100;
    rig.ata->descriptor_sense = false;
    CHECK(hidden().present == Answer::yes);
  }
}

TEST_CASE("firmware ata: hidden addresses are opened up") {
  AtaRig rig;
  const auto restore = [&] { return restore_hidden_area(rig.drive, CommandSet::ata).value(); };
  SUBCASE("HPA: the set follows the read directly, and lasts") {
    rig.ata->hpa_blocks = 100;
    CHECK(restore().present == Answer::no);
    CHECK(rig.drive.geometry()->size_bytes == kAtaSize);
    const auto& tape = rig.ata->tape;
    const auto set = std::find_if(tape.begin(), tape.end(),
                                  [](const FakeAta::Seen& one) { return one.command == 0x37; });
    REQUIRE(set != tape.end());
    CHECK((set - 1)->command == 0x27);
    CHECK(set->count == 1);
    CHECK(set->lba == kAtaBlocks - 1);
  }
  SUBCASE("AMAC") {
    rig.ata->has_hpa = false;
    rig.ata->amac_blocks = 100;
    CHECK(restore().present == Answer::no);
    CHECK(rig.drive.geometry()->size_bytes == kAtaSize);
  }
  SUBCASE("HPA, then DCO") {
    rig.ata->hpa_blocks = 100;
    rig.ata->dco_blocks = 50;
    CHECK(restore().present == Answer::no);
    CHECK(rig.drive.geometry()->size_bytes == kAtaSize);
  }
  SUBCASE("one change in each power cycle: the rest is left and told") {
    rig.ata->one_change = true;
    rig.ata->hpa_blocks = 100;
    rig.ata->dco_blocks = 50;
    const HiddenAreaFacts first = restore();
    CHECK(first.present == Answer::yes);
    CHECK(first.kinds == std::vector<std::string>{"dco"});
    CHECK(first.why.find("power cycle") != std::string::npos);
    rig.ata->cut_power();
    CHECK(restore().present == Answer::no);
  }
  SUBCASE("frozen: left and told") {
    rig.ata->hpa_blocks = 100;
    rig.ata->max_frozen = true;
    const HiddenAreaFacts found = restore();
    CHECK(found.present == Answer::yes);
    CHECK(found.why.find("SET MAX ADDRESS") != std::string::npos);
  }
  SUBCASE("nothing hidden: nothing sent") {
    CHECK(restore().present == Answer::no);
    CHECK(rig.ata->count(0x37) == 0);
  }
  CHECK(rig.is_untouched());
}
