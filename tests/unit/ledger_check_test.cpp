// SPDX-License-Identifier: GPL-3.0-or-later
// Damage: each kind is named by check_ledger, and where an append can see it, nothing is written.
#include <doctest/doctest.h>

#include "quietus/merkle.h"

#include "ledger_world.h"

namespace quietus::test {
namespace {

// created, held, [released, issued], [held]: checkpoints of 1, 2, 4 and 5 leaves.
struct Filled {
  LedgerWorld world;
  std::vector<std::pair<std::string, std::string>> at_4;  // all files as they were then

  Filled() {
    Ledger ledger = world.open();
    REQUIRE(ledger.append({event("asset.held", "one")}).ok());
    REQUIRE(ledger.append({event("asset.released", "two"), issued('c')}).ok());
    at_4 = world.snapshot();
    REQUIRE(ledger.append({event("asset.held", "three")}).ok());
    REQUIRE(world.damage() == "");
  }

  void set(const std::string& path, const std::string& text) {
    world.platform.set_content(path, text);
  }
  [[nodiscard]] std::string then(const std::string& path) const {
    for (const auto& [name, text] : at_4) {
      if (name == path) return text;
    }
    FAIL(path);
    return "";
  }
  [[nodiscard]] std::string body_path(std::size_t index) {
    return "/l/bodies/" + world.entries()[index].body_commitment + ".json";
  }
  void expect(const std::string& damage) { CHECK(world.damage() == damage); }
  // An append sees it too, and neither writes.
  void expect_refused(const std::string& damage) {
    expect(damage);
    const auto before = world.snapshot();
    auto ledger = world.try_open(world.platform);
    const Error error = ledger ? ledger->append({event("asset.held")}).error() : ledger.error();
    CHECK(error.code == Errc::malformed);
    CHECK(world.snapshot() == before);
  }
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("ledger damage: an edited line") {
  Filled log;
  const std::string before = log.world.text(LedgerWorld::kEntries);
  log.set(LedgerWorld::kEntries, replaced(before, "asset.released", "asset.reXeased"));
  log.expect(
      "2: not a ledger entry: wrong at \"type\"; 4: checkpoints/4 covers other lines; "
      "5: checkpoints/5 covers other lines; 5: the lines are not those that the checkpoint "
      "covers; ");
  log.set(LedgerWorld::kEntries, replaced(before, "asset.released", "asset.disposed"));
  log.expect(
      "4: checkpoints/4 covers other lines; 5: checkpoints/5 covers other lines; "
      "5: the lines are not those that the checkpoint covers; ");
}

TEST_CASE("ledger damage: a line by another key") {
  Filled log;
  const std::string key = key_id_of(log.world.key.public_key());
  const std::string other = key_id_of(key_of_seed("another").public_key());
  log.set(LedgerWorld::kEntries, replaced(log.world.text(LedgerWorld::kEntries), key, other));
  CHECK(log.world.damage().starts_with("0: the entry names another log key; 1: checkpoints/1 "));
}

TEST_CASE("ledger damage: an edit at any place of any line is seen") {
  Filled log;
  const std::string before = log.world.text(LedgerWorld::kEntries);
  for (std::size_t at = 0; at < before.size(); at += 13) {
    CAPTURE(at);
    std::string text = before;
    text[at] = static_cast<char>(text[at] ^ 2);
    log.set(LedgerWorld::kEntries, text);
    CHECK(log.world.damage() != "");
  }
}

TEST_CASE("ledger damage: an edit that moves the lines keeps an append from writing") {
  Filled log;
  const std::string before = log.world.text(LedgerWorld::kEntries);
  for (const char* type : {"asset.reused", "custody.transferred"}) {
    log.set(LedgerWorld::kEntries, replaced(before, "asset.released", type));
    const auto files = log.world.snapshot();
    CHECK(log.world.try_open(log.world.platform).error().code == Errc::malformed);
    CHECK(log.world.snapshot() == files);
  }
}

TEST_CASE("ledger damage: truncated entries") {
  Filled log;
  const std::string before = log.world.text(LedgerWorld::kEntries);
  const std::string cut = before.substr(0, before.rfind('\n', before.size() - 2) + 1);
  const std::string what =
      "4: entries.jsonl holds fewer lines than the checkpoint covers (5); "
      "5: entries.jsonl holds fewer lines than checkpoints/5 covers; ";
  log.set(LedgerWorld::kEntries, cut);
  log.expect_refused(what);
  log.set(LedgerWorld::kEntries, before.substr(0, before.size() - 1));
  log.expect_refused(what);
  log.set(LedgerWorld::kEntries, "");
  CHECK(log.world.check().entries == 0);
  CHECK(log.world.try_open(log.world.platform).error().code == Errc::malformed);
  log.world.platform.remove(LedgerWorld::kEntries);
  CHECK(log.world.check().damage.size() == 5);
  CHECK(log.world.try_open(log.world.platform).error().code == Errc::malformed);
}

TEST_CASE("ledger damage: swapped, changed and missing bodies") {
  Filled log;
  const std::string first = log.body_path(1);
  const std::string second = log.body_path(2);
  const std::string text = log.world.text(first);
  log.set(first, log.world.text(second));
  LedgerCheck check = log.world.check();
  REQUIRE(check.damage.size() == 1);
  CHECK(check.damage[0].index == 1);
  CHECK(check.damage[0].what.find("not what the entry commits to") != std::string::npos);
  CHECK_FALSE(log.world.entries()[1].body.has_value());
  log.set(first, replaced(text, "one", "two"));
  CHECK(log.world.check().damage.size() == 1);
  log.set(first, "");
  CHECK(log.world.check().damage.size() == 1);
  log.set(first, std::string(5'000'000, 'x'));
  CHECK(log.world.check().damage.size() == 1);
  log.world.platform.remove(first);
  check = log.world.check();
  CHECK(check.damage.empty());
  CHECK(check.bodies_missing == 1);
  CHECK(log.world.entries()[2].body == "{\"detail\":\"two\"}");
  CHECK(log.world.open().append({event("asset.held")}).ok());
}

TEST_CASE("ledger damage: all bodies are gone") {
  Filled log;
  for (const std::string& path : log.world.platform.nodes()) {
    if (path.starts_with("/l/bodies/")) log.world.platform.remove(path);
  }
  log.world.platform.remove("/l/bodies");
  CHECK(log.world.check().bodies_missing == 4);
  CHECK(log.world.damage() == "");
  CHECK(log.world.open().append({event("asset.held")}).ok());
}

TEST_CASE("ledger damage: a checkpoint that was rolled back") {
  Filled log;
  log.set(LedgerWorld::kCheckpoint, log.then(LedgerWorld::kCheckpoint));
  log.expect_refused("4: the checkpoint is older than the one that was last in force; ");
  log.set(LedgerWorld::kCheckpoint, log.world.text("/l/checkpoints/2"));
  log.expect_refused("2: the checkpoint is older than the one that was last in force; ");
  log.set("/l/frontier", "");
  log.expect_refused("2: the checkpoint is older than the stored ones; ");
}

TEST_CASE("ledger damage: lines, checkpoint and cache rolled back together") {
  Filled log;
  for (const char* path : {LedgerWorld::kCheckpoint, LedgerWorld::kEntries, "/l/frontier"}) {
    log.set(path, log.then(path));
  }
  log.expect_refused("5: entries.jsonl holds fewer lines than checkpoints/5 covers; ");
}

TEST_CASE("ledger damage: signed lines that were exchanged after a rollback") {
  Filled log;
  for (const char* path : {LedgerWorld::kCheckpoint, "/l/frontier"}) log.set(path, log.then(path));
  const std::string text = log.world.text(LedgerWorld::kEntries);
  const std::size_t last = text.rfind("asset.held");
  log.set(LedgerWorld::kEntries, std::string(text).replace(last, 10, "asset.hold"));
  log.expect_refused("5: checkpoints/5 covers other lines; ");
}

TEST_CASE("ledger damage: a forked checkpoint") {
  Filled log;
  Checkpoint forked{LedgerWorld::kOrigin, 5, leaf_hash(bytes_of("another"))};
  const auto sign = [&] { return sign_note(to_text(forked), forked.origin, log.world.key); };
  log.set(LedgerWorld::kCheckpoint, sign());
  log.expect_refused("5: the lines are not those that the checkpoint covers; ");
  log.set(LedgerWorld::kCheckpoint, log.world.text("/l/checkpoints/5"));
  forked.size = 2;
  log.set("/l/checkpoints/2", sign());
  log.expect("2: checkpoints/2 covers other lines; ");
  forked.size = 3;
  log.set("/l/checkpoints/2", sign());
  log.expect("2: checkpoints/2: it is of another size; ");
}

TEST_CASE("ledger damage: a checkpoint that is not the log's") {
  Filled log;
  const std::string good = log.world.text(LedgerWorld::kCheckpoint);
  const SigningKey other = key_of_seed("another");
  const std::string text = good.substr(0, good.find("\n\n") + 1);
  log.set(LedgerWorld::kCheckpoint, sign_note(text, LedgerWorld::kOrigin, other));
  log.expect_refused("0: checkpoint: no signature by a known key; ");
  const Checkpoint elsewhere{"quietus/elsewhere/1", 5, checkpoint_from(text)->root};
  log.set(LedgerWorld::kCheckpoint,
          sign_note(to_text(elsewhere), LedgerWorld::kOrigin, log.world.key));
  log.expect_refused("0: checkpoint: it is the checkpoint of another log; ");
  log.set(LedgerWorld::kCheckpoint, "");
  log.expect_refused("0: checkpoint: not a signed note; ");
  for (std::size_t at = 0; at < good.size(); at += 5) {
    CAPTURE(at);
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    log.set(LedgerWorld::kCheckpoint, changed);
    CHECK(log.world.check().damage.size() == 1);
  }
}

TEST_CASE("ledger damage: the checkpoint is gone") {
  Filled log;
  log.world.platform.remove(LedgerWorld::kCheckpoint);
  log.expect_refused(
      "0: the checkpoint is missing; "
      "0: the checkpoint is older than the one that was last in force; ");
  for (const char* path : {"1", "2", "4", "5"}) {
    log.world.platform.remove(std::string("/l/checkpoints/") + path);
  }
  log.world.platform.remove("/l/frontier");
  log.expect_refused("0: the checkpoint is missing; ");
}

TEST_CASE("ledger damage: the origin is gone, changed or another's") {
  Filled log;
  const std::string good = log.world.text("/l/origin");
  log.set("/l/origin", good + "x\n");
  log.expect_refused("0: the file origin does not hold two lines; ");
  log.world.platform.remove("/l/origin");
  log.expect_refused("0: the file origin is missing; ");
  log.world.platform.add_file("/l/origin", good);
  log.expect("");
  auto folder = log.world.platform.open_directory("/l").value();
  const auto check = check_ledger(*folder, key_of_seed("another").public_key());
  REQUIRE(check.ok());
  REQUIRE(check->damage.size() == 2);
  CHECK(check->damage[0].what == "the file origin names another log key");
}

TEST_CASE("ledger damage: stored checkpoints may be gone, but not be broken") {
  Filled log;
  log.world.platform.remove("/l/checkpoints/2");
  log.expect("");
  log.set("/l/checkpoints/4", "");
  log.expect("4: checkpoints/4: not a signed note; ");
  log.world.platform.remove("/l/checkpoints/4");
  log.world.platform.add_file("/l/checkpoints/unfinished", "x");
  log.expect("");
  CHECK(log.world.open().append({event("asset.held")}).ok());
  log.expect("");
}

TEST_CASE("ledger damage: a check takes no lock and writes nothing") {
  Filled log;
  auto folder = log.world.platform.open_directory("/l").value();
  const auto lock = folder->lock_at("lock", std::chrono::milliseconds(0));
  REQUIRE(lock.ok());
  log.world.platform.log.clear();
  log.expect("");
  CHECK(log.world.entries().size() == 5);
  for (const char* word :
       {"open_write", "create", "rename", "replace", "unlink", "flush", "lock"}) {
    CHECK(log.world.platform.count(word) == 0);
  }
}

}  // namespace
}  // namespace quietus::test
