// SPDX-License-Identifier: GPL-3.0-or-later
// The two presenters: text for people and JSON lines. Both say the same outcome, and neither lets
// foreign text through as it is.
#include <algorithm>
#include <doctest/doctest.h>
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
