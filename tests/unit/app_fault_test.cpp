// SPDX-License-Identifier: GPL-3.0-or-later
// The whole program with each of its operations failing in turn: whatever fails, terminal, JSON
// lines, certificate, ledger and exit code tell the same outcome, and no claim is made that the
// medium does not carry.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/fill.h"
#include "quietus/ledger.h"

#include "app_world.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

constexpr const char* kTarget = "/data/secret";
const std::string kOld(5000, 'o');

/// How the program is run, and how its operations fail.
struct Variant {
  TargetKind kind = TargetKind::files;
  bool json = false;
  bool prepared = false;  ///< the state folder was made by an earlier run
  bool persistent = false;
  Errc code = Errc::io;
};

/// What the program said, whichever way.
struct Said {
  std::optional<Outcome> outcome;
  bool recorded = true;
  std::string envelope;  ///< the certificate, where it could be written nowhere
  std::size_t times = 0;
};

std::optional<Outcome> outcome_called(std::string_view word, bool title) {
  for (const OutcomeRow& row : outcome_table()) {
    if ((title ? row.title : row.name) == word) return row.outcome;
  }
  return std::nullopt;
}

Said said_in_json(const std::string& out) {
  Said said;
  std::istringstream lines(out);
  for (std::string text; std::getline(lines, text);) {
    const Json line = Json::parse(text);
    if (line["event"] == "certificate") said.envelope = line["envelope"];
    if (line["event"] != "finished") continue;
    said.outcome = outcome_called(line["outcome"].get<std::string>(), false);
    said.recorded = line["recorded"];
    CHECK(line["exit"] == TargetResult{*said.outcome, said.recorded}.exit_code());
    ++said.times;
  }
  return said;
}

Said said_on_terminal(const AppWorld& world) {
  Said said;
  std::istringstream lines(world.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("{\"payload\"")) said.envelope = line + "\n";
    for (const std::string& who : {std::string(kTarget) + ": ", std::string("the command: ")}) {
      if (!line.starts_with(who)) continue;
      said.outcome = outcome_called(line.substr(who.size()), true);
      ++said.times;
    }
  }
  said.recorded = world.err.find("could not be written") == std::string::npos;
  return said;
}

/// What the ledger tells of this run, read without faults.
struct Logged {
  bool exists = false;
  std::size_t started = 0;
  std::size_t refused = 0;
  std::optional<std::string> outcome;
  std::string certificate;
};

Logged read_log(AppWorld& world, std::uint64_t entries_before) {
  Logged logged;
  const std::string folder_path = std::string(kState) + "/ledger";
  const std::string key_path = std::string(kState) + "/keys/log.pem";
  if (!world.memory.exists(folder_path) || !world.memory.exists(key_path)) return logged;
  const auto key = from_pem(world.memory.content(key_path));
  auto folder = world.memory.open_directory(folder_path);
  REQUIRE(key.ok());
  REQUIRE(folder.ok());
  const auto check = check_ledger(**folder, *key);
  if (!check) {
    CHECK(check.error().code == Errc::not_found);
    return logged;
  }
  logged.exists = true;
  for (const LedgerDamage& damage : check->damage) FAIL_CHECK(damage.what);
  const Status read = read_ledger(**folder, [&](const LedgerEntry& entry) {
    if (entry.index < entries_before) return true;
    if (entry.type == "sanitize.started") ++logged.started;
    if (entry.type == "sanitize.refused") ++logged.refused;
    if (entry.type == "certificate.issued") logged.certificate = entry.certificate;
    const bool end = entry.type == "sanitize.finished" || entry.type == "sanitize.failed" ||
                     entry.type == "sanitize.interrupted";
    if (end && entry.body) logged.outcome = Json::parse(*entry.body)["outcome"];
    return true;
  });
  CHECK(read.ok());
  return logged;
}

/// Whether the content is what the last pass of this run writes.
bool is_last_pass(const AppWorld& world, const Bytes& content) {
  const Scheme scheme = find_scheme("moj-3r").value();
  for (const Bytes& draw : world.random.draws) {
    const Secret job = Secret::from(draw).value();
    const auto passes = prepare(scheme, 1, job, 0, default_keystream());
    Bytes wanted(content.size());
    fill(passes->back(), 0, 0, wanted);
    if (wanted == content) return true;
  }
  return false;
}

/// A state folder that is in use, made once.
const AppWorld& used_world() {
  static const auto world = [] {
    auto made = std::make_unique<AppWorld>();
    made->memory.add_file(kTarget, kOld);
    REQUIRE(made->run({"files", "--yes", kTarget}) == 0);
    return made;
  }();
  return *world;
}

/// One run with its world.
struct Run {
  AppWorld world;
  std::shared_ptr<MemoryNode> node;
  std::set<std::string> certificates_before;
  std::uint64_t entries_before = 0;
  int exit_code = 0;

  Run(const Variant& variant, std::uint64_t nth) {
    if (variant.prepared) {
      world.copy_state(used_world());
      certificates_before = world.certificates();
      entries_before = 4;  // created, started, finished, issued
    }
    node = world.memory.add_file(kTarget, kOld);
    Faults& faults = world.platform.faults();
    faults.fail_at = nth;
    faults.persistent = variant.persistent;
    faults.code = variant.code;
    faults.os_code = variant.code == Errc::io ? 5 : 28;
    std::vector<std::string> arguments{variant.kind == TargetKind::files ? "files" : "drives",
                                       "--yes", "--progress", "none"};
    if (variant.json) arguments.emplace_back("--json");
    arguments.emplace_back(kTarget);
    exit_code = world.run(arguments);
  }

