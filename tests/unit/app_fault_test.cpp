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

#include "app_agreement.h"

namespace quietus::test {
namespace {

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
  const Said said =
      variant.json ? said_in_json(run.world.out) : said_on_terminal(run.world, kTarget);
  CHECK(said.times == 1);
  REQUIRE(said.outcome.has_value());
  CHECK(run.exit_code == TargetResult{*said.outcome, said.recorded}.exit_code());
  const Logged logged = read_log(run.world, run.entries_before);
  check_log(said, logged);
  check_said_certificate(run.world, run.certificate(said), said, logged);
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
