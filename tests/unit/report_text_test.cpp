// SPDX-License-Identifier: GPL-3.0-or-later
// The two presenters: text for people and JSON lines. Both say the same outcome, and neither lets
// foreign text through as it is.
#include <algorithm>
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "quietus/report.h"
#include "quietus/text.h"

namespace quietus {
namespace {

// A name that would clear the screen, go back and turn the line round.
const std::string kHostile =
    "/d/\x1b[2J\r\n\b\x07\xe2\x80\xae"
    "gpj.exe \xff\x9b";

bool is_harmless(const std::string& text, bool colours = false) {
  std::string rest = text;
  if (colours) {
    for (const std::string allowed : {"\x1b[32m", "\x1b[31m", "\x1b[0m"}) {
      for (auto at = rest.find(allowed); at != rest.npos; at = rest.find(allowed)) {
        rest.erase(at, allowed.size());
      }
    }
  }
  const bool controls = std::any_of(rest.begin(), rest.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n') || byte == 0x7f;
  });
  return !controls && is_utf8(rest) && rest.find("\xe2\x80\xae") == rest.npos;
}

Plan hostile_plan() {
  Plan plan;
  plan.rules.scheme.id = "own";
  plan.rules.scheme.title = kHostile;
  plan.rules.scheme.note = kHostile;
  plan.rules.scheme.passes = {Pass{}};
  Root root;
  root.path = kHostile;
  root.file_system.type = "fuse." + kHostile;
  plan.targets = {{TargetKind::files, {root, root}}};
  plan.findings = {{Finding::Level::warning, "code", kHostile, kHostile, kHostile},
                   {Finding::Level::refusal, "code", kHostile, kHostile, kHostile},
                   {Finding::Level::ok, "code", kHostile, kHostile, kHostile}};
  return plan;
}

Evidence hostile_evidence() {
  Evidence evidence;
  evidence.outcome = Outcome::sanitized_with_exceptions;
  evidence.facts = {{"code", kHostile, true}, {"code", kHostile, false}};
  EntryException entry;
  entry.path = kHostile;
  entry.facts = evidence.facts;
  evidence.exceptions = {entry};
  evidence.passes.emplace_back();
  return evidence;
}

TargetReport report_of(const Evidence* evidence, Outcome outcome, bool recorded = true) {
  TargetReport report;
  report.target = kHostile;
  report.result = {outcome, recorded};
  report.evidence = evidence;
  report.reasons = {{Finding::Level::refusal, "code", kHostile, kHostile, kHostile}};
  report.certificate_path = kHostile;
  report.receipt_path = kHostile;
  report.ledger_index = 7;
  return report;
}

struct Spoken {
  std::string out;
  std::string err;
};

void speak(Reporter& reporter, const TargetReport& report) {
  const Sweep sweep{kHostile, 1, 2, SweepKind::write};
  reporter.planned(hostile_plan());
  reporter.on(PassStarted{sweep, 100});
  reporter.on(Progress{sweep, 50, 100});
  reporter.on(BadExtentFound{sweep, kHostile, {0, 512}, ExtentState::write_failed, 5});
  reporter.on(Progress{sweep, 100, 100});
  reporter.on(PassFinished{sweep, 100, 5});
  reporter.finished(report);
}

Spoken on_terminal(const TerminalStyle& style, const TargetReport& report) {
  std::ostringstream out;
  std::ostringstream err;
  std::uint64_t now = 0;
  const auto reporter = make_terminal_reporter(
      out, err, [&now] { return now += 40'000'000; }, style);
  speak(*reporter, report);
  return {out.str(), err.str()};
}

std::vector<nlohmann::json> as_json(const TargetReport& report) {
  std::ostringstream out;
  std::uint64_t now = 0;
  const auto reporter = make_json_reporter(out, [&now] { return now += 600'000; });
  speak(*reporter, report);
  std::vector<nlohmann::json> lines;
  std::istringstream in(out.str());
  for (std::string line; std::getline(in, line);) {
    CHECK(is_harmless(line));
    lines.push_back(nlohmann::json::parse(line));
  }
  return lines;
}

TEST_CASE("foreign text never reaches the terminal as it is") {
  const Evidence evidence = hostile_evidence();
  for (const ProgressStyle progress : {ProgressStyle::log, ProgressStyle::none}) {
    for (const bool quiet : {false, true}) {
      const TerminalStyle style{progress, 80, false, quiet};
      for (const bool recorded : {true, false}) {
        const Spoken spoken = on_terminal(style, report_of(&evidence, evidence.outcome, recorded));
        CHECK(is_harmless(spoken.out));
        CHECK(is_harmless(spoken.err));
      }
    }
  }
}

TEST_CASE("colour is there when asked for and nowhere else") {
  const Evidence evidence = hostile_evidence();
  const Spoken plain =
      on_terminal({ProgressStyle::none, 80, false, false}, report_of(&evidence, evidence.outcome));
  CHECK(plain.out.find('\x1b') == std::string::npos);
  const Spoken coloured =
      on_terminal({ProgressStyle::none, 80, true, false}, report_of(&evidence, evidence.outcome));
  CHECK(coloured.out.find("\x1b[31m") != std::string::npos);
  CHECK(is_harmless(coloured.out, true));
}

TEST_CASE("a bar fits a terminal of 40 columns and is gone in the end") {
  const Evidence evidence = hostile_evidence();
  const Spoken spoken =
      on_terminal({ProgressStyle::bar, 40, false, false}, report_of(&evidence, evidence.outcome));
  std::size_t bars = 0;
  for (std::size_t at = 0; (at = spoken.err.find("\r\x1b[K", at)) != std::string::npos;) {
    at += 4;
    const std::size_t end = std::min(spoken.err.find_first_of("\r\n", at), spoken.err.size());
    const bool bar = spoken.err.compare(at, 4, "pass") == 0 || spoken.err[at] == '[';
    if (bar) {
      ++bars;
      CHECK(end - at < 40);
    }
  }
  CHECK(bars == 2);
}

TEST_CASE("quiet means errors and warnings only") {
  Evidence evidence;
  evidence.outcome = Outcome::sanitized;
  std::ostringstream out;
  std::ostringstream err;
  const auto reporter = make_terminal_reporter(out, err, [] { return std::uint64_t{0}; },
                                               {ProgressStyle::log, 80, false, true});
  TargetReport report;
  report.target = "/d/f";
  report.result.outcome = Outcome::sanitized;
  report.evidence = &evidence;
  reporter->on(PassStarted{{"/d/f", 1, 1, SweepKind::write}, 10});
  reporter->finished(report);
  CHECK(out.str().empty());
  CHECK(err.str().empty());
  report.result.outcome = Outcome::not_effective;
  reporter->finished(report);
  CHECK(err.str().find("not effective") != std::string::npos);
}

TEST_CASE("each outcome is named on the terminal and in JSON, by the table's words and code") {
  for (const OutcomeRow& row : outcome_table()) {
    for (const bool recorded : {true, false}) {
      CAPTURE(row.name);
      Evidence evidence;
      evidence.outcome = row.outcome;
      TargetReport report;
      report.target = "/d/f";
      report.result = {row.outcome, recorded};
      report.evidence = &evidence;
      const Spoken spoken = on_terminal({ProgressStyle::none, 80, false, false}, report);
      CHECK(spoken.out.find("/d/f: " + std::string(row.title) + "\n") != std::string::npos);
      const auto lines = as_json(report);
      CHECK(lines.back()["event"] == "finished");
      CHECK(lines.back()["outcome"] == row.name);
      CHECK(lines.back()["exit"] == report.result.exit_code());
      CHECK(lines.back()["recorded"] == recorded);
    }
  }
}

TEST_CASE("JSON lines are one object each, with the kind in event") {
  const Evidence evidence = hostile_evidence();
  TargetReport report = report_of(&evidence, evidence.outcome, false);
  report.unrecorded_certificate = "{\"payload\":\"x\"}\n";
  std::vector<std::string> events;
  for (const auto& line : as_json(report)) {
    REQUIRE(line.is_object());
    events.push_back(line["event"]);
  }
  CHECK(events == std::vector<std::string>{"plan", "pass_started", "progress", "bad_extent",
                                           "progress", "pass_finished", "certificate", "finished"});
}

TEST_CASE("names that are not UTF-8 have a base64 form in JSON") {
  const Evidence evidence = hostile_evidence();
  const auto lines = as_json(report_of(&evidence, evidence.outcome));
  CHECK(lines.back()["target_base64"] == to_base64(bytes_of(kHostile)));
  CHECK_FALSE(lines.back().contains("target"));
}

Evidence drive_evidence() {
  Evidence evidence;
  evidence.kind = TargetKind::drive;
  evidence.outcome = Outcome::unverified;
  evidence.size_bytes = evidence.content_bytes = 10'000'000'000;
  evidence.passes_planned = 1;
  PassEvidence pass;
  pass.written_bytes = evidence.size_bytes;
  pass.verified = true;
  pass.compared_bytes = 1'009'000'000;
  evidence.passes = {pass};
  evidence.cache_bypass = CacheBypass::direct_io;
  SamplingEvidence sampling;
  sampling.seed = Bytes(32, std::byte{0xab});
  sampling.strata = 1000;
  sampling.samples = 2002;
  sampling.sample_bytes = 1'009'000'000;
  sampling.population_bytes = 10'000'000'000;
  sampling.detectable_ppm = 2299;
  evidence.sampling = sampling;
  evidence.afterwards = {"reread", std::vector<ContentSignature>{}};
  evidence.resumed = {Time(std::chrono::seconds(1'795'000'000)),
                      Time(std::chrono::seconds(1'795'000'060))};
  return evidence;
}

std::string result_of(const Evidence& evidence) {
  TargetReport report;
  report.target = "/dev/sdb";
  report.result.outcome = evidence.outcome;
  report.evidence = &evidence;
  std::ostringstream out;
  std::ostringstream err;
  make_terminal_reporter(out, err, [] { return std::uint64_t{0}; }, {})->finished(report);
  return out.str();
}

bool says(const Evidence& evidence, const std::string& text) {
  return result_of(evidence).find(text) != std::string::npos;
}

TEST_CASE("a result says what a sample would have noticed, and only if all of it was read") {
  Evidence evidence = drive_evidence();
  CHECK(says(evidence,
             "  read back: a sample of 10.0 % (2,002 samples in 1,000 strata); wrong content in "
             "0.23 % of the drive or more would have been seen with 99 % probability\n"));
  evidence.sampling->detectable_ppm = 2301;  // rounded up: never better than it was
  CHECK(says(evidence, "wrong content in 0.24 % of the drive"));
  evidence.sampling->detectable_ppm = 0;
  CHECK(says(evidence, "strata), which is all of it\n"));
  evidence.sampling->detectable_ppm = 2299;
  evidence.passes.back().compared_bytes -= 512;
  CHECK(says(evidence, "strata); not all of it was read, so it shows nothing of the rest\n"));
  evidence.passes.back().compared_bytes += 512;
  evidence.passes.back().verified = false;
  CHECK_FALSE(says(evidence, "would have been seen"));
  evidence.sampling.reset();
  CHECK_FALSE(says(evidence, "sample"));
}

TEST_CASE("a result says what a drive looked like afterwards, and when it was resumed") {
  Evidence evidence = drive_evidence();
  CHECK(says(evidence, "  partition table: read again by the system\n  signatures left: none\n"));
  CHECK(says(evidence, "  resumed: " + to_rfc3339(evidence.resumed[0]) + ", " +
                           to_rfc3339(evidence.resumed[1]) + "\n"));
  evidence.afterwards->partition_table = "no_partitions";
  evidence.afterwards->signatures->push_back({"filesystem", kHostile, "", "", 1080});
  CHECK(says(evidence, "  partition table: the system keeps no partitions here\n"));
  CHECK(says(evidence, "  signatures left: " + escaped(kHostile) + " (filesystem)\n"));
  evidence.afterwards->partition_table = "EIO " + kHostile;
  evidence.afterwards->signatures.reset();
  CHECK(says(evidence, "  partition table: not read again: EIO " + escaped(kHostile) + "\n"));
  CHECK(says(evidence, "  signatures left: could not be looked for\n"));
  evidence.resumed.resize(12);
  CHECK(says(evidence, " and 2 times more\n"));
  evidence.resumed.clear();
  evidence.afterwards.reset();
  CHECK_FALSE(says(evidence, "resumed"));
  CHECK_FALSE(says(evidence, "signatures left"));
}

TEST_CASE("the finished event of a drive has sample, afterwards and resumptions") {
  Evidence evidence = drive_evidence();
  evidence.afterwards->signatures->push_back({"filesystem", "ext4", "data", "77aa", 1080});
  TargetReport report;
  report.target = "/dev/sdb";
  report.evidence = &evidence;
  const auto line = as_json(report).back();
  std::string seed;
  for (int i = 0; i < 32; ++i) seed += "ab";
  CHECK(line["sampling"] == nlohmann::json{{"seed", seed},
                                           {"strata", 1000},
                                           {"samples", 2002},
                                           {"sample_bytes", 1'009'000'000},
                                           {"population_bytes", 10'000'000'000},
                                           {"detectable_ppm", 2299}});
  CHECK(line["afterwards"]["partition_table"] == "reread");
  CHECK(line["afterwards"]["signatures"][0]["offset_bytes"] == 1080);
  CHECK(line["resumed"].size() == 2);
  evidence.afterwards->signatures.reset();
  evidence.sampling.reset();
  evidence.resumed.clear();
  const auto bare = as_json(report).back();
  CHECK(bare["afterwards"]["signatures"] == "unknown");
  CHECK_FALSE(bare.contains("sampling"));
  CHECK_FALSE(bare.contains("resumed"));
}

const Sweep kFirst{"/dev/a", 1, 3, SweepKind::write};
const Sweep kSecond{"/dev/b", 2, 3, SweepKind::verify};

/// A reporter with two targets under way.
struct TwoDrives {
  std::ostringstream out;
  std::ostringstream err;
  std::uint64_t now_us = 0;
  std::unique_ptr<Reporter> reporter;

  explicit TwoDrives(const TerminalStyle& style)
      : reporter(make_terminal_reporter(
            out, err, [this] { return now_us; }, style)) {
    begin();
  }
  TwoDrives() : reporter(make_json_reporter(out, [this] { return now_us; })) { begin(); }

  void begin() const {
    reporter->on(PassStarted{kFirst, 100});
    reporter->on(PassStarted{kSecond, 200});
  }
  /// What this says on standard error, alone.
  std::string said(const std::function<void()>& what) {
    err.str("");
    what();
    return err.str();
  }
  void finish(const std::string& target) const {
    TargetReport report;
    report.target = target;
    report.result.outcome = Outcome::sanitized;
    reporter->finished(report);
  }
};

TEST_CASE("two drives have a line each and a third for both, at most every 150 ms for all") {
  TwoDrives world({ProgressStyle::bar, 80, false, false});
  world.now_us = 1'000'000;
  const std::string block = world.said([&] { world.reporter->on(Progress{kFirst, 10, 100}); });
  CHECK(std::count(block.begin(), block.end(), '\n') == 2);
  CHECK(block.find("/dev/a [") != std::string::npos);
  CHECK(block.find("1/3 write   10 %") != std::string::npos);
  CHECK(block.find("/dev/b [") != std::string::npos);
  CHECK(block.find("2 under way: ") != std::string::npos);
  world.now_us += 149'999;
  CHECK(world.said([&] { world.reporter->on(Progress{kSecond, 10, 200}); }).empty());
  CHECK(world.said([&] { world.reporter->on(PassFinished{kSecond, 200, 1}); }).empty());
  world.now_us += 1;
  const std::string again = world.said([&] { world.reporter->on(Progress{kSecond, 20, 200}); });
  CHECK(again.starts_with("\x1b[2A\r\x1b[K/dev/a"));
  // Other lines clear the block first; what is left is drawn below them.
  const std::string warning = world.said([&] {
    world.reporter->on(BadExtentFound{kSecond, "/dev/b", {0, 512}, ExtentState::read_failed, 5});
  });
  CHECK(warning.starts_with("\x1b[2A\r\x1b[Jwarning: /dev/b: read_failed"));
  world.finish("/dev/a");
  world.now_us += 1'000'000;
  const std::string last = world.said([&] { world.reporter->on(Progress{kSecond, 30, 200}); });
  CHECK(last.starts_with("\r\x1b[K["));
  CHECK(last.ends_with("  1 bad"));
}

TEST_CASE("in a log each target has thirty seconds of its own") {
  TwoDrives world({ProgressStyle::log, 80, false, false});
  world.now_us = 30'000'000;
  const auto first = [&] { world.reporter->on(Progress{kFirst, 10, 100}); };
  const auto second = [&] { world.reporter->on(Progress{kSecond, 10, 200}); };
  CHECK(world.said(first).starts_with("/dev/a: pass 1 of 3, write: 10 %"));
  CHECK(world.said(second).starts_with("/dev/b: pass 2 of 3, verify: 5 %"));
  world.now_us += 29'000'000;
  CHECK(world.said(first).empty());
  CHECK(world.said(second).empty());
}

TEST_CASE("the status is told at once in every style, a line for each target under way") {
  for (const ProgressStyle style : {ProgressStyle::bar, ProgressStyle::log, ProgressStyle::none}) {
    for (const bool quiet : {false, true}) {
      TwoDrives world({style, 80, false, quiet});
      world.now_us = 1'000'000;
      world.reporter->on(Progress{kFirst, 41, 100});
      world.reporter->on(ConditionSeen{kFirst, 41, 38'000});
      const std::string text = world.said([&] { world.reporter->status(); });
      CHECK(text.find("/dev/a: pass 1 of 3, write: 41 %  41 B/s  1 s left  38 C\n") !=
            std::string::npos);
      CHECK(text.find("/dev/b: pass 2 of 3, verify: 0 %  0 B/s\n") != std::string::npos);
      world.finish("/dev/a");
      world.finish("/dev/b");
      CHECK(world.said([&] { world.reporter->status(); }) == "nothing is under way\n");
    }
  }
}

TEST_CASE("JSON: progress of each target by its own clock, conditions, and the status") {
  TwoDrives world;
  std::vector<nlohmann::json> lines;
  const auto told = [&](const std::function<void()>& what) {
    world.out.str("");
    what();
    lines.clear();
    std::istringstream in(world.out.str());
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines.size();
  };
  world.now_us = 500'000;
  CHECK(told([&] { world.reporter->on(Progress{kFirst, 10, 100}); }) == 1);
  CHECK(told([&] { world.reporter->on(Progress{kSecond, 10, 200}); }) == 1);
  CHECK(told([&] { world.reporter->on(Progress{kFirst, 20, 100}); }) == 0);
  CHECK(told([&] { world.reporter->on(ConditionSeen{kFirst, 20, 38'500}); }) == 1);
  CHECK(lines[0] == nlohmann::json{{"event", "condition"},
                                   {"target", "/dev/a"},
                                   {"batch", 1},
                                   {"pass", 1},
                                   {"passes", 3},
                                   {"kind", "write"},
                                   {"bytes_per_second", 20},
                                   {"temperature_millicelsius", 38'500}});
  CHECK(told([&] { world.reporter->on(ConditionSeen{kFirst, 20, std::nullopt}); }) == 1);
  CHECK_FALSE(lines[0].contains("temperature_millicelsius"));
  CHECK(told([&] { world.reporter->status(); }) == 3);
  CHECK(lines[0] == nlohmann::json{{"event", "status"}, {"under_way", 2}});
  CHECK(lines[1]["event"] == "progress");
  CHECK(lines[1]["target"] == "/dev/a");
  CHECK(lines[1]["done_bytes"] == 20);
  CHECK(lines[2]["target"] == "/dev/b");
  world.finish("/dev/a");
  CHECK(told([&] { world.reporter->status(); }) == 2);
}

TEST_CASE(
    "errors and findings for people: one line each, escaped, with a hint where there is one") {
  std::ostringstream err;
  print_error(err, {Errc::io, 5, "cannot open " + kHostile, "try " + kHostile});
  print_finding(err, {Finding::Level::refusal, "is_symlink", kHostile, "is a link", "name it"});
  CHECK(is_harmless(err.str()));
  const std::string text = err.str();
  CHECK(std::count(text.begin(), text.end(), '\n') == 4);
  CHECK(text.find("[is_symlink]\nhint: name it\n") != std::string::npos);
}

}  // namespace
}  // namespace quietus