  [[nodiscard]] bool name_gone() const { return !world.memory.exists(kTarget); }
  /// The certificate of this run: from its file, or as it was said.
  [[nodiscard]] std::string certificate(const Said& said) const {
    if (!said.envelope.empty()) return said.envelope;
    for (const std::string& path : world.certificates()) {
      if (!certificates_before.contains(path)) return world.memory.content(path);
    }
    return {};
  }
};

void check_claims(const Run& run, const Variant& variant, Outcome outcome) {
  const Bytes& content = run.node->content;
  if (outcome == Outcome::refused) {
    CHECK(text_of(content) == kOld);
    CHECK_FALSE(run.name_gone());
  }
  if (outcome == Outcome::sanitized) {
    CHECK(is_last_pass(run.world, content));
    CHECK(run.name_gone() == (variant.kind == TargetKind::files));
  }
  if (run.name_gone()) CHECK(is_last_pass(run.world, content));
  // Somewhere there is still a name for what was not removed: never a file without one.
  if (run.node->attributes.links == 0) CHECK(run.name_gone());
}

void check_certificate_of(const Run& run, const Said& said, const Logged& logged) {
  const std::string text = run.certificate(said);
  if (*said.outcome == Outcome::refused) {
    CHECK(text.empty());
    return;
  }
  REQUIRE_FALSE(text.empty());
  const auto trust =
      trust_from(run.world.memory.content(std::string(kState) + "/keys/machine.pem"));
  REQUIRE(trust.ok());
  const CertificateCheck check = check_certificate(text, *trust);
  CHECK(check.exit_code == 0);
  CHECK(check.outcome == row_of(*said.outcome).name);
  if (!logged.certificate.empty()) CHECK(check.digest == logged.certificate);
}

void check_log(const Said& said, const Logged& logged) {
  if (*said.outcome == Outcome::refused) {
    CHECK(logged.certificate.empty());
    CHECK_FALSE(logged.outcome.has_value());
    return;
  }
  CHECK(logged.exists);
  CHECK(logged.started == 1);
  CHECK(logged.refused == 0);
  if (logged.outcome) CHECK(*logged.outcome == row_of(*said.outcome).name);
  if (said.recorded) {
    CHECK(logged.outcome.has_value());
    CHECK_FALSE(logged.certificate.empty());
  }
}

/// What decides on the run could not be read: it was not even planned, and says so.
void check_not_planned(const Run& run) {
  CHECK(run.world.out.empty());
  CHECK(run.world.err.starts_with("error: "));
  CHECK(text_of(run.node->content) == kOld);
  CHECK_FALSE(run.name_gone());
  CHECK(run.world.certificates() == run.certificates_before);
}

/// One run; whether something failed in it.
bool run_and_check(const Variant& variant, std::uint64_t nth, std::set<Outcome>& seen) {
  Run run(variant, nth);
  const std::string struck = run.world.platform.faults().struck();
  CAPTURE(nth);
  CAPTURE(struck);
  CAPTURE(run.exit_code);
  if (run.exit_code == kExitUsage) {
    check_not_planned(run);
    return true;
  }
  const Said said = variant.json ? said_in_json(run.world.out) : said_on_terminal(run.world);
  CHECK(said.times == 1);
  REQUIRE(said.outcome.has_value());
  CHECK(run.exit_code == TargetResult{*said.outcome, said.recorded}.exit_code());
  const Logged logged = read_log(run.world, run.entries_before);
  check_log(said, logged);
  check_certificate_of(run, said, logged);
  check_claims(run, variant, *said.outcome);
  seen.insert(*said.outcome);
  if (struck.empty()) {
    CHECK(run.exit_code == 0);
    CHECK(*said.outcome == Outcome::sanitized);
  }
  return !struck.empty();
}

void fail_everything(const Variant& variant) {
  std::set<Outcome> seen;
  const std::uint64_t faults =
      fail_each_operation([&](std::uint64_t nth) { return run_and_check(variant, nth, seen); });
  CHECK(faults > 100);
  CHECK(seen.contains(Outcome::refused));
  CHECK(seen.contains(Outcome::sanitized));
  CHECK(seen.size() >= 3);
}

TEST_CASE("defect 36: files, any one operation fails once with an I/O error, in JSON") {
  fail_everything({TargetKind::files, true, false, false, Errc::io});
  fail_everything({TargetKind::files, true, true, false, Errc::io});
}

TEST_CASE("defect 36: files, everything fails from one operation on, in JSON") {
  fail_everything({TargetKind::files, true, false, true, Errc::io});
  fail_everything({TargetKind::files, true, true, true, Errc::no_space});
}

TEST_CASE("defect 36: files, the space ends, on the terminal") {
  fail_everything({TargetKind::files, false, false, false, Errc::no_space});
  fail_everything({TargetKind::files, false, true, false, Errc::no_space});
}

TEST_CASE("defect 36: files, everything fails from one operation on, on the terminal") {
  fail_everything({TargetKind::files, false, true, true, Errc::io});
}

TEST_CASE("defect 36: an image, any one operation fails once, on the terminal") {
  fail_everything({TargetKind::image, false, false, false, Errc::io});
  fail_everything({TargetKind::image, false, true, false, Errc::no_space});
}

TEST_CASE("defect 36: an image, everything fails from one operation on, in JSON") {
  fail_everything({TargetKind::image, true, false, true, Errc::no_space});
  fail_everything({TargetKind::image, true, true, true, Errc::io});
}

TEST_CASE("defect 36: an image, any one operation fails once, in JSON") {
  fail_everything({TargetKind::image, true, true, false, Errc::io});
}

}  // namespace
}  // namespace quietus::test
