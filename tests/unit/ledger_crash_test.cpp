// SPDX-License-Identifier: GPL-3.0-or-later
// Crashes and faults at every operation: the log is intact with or without the new events, and the
// next append works.
#include <doctest/doctest.h>

#include "ledger_world.h"
#include "support/lying_medium.h"

namespace quietus::test {
namespace {

enum class After { error, power_loss };

// One world: a fault at the n-th operation of opening (or appending), then a restart without
// faults.
struct Trial {
  bool persistent = false;
  After after = After::error;

  // What must hold at any time, and that the next append mends the rest.
  static void check_restart(LedgerWorld& world, bool reported_done, const std::string& type) {
    CHECK(world.damage() == "");
    Ledger ledger = world.open();
    CHECK(world.damage() == "");
    const auto next = ledger.append({event("asset.released", "next")});
    REQUIRE(next.ok());
    CHECK(world.damage() == "");
    CHECK(world.check().unsigned_tail == 0);
    CHECK(world.check().bodies_missing == 0);
    const auto entries = world.entries();
    CHECK((*next)[0].index + 1 == entries.size());
    CHECK(entries[0].type == "ledger.created");
    std::size_t times = 0;
    for (const LedgerEntry& entry : entries) times += entry.type == type ? 1U : 0U;
    CHECK((times == 0 || times == 2));
    if (reported_done) CHECK(times == 2);
  }

  [[nodiscard]] bool append(std::uint64_t nth, const std::string& tail) const {
    LedgerWorld world;
    REQUIRE(world.open().append({event("asset.held", "before")}).ok());
    world.platform.set_content(LedgerWorld::kEntries, world.text(LedgerWorld::kEntries) + tail);
    FaultPlatform faulty(world.platform);
    auto opened = Ledger::open(faulty.open_directory("/l").value(), LedgerWorld::kOrigin, world.key,
                               world.clock, world.random);
    REQUIRE(opened.ok());
    faulty.faults().persistent = persistent;
    faulty.faults().fail_at = faulty.faults().seen() + nth;
    const auto done = opened->append({event("sanitize.started", "1"), event("sanitize.started")});
    const bool struck = !faulty.faults().struck().empty();
    CAPTURE(nth);
    CAPTURE(faulty.faults().struck());
    if (after == After::power_loss) world.platform.lose_power();
    check_restart(world, done.ok(), "sanitize.started");
    return struck;
  }

