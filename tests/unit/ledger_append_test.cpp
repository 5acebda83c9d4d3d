// SPDX-License-Identifier: GPL-3.0-or-later
// Appending: what comes to lie in the folder, and who may append.
#include <doctest/doctest.h>
#include <memory>
#include <thread>

#include "quietus/merkle.h"

#include "ledger/frontier.h"
#include "ledger_world.h"
#include "support/lying_medium.h"

namespace quietus::test {
namespace {

TEST_CASE("ledger: a new log has its first event and checkpoint before it is handed out") {
  LedgerWorld world;
  const Ledger ledger = world.open();
  CHECK(ledger.origin() == LedgerWorld::kOrigin);
  CHECK(world.types() == "ledger.created ");
  CHECK(world.entries()[0].body == "{\"origin\":\"quietus/test/0011223344556677\"}");
  CHECK(world.text("/l/origin") ==
        std::string(LedgerWorld::kOrigin) + "\n" + to_vkey(world.log()) + "\n");
  CHECK(world.text("/l/checkpoint") == world.text("/l/checkpoints/1"));
  CHECK(world.damage().empty());
  CHECK(world.check().entries == 1);
  CHECK(world.check().origin == LedgerWorld::kOrigin);
}

TEST_CASE("ledger: files are for the owner alone") {
  LedgerWorld world;
  Ledger ledger = world.open();
  REQUIRE(ledger.append({event("asset.held")}).ok());
  for (const std::string& path : world.platform.nodes()) {
    CAPTURE(path);
    const Attributes& attributes = world.platform.node(path)->attributes;
    if (path == "/l/lock") continue;  // made by the platform, always empty
    CHECK(attributes.mode == (attributes.kind == NodeKind::directory ? 0700U : 0600U));
    CHECK_FALSE(path.ends_with(".tmp"));
  }
  CHECK_FALSE(world.platform.exists("/l/checkpoints/unfinished"));
}

TEST_CASE("ledger: append and open again") {
  LedgerWorld world;
  {
    Ledger ledger = world.open();
    const auto first = ledger.append({event("sanitize.started", "one"), issued('c')});
    REQUIRE(first.ok());
    REQUIRE(first->size() == 2);
    CHECK((*first)[0].index == 1);
    CHECK((*first)[1].index == 2);
    CHECK((*first)[0].checkpoint == (*first)[1].checkpoint);
    CHECK((*first)[0].checkpoint.size == 3);
    CHECK((*first)[0].checkpoint.origin == LedgerWorld::kOrigin);
  }
  Ledger ledger = world.open();
  const std::string prev(64, 'f');
  LedgerEvent last = event("asset.held", "two");
  last.prev = prev;
  const auto second = ledger.append({last});
  REQUIRE(second.ok());
  CHECK((*second)[0].index == 3);
  const auto entries = world.entries();
  REQUIRE(entries.size() == 4);
  CHECK(entries[1].index == 1);
  CHECK(entries[1].body == "{\"detail\":\"one\"}");
  CHECK(entries[1].asset == std::string(32, 'a'));
  CHECK(entries[1].by == key_id_of(world.key.public_key()));
  CHECK(entries[1].at == entries[2].at);
  CHECK(entries[2].certificate == std::string(64, 'c'));
  CHECK(entries[2].body_commitment.empty());
  CHECK_FALSE(entries[2].body.has_value());
  CHECK(entries[3].prev == prev);
  CHECK((*second)[0].leaf == leaf_hash(bytes_of(entries[3].line)));
  CHECK(world.damage().empty());
  CHECK(world.check().entries == 4);
  CHECK(world.check().unsigned_tail == 0);
}

TEST_CASE("ledger: the root is RFC 6962's over the lines, at every size") {
  LedgerWorld world;
  Ledger ledger = world.open();
  for (int i = 0; i < 40; ++i) {
    const auto done = ledger.append({event("asset.held", std::to_string(i))});
    REQUIRE(done.ok());
    std::vector<Digest> leaves;
    for (const std::string& line : lines_of(world.text(LedgerWorld::kEntries))) {
      leaves.push_back(leaf_hash(bytes_of(line)));
    }
    REQUIRE((*done)[0].checkpoint.size == leaves.size());
    CHECK((*done)[0].checkpoint.root == merkle_root(leaves));
  }
  CHECK(world.damage().empty());
}

TEST_CASE("ledger: an append does not read the lines that are signed") {
  LedgerWorld world;
  Ledger ledger = world.open();
  std::vector<LedgerEvent> many(3000, event("asset.held"));
  REQUIRE(ledger.append(many).ok());
  auto tape = std::make_shared<Recorder::Tape>();
  world.platform.wrap = [&](const std::string& path, std::unique_ptr<Medium> medium) {
    if (path != LedgerWorld::kEntries) return medium;
    return std::unique_ptr<Medium>(std::make_unique<Recorder>(std::move(medium), tape));
  };
  const std::uint64_t before = world.text(LedgerWorld::kEntries).size();
  REQUIRE(ledger.append({event("asset.released")}).ok());
  for (const Recorder::Operation& operation : tape->operations) {
    if (operation.kind == Recorder::Kind::read) CHECK(operation.extent.offset >= before - 1);
    if (operation.kind == Recorder::Kind::write) CHECK(operation.extent.offset == before);
  }
  CHECK(tape->count(Recorder::Kind::write) == 1);
  CHECK(tape->count(Recorder::Kind::flush) == 1);
  world.platform.wrap = nullptr;
  CHECK(world.damage().empty());
}

TEST_CASE("ledger: a frontier that is gone, broken or stale is rebuilt") {
  LedgerWorld world;
  Ledger ledger = world.open();
  REQUIRE(ledger.append({event("asset.held")}).ok());
  const std::string stale = world.text("/l/frontier");
  REQUIRE(ledger.append({event("asset.held"), event("asset.released")}).ok());
  const std::string good = world.text("/l/frontier");
  std::vector<std::string> broken = {"",
                                     "x",
                                     good.substr(1),
                                     good + "\n",
                                     stale,
                                     std::string(100'000, 'a'),
                                     good.substr(0, good.size() - 1)};
  for (std::size_t at = 0; at < good.size(); at += 7) {
    broken.push_back(good);
    broken.back()[at] = static_cast<char>(broken.back()[at] ^ 1);
  }
  std::uint64_t size = 4;
  for (const std::string& text : broken) {
    CAPTURE(text);
    world.platform.set_content("/l/frontier", text);
    const auto done = ledger.append({event("asset.held")});
    REQUIRE(done.ok());
    CHECK((*done)[0].index == size++);
  }
  world.platform.remove("/l/frontier");
  CHECK(ledger.append({event("asset.held")}).ok());
  CHECK(world.damage().empty());
  CHECK(world.types().find("recovered") == std::string::npos);
}

TEST_CASE("ledger: a frontier of a size that no stored checkpoint bears out proves nothing") {
  LedgerWorld world;
  Ledger log = world.open();
  REQUIRE(log.append({event("asset.held")}).ok());
  const auto forged = [](std::uint64_t size) {
    return to_text(ledger::Frontier{*MerkleFrontier::from(size, std::vector<Digest>(1)), 100});
  };
  world.platform.set_content("/l/frontier", forged(4));
  CHECK(world.damage() == "");
  REQUIRE(log.append({event("asset.held")}).ok());
  // The right root under another size.
  const auto whole = log.append({event("asset.held")});
  REQUIRE(whole.ok());
  REQUIRE((*whole)[0].checkpoint.size == 4);
  world.platform.set_content(
      "/l/frontier",
      to_text(ledger::Frontier{*MerkleFrontier::from(8, {(*whole)[0].checkpoint.root}),
                               world.text(LedgerWorld::kEntries).size()}));
  CHECK(log.append({event("asset.held")}).value()[0].index == 4);
  CHECK(world.damage() == "");
  // A stored note of that size, but with another root.
  const Checkpoint stored{LedgerWorld::kOrigin, 8, leaf_hash({})};
  world.platform.add_file("/l/checkpoints/8", sign_note(to_text(stored), stored.origin, world.key));
  world.platform.set_content("/l/frontier", forged(8));
  for (const LedgerDamage& one : world.check().damage) {
    CHECK(one.what.find("last in force") == std::string::npos);
  }
}

TEST_CASE("ledger: two writers take turns") {
  LedgerWorld world;
  Ledger first = world.open();
  Ledger second = world.open();
  for (int i = 0; i < 10; ++i) {
    const auto a = first.append({event("asset.held", "a")});
    const auto b = second.append({event("asset.released", "b"), event("asset.held", "b")});
    REQUIRE(a.ok());
    REQUIRE(b.ok());
    CHECK((*b)[0].index == (*a)[0].index + 1);
  }
  CHECK(world.check().entries == 31);
  CHECK(world.damage().empty());
}

TEST_CASE("ledger: two writers at the same time") {
  LedgerWorld world;
  Ledger first = world.open();
  Ledger second = world.open();
  const auto append = [](Ledger& ledger, int& done) {
    for (int i = 0; i < 25; ++i) done += ledger.append({event("asset.held")}).ok() ? 1 : 0;
  };
  int by_first = 0;
  int by_second = 0;
  std::thread other([&] { append(second, by_second); });
  append(first, by_first);
  other.join();
  CHECK(by_first == 25);
  CHECK(by_second == 25);
  CHECK(world.check().entries == 51);
  CHECK(world.damage().empty());
  CHECK(world.types().find("recovered") == std::string::npos);
}

TEST_CASE("ledger: short transfers are carried on") {
  LedgerWorld world;
  world.platform.wrap = [](const std::string&, std::unique_ptr<Medium> medium) {
    return std::unique_ptr<Medium>(std::make_unique<ShortWrites>(std::move(medium), 7));
  };
  Ledger ledger = world.open();
  REQUIRE(ledger.append({event("asset.held")}).ok());
  CHECK(world.damage().empty());
  CHECK(world.check().entries == 2);
  REQUIRE(ledger.receipt(1).ok());
}

TEST_CASE("ledger: an event that breaks its rules is refused, and nothing is written") {
  LedgerWorld world;
  Ledger ledger = world.open();
  const auto before = world.snapshot();
  std::vector<LedgerEvent> wrong(7, event("asset.held"));
  wrong[0].type = "Asset Held";
  wrong[1].asset = "serial 123";
  wrong[2].prev = "abc";
  wrong[3].body = "[1]";
  wrong[4].body = "{\"n\":0.5}";
  wrong[5].certificate = std::string(64, 'c');
  wrong[6].type = "certificate.issued";
  for (const LedgerEvent& one : wrong) {
    CAPTURE(one.type);
    CHECK(ledger.append({event("asset.held"), one}).error().code == Errc::invalid);
  }
  CHECK(world.snapshot() == before);
  CHECK(ledger.append({}).value().empty());
  CHECK(world.snapshot() == before);
}

TEST_CASE("ledger: another key does not open the log") {
  LedgerWorld world;
  world.open();
  world.key = key_of_seed("another");
  CHECK(world.try_open(world.platform).error().code == Errc::untrusted);
}

TEST_CASE("ledger: an existing log keeps its origin") {
  LedgerWorld world;
  world.open();
  auto again = Ledger::open(world.platform.open_directory("/l").value(), "quietus/other/1",
                            world.key, world.clock, world.random);
  REQUIRE(again.ok());
  CHECK(again->origin() == LedgerWorld::kOrigin);
}

TEST_CASE("ledger: an origin that can't name a key is refused") {
  for (const char* origin : {"", "a b", "a+b", "a\nb", "caf\xc3\xa9", "a\x7f"}) {
    CAPTURE(origin);
    LedgerWorld world;
    const auto made = Ledger::open(world.platform.open_directory("/l").value(), origin, world.key,
                                   world.clock, world.random);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Errc::invalid);
    CHECK_FALSE(world.platform.exists("/l/origin"));
  }
}

TEST_CASE("ledger: there is none in an empty folder") {
  LedgerWorld world;
  auto folder = world.platform.open_directory("/l").value();
  CHECK(check_ledger(*folder, world.key.public_key()).error().code == Errc::not_found);
  const Status read = read_ledger(*folder, [](const LedgerEntry&) { return true; });
  CHECK(read.error().code == Errc::not_found);
  CHECK(world.platform.nodes() == std::vector<std::string>{"/l"});
}

TEST_CASE("ledger: a visitor may stop") {
  LedgerWorld world;
  REQUIRE(world.open().append({event("asset.held"), event("asset.held")}).ok());
  auto folder = world.platform.open_directory("/l").value();
  int seen = 0;
  CHECK(read_ledger(*folder, [&](const LedgerEntry&) { return ++seen < 2; }).ok());
  CHECK(seen == 2);
}

}  // namespace
}  // namespace quietus::test