  [[nodiscard]] bool create(std::uint64_t nth) const {
    LedgerWorld world;
    FaultPlatform faulty(world.platform);
    auto folder = faulty.open_directory("/l").value();
    faulty.faults().persistent = persistent;
    faulty.faults().fail_at = faulty.faults().seen() + nth;
    const auto made =
        Ledger::open(std::move(folder), LedgerWorld::kOrigin, world.key, world.clock, world.random);
    const bool struck = !faulty.faults().struck().empty();
    CAPTURE(nth);
    CAPTURE(faulty.faults().struck());
    if (after == After::power_loss) world.platform.lose_power();
    if (made) CHECK(world.types() == "ledger.created ");
    if (world.platform.exists("/l/origin")) CHECK(world.damage() == "");
    const Ledger again = world.open();
    CHECK(world.entries()[0].type == "ledger.created");
    CHECK(world.check().unsigned_tail == 0);
    CHECK(world.damage() == "");
    return struck;
  }
};

const std::vector<Trial> kTrials = {{false, After::error},
                                    {true, After::error},
                                    {false, After::power_loss},
                                    {true, After::power_loss}};

TEST_CASE("ledger: any operation of an append may fail") {
  for (const Trial& trial : kTrials) {
    CAPTURE(trial.persistent);
    const auto faults =
        fail_each_operation([&](std::uint64_t nth) { return trial.append(nth, ""); });
    CHECK(faults > 40);
  }
}

TEST_CASE("ledger: any operation of an append that mends may fail") {
  for (const Trial& trial : kTrials) {
    CAPTURE(trial.persistent);
    const auto faults =
        fail_each_operation([&](std::uint64_t nth) { return trial.append(nth, "{\"v\":1,"); });
    CHECK(faults > 40);
  }
}

TEST_CASE("ledger: any operation of making a log may fail") {
  for (const Trial& trial : kTrials) {
    CAPTURE(trial.persistent);
    const auto faults = fail_each_operation([&](std::uint64_t nth) { return trial.create(nth); });
    CHECK(faults > 40);
  }
}

TEST_CASE("ledger: crash upon crash upon crash") {
  LedgerWorld world;
  world.open();
  std::uint64_t succeeded = 0;
  for (std::uint64_t round = 0; round < 150; ++round) {
    FaultPlatform faulty(world.platform);
    auto opened = Ledger::open(faulty.open_directory("/l").value(), LedgerWorld::kOrigin, world.key,
                               world.clock, world.random);
    REQUIRE(opened.ok());
    faulty.faults().persistent = true;
    faulty.faults().fail_at = faulty.faults().seen() + 1 + (round * 37) % 75;
    if (opened->append({event("asset.held", std::to_string(round))})) ++succeeded;
    if (round % 2 == 0) world.platform.lose_power();
    CAPTURE(round);
    CAPTURE(faulty.faults().struck());
    REQUIRE(world.damage() == "");
  }
  CHECK(succeeded > 10);
  REQUIRE(world.open().append({event("asset.held")}).ok());
  CHECK(world.damage() == "");
}

TEST_CASE("ledger: what append says is done is there after a power cut") {
  LedgerWorld world;
  Ledger ledger = world.open();
  REQUIRE(ledger.append({event("asset.held"), issued('c')}).ok());
  const std::string checkpoint = world.text(LedgerWorld::kCheckpoint);
  world.platform.lose_power();
  CHECK(world.text(LedgerWorld::kCheckpoint) == checkpoint);
  CHECK(world.text("/l/checkpoints/3") == checkpoint);
  CHECK(world.check().entries == 3);
  CHECK(world.check().bodies_missing == 0);
  CHECK(world.damage() == "");
}

// A log of created, held; then the lines of one more append without its checkpoint.
struct Torn {
  LedgerWorld world;
  std::string before;
  std::string lines;

  Torn() {
    Ledger ledger = world.open();
    REQUIRE(ledger.append({event("asset.held")}).ok());
    before = world.text(LedgerWorld::kEntries);
    const std::string checkpoint = world.text(LedgerWorld::kCheckpoint);
    const std::string frontier = world.text("/l/frontier");
    REQUIRE(ledger.append({event("asset.released"), issued('c')}).ok());
    lines = world.text(LedgerWorld::kEntries).substr(before.size());
    world.platform.set_content(LedgerWorld::kCheckpoint, checkpoint);
    world.platform.set_content("/l/frontier", frontier);
    world.platform.remove("/l/checkpoints/4");
  }
};

TEST_CASE("ledger: a tail torn at any byte is mended by the next append, and that is recorded") {
  Torn torn;
  const std::size_t first = torn.lines.find('\n') + 1;
  const std::string checkpoint = torn.world.text(LedgerWorld::kCheckpoint);
  const std::string frontier = torn.world.text("/l/frontier");
  for (std::size_t size = 0; size <= torn.lines.size(); ++size) {
    CAPTURE(size);
    LedgerWorld& world = torn.world;
    world.platform.set_content(LedgerWorld::kEntries, torn.before + torn.lines.substr(0, size));
    const std::uint64_t whole = size == torn.lines.size() ? 2 : size >= first ? 1 : 0;
    CHECK(world.check().unsigned_tail == whole);
    CHECK(world.check().entries == 2);
    CHECK(world.damage() == "");
    REQUIRE(world.open().append({event("asset.returned")}).ok());
    CHECK(world.damage() == "");
    CHECK(world.check().unsigned_tail == 0);
    const auto entries = world.entries();
    const std::size_t recovered = size == 0 ? 0 : 1;
    REQUIRE(entries.size() == 2 + whole + recovered + 1);
    const std::size_t cut = whole == 2 ? 0 : whole == 1 ? size - first : size;
    if (recovered == 1) {
      CHECK(entries[2 + whole].type == "ledger.recovered");
      CHECK(entries[2 + whole].body ==
            "{\"checkpoint\":2,\"unsigned_lines\":" + std::to_string(whole) +
                ",\"cut_bytes\":" + std::to_string(cut) + "}");
    }
    // Back to the torn state for the next size.
    for (std::size_t n = 3; n <= entries.size(); ++n) {
      const std::string stored = "/l/checkpoints/" + std::to_string(n);
      if (world.platform.exists(stored)) world.platform.remove(stored);
    }
    world.platform.set_content(LedgerWorld::kCheckpoint, checkpoint);
    world.platform.set_content("/l/frontier", frontier);
  }
}

TEST_CASE("ledger: what no append of ours wrote is cut from the unsigned tail") {
  const std::string foreign_key(64, '0');
  for (const std::string& junk :
       {std::string(5000, '\0') + "\n", std::string("not a leaf\n"), std::string("\n"),
        std::string(70'000, 'x') + "\n" + "more", std::string(70'000, 'x')}) {
    Torn torn;
    LedgerWorld& world = torn.world;
    const std::string kept = torn.before + torn.lines;
    world.platform.set_content(LedgerWorld::kEntries, kept + junk);
    CHECK(world.check().unsigned_tail == 2);
    CHECK(world.damage() == "");
    REQUIRE(world.open().append({event("asset.returned")}).ok());
    CHECK(world.text(LedgerWorld::kEntries).starts_with(kept + "{\"v\":1,\"type\":\"ledger.rec"));
    CHECK(world.text(LedgerWorld::kEntries).ends_with("\"}\n"));
    CHECK(lines_of(world.text(LedgerWorld::kEntries)).size() == 6);
    CHECK(world.damage() == "");
  }
  Torn torn;
  std::string foreign = torn.lines.substr(0, torn.lines.find('\n') + 1);
  foreign.replace(foreign.find("\"by\":\"") + 6, 64, foreign_key);
  torn.world.platform.set_content(LedgerWorld::kEntries, torn.before + foreign);
  REQUIRE(torn.world.open().append({event("asset.returned")}).ok());
  CHECK(torn.world.text(LedgerWorld::kEntries).find(foreign_key) == std::string::npos);
  CHECK(torn.world.damage() == "");
}

TEST_CASE("ledger: a note that was stored but not put in force is put in force first") {
  LedgerWorld world;
  Ledger ledger = world.open();
  const std::string old_checkpoint = world.text(LedgerWorld::kCheckpoint);
  const std::string old_frontier = world.text("/l/frontier");
  REQUIRE(ledger.append({event("asset.held")}).ok());
  world.platform.set_content(LedgerWorld::kCheckpoint, old_checkpoint);
  world.platform.set_content("/l/frontier", old_frontier);
  CHECK(world.damage() == "");
  CHECK(world.check().unsigned_tail == 1);
  REQUIRE(ledger.append({event("asset.released")}).ok());
  CHECK(world.types() == "ledger.created asset.held ledger.recovered asset.released ");
  CHECK(world.damage() == "");
  CHECK(world.platform.exists("/l/checkpoints/2"));
}

TEST_CASE("ledger: no space is an error, and later there is space again") {
  for (std::uint64_t blocks = 1; blocks <= 6; ++blocks) {
    CAPTURE(blocks);
    LedgerWorld world;
    Ledger ledger = world.open();
    auto& file_system = world.platform.file_system("/l");
    file_system.space = file_system.used_bytes + blocks * kBlockBytes - kBlockBytes;
    const auto done = ledger.append({event("asset.held")});
    if (!done) CHECK(done.error().code == Errc::no_space);
    if (blocks == 1) CHECK_FALSE(done.ok());
    CHECK(world.damage() == "");
    file_system.space.reset();
    REQUIRE(ledger.append({event("asset.released")}).ok());
    CHECK(world.damage() == "");
  }
}

}  // namespace
}  // namespace quietus::test
