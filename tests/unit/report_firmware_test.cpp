// SPDX-License-Identifier: GPL-3.0-or-later
// What people and scripts are told of a drive's own method: while it runs, when it is over, on the
// page, the label and the letter.
#include <algorithm>
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "quietus/certificate_page.h"
#include "quietus/letter.h"
#include "quietus/report.h"

#include "report/firmware_text.h"
#include "report/operation_board.h"
#include "report/result_text.h"
#include "unit/certificate_firmware.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

const std::string kHostile =
    "/d/\x1b[2J\xe2\x80\xae"
    "gpj";

OperationSeen seen(const std::string& target, const std::string& state,
                   std::optional<std::uint32_t> ppm = {}, bool stalled = false) {
  OperationSeen out;
  out.target = target;
  out.method = "sanitize_block";
  out.state = state;
  out.progress_ppm = ppm;
  out.stalled = stalled;
  return out;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A reporter and its clock.
struct Told {
  std::ostringstream out;
  std::ostringstream err;
  std::uint64_t now_us = 0;
  std::unique_ptr<Reporter> reporter;

  explicit Told(const TerminalStyle& style)
      : reporter(make_terminal_reporter(
            out, err, [this] { return now_us; }, style)) {}
  Told() : reporter(make_json_reporter(out, [this] { return now_us; })) {}

  std::string said(const OperationSeen& event) {
    err.str("");
    reporter->on(event);
    return err.str();
  }
  std::size_t lines(const std::function<void()>& what) {
    out.str("");
    what();
    const std::string text = out.str();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
};

TEST_CASE("operation: a line says how far the drive is, by its own word") {
  OperationSeen event = seen("/dev/a", "running", 418'000);
  event.remaining_s = 65;
  CHECK(line_of(event) ==
        "sanitize block: running, 41 %, 1 min 5 s left by the drive's own estimate");
  event.stalled = true;
  CHECK(has(line_of(event), "still running, without progress for long"));
  event.progress_ppm = 999'999;
  CHECK(has(line_of(event), "99 %"));
  event.progress_ppm = 4'000'000;
  CHECK(has(line_of(event), "100 %"));
  event.text = kHostile;
  CHECK_FALSE(has(line_of(event), "\x1b"));
  CHECK_FALSE(has(line_of(event), "\xe2\x80\xae"));
}

TEST_CASE("operation: in a log a line every ten seconds, and at once for what is new") {
  Told told({ProgressStyle::log, 80, false, false});
  CHECK(told.said(seen("/dev/a", "running", 0)) == "/dev/a: sanitize block: running, 0 %\n");
  told.now_us = 9'999'999;
  CHECK(told.said(seen("/dev/a", "running", 10'000)).empty());
  told.now_us = 10'000'000;
  CHECK(has(told.said(seen("/dev/a", "running", 20'000)), "2 %"));
  told.now_us += 1;
  CHECK(has(told.said(seen("/dev/a", "running", 20'000, true)), "still running"));
  CHECK(told.said(seen("/dev/a", "running", 20'000, true)).empty());
  CHECK(has(told.said(seen("/dev/a", "succeeded")), "succeeded"));
  CHECK(has(told.said(seen("/dev/b", "running")), "/dev/b: "));
}

TEST_CASE("operation: a bar never wider than the terminal, named where there are several") {
  for (const unsigned width : {20U, 40U, 80U, 200U}) {
    CAPTURE(width);
    OperationSeen event = seen("/dev/disk", "running", 500'000);
    event.text = std::string(300, 'x');
    CHECK(bar_of(event, width).size() < width);
    event.text.clear();
    CHECK(bar_of(event, width).size() < width);
    const auto several = block_of({event, event}, false, width, 24);
    REQUIRE(several.size() == 2);
    CHECK(several[0].size() < width);
    CHECK(several[0].starts_with("/dev/disk"));
  }
  CHECK(bar_of(seen("/dev/a", "running", 500'000), 80).starts_with("[###"));
  CHECK(block_of(std::vector<OperationSeen>(50, seen("/dev/a", "running")), true, 80, 10).size() ==
        10);
  Told told({ProgressStyle::bar, 80, false, false});
  told.said(seen("/dev/a", "running", 0));
  told.now_us = 200'000;
  CHECK(has(told.said(seen("/dev/a", "running", 500'000)), "50 %"));
  told.reporter->on(PassStarted{{"/dev/b", 1, 3, SweepKind::write}, 100});
  told.now_us = 400'000;
  const std::string both = told.said(seen("/dev/a", "running", 510'000));
  CHECK(has(both, "/dev/a  sanitize block"));
  CHECK(has(both, "/dev/b"));
}

TEST_CASE("operation: the status names it, passes that follow take its place") {
  Told told({ProgressStyle::none, 80, false, true});
  CHECK(told.said(seen("/dev/a", "running", 300'000)).empty());
  told.err.str("");
  told.reporter->status();
  CHECK(told.err.str() == "/dev/a: sanitize block: running, 30 %\n");
  told.reporter->on(PassStarted{{"/dev/a", 1, 3, SweepKind::write}, 100});
  told.err.str("");
  told.reporter->status();
  CHECK(has(told.err.str(), "/dev/a: pass 1 of 3"));
  CHECK_FALSE(has(told.err.str(), "sanitize"));
  TargetReport report;
  report.target = "/dev/a";
  told.reporter->finished(report);
  told.err.str("");
  told.reporter->status();
  CHECK(told.err.str() == "nothing is under way\n");
}

TEST_CASE("operation: JSON events, thinned, with nothing that is not told") {
  Told told;
  CHECK(told.lines([&] { told.reporter->on(seen("/dev/a", "running")); }) == 1);
  CHECK(Json::parse(told.out.str()) == Json::parse(R"({"event":"operation","target":"/dev/a",
      "method":"sanitize_block","state":"running","text":"","stalled":false})"));
  CHECK(told.lines([&] { told.reporter->on(seen("/dev/a", "running", 1)); }) == 0);
  told.now_us = 500'000;
  CHECK(told.lines([&] { told.reporter->on(seen("/dev/a", "running", 2)); }) == 1);
  CHECK(Json::parse(told.out.str())["progress_ppm"] == 2);
  CHECK(told.lines([&] { told.reporter->status(); }) == 2);
  CHECK(told.lines([&] { told.reporter->on(seen("/dev/a", "succeeded")); }) == 1);
}

TargetReport report_of(const Evidence& evidence) {
  TargetReport report;
  report.target = "/dev/sdx";
  report.result.outcome = evidence.outcome;
  report.evidence = &evidence;
  return report;
}

std::string text_of_result(const Evidence& evidence) {
  std::string text;
  for (const std::string& line : lines_of(report_of(evidence))) text += line + "\n";
  return text;
}

TEST_CASE("result: what the drive said and what was seen, in lines") {
  const std::string good = text_of_result(firmware_evidence());
  CHECK(has(good, "  method: sanitize block: " + kBlockErase));
  CHECK(has(good, "  the drive reported: succeeded: SD4"));
  CHECK(has(good, "  canaries: 256 planted, 256 looked at afterwards, none survived\n"));
  CHECK(has(good, "  read afterwards: 128 KiB, a sample; it holds zeros\n"));
  CHECK(has(good, "  hidden area: none\n"));
  CHECK(has(good, "  health after: reallocated 2, pending 0\n"));
  CHECK_FALSE(has(good, "nothing to overwrite"));
  CHECK_FALSE(has(good, "Every pass"));
  const std::string bad = text_of_result(survived_evidence());
  CHECK(has(bad, "1 SURVIVED"));
  CHECK(has(bad, "data remains"));
  Evidence unsent = firmware_evidence();
  unsent.outcome = Outcome::failed;
  unsent.firmware->sent.reset();
  CHECK(has(text_of_result(unsent), "  the command was never sent\n"));
  Evidence unseen = firmware_evidence();
  unseen.firmware->canaries->checked_blocks = 0;
  CHECK_FALSE(has(text_of_result(unseen), "none survived"));
  const std::string keys = text_of_result(key_evidence());
  CHECK(has(keys, "key slots destroyed"));
  CHECK(has(keys, "0 more found, 0 left"));
}

TEST_CASE("result: after what did not end well, what to do") {
  const auto hint = [](const char* code, Outcome outcome) {
    Evidence evidence = firmware_evidence();
    evidence.outcome = outcome;
    evidence.facts = {{code, "text", true}};
    Told told({ProgressStyle::none, 80, false, false});
    told.reporter->finished(report_of(evidence));
    return told.err.str();
  };
  CHECK(has(hint("still_running", Outcome::interrupted),
            "hint: the drive goes on by itself: `quietus status /dev/sdx --wait`"));
  CHECK(has(hint("left_in_failure_state", Outcome::failed), "hint: the drive takes no reads"));
  CHECK(has(hint("drive_left_locked", Outcome::failed), "`quietus`"));
  CHECK(has(hint("canary_survived", Outcome::verification_failed), "destroy it"));
  CHECK_FALSE(has(hint("firmware_trusted", Outcome::unverified), "hint: "));
  CHECK_FALSE(has(hint("still_running", Outcome::sanitized), "hint: "));
}

TEST_CASE("result: the finished event has what the drive reported and the canaries") {
  Told told;
  const Evidence evidence = survived_evidence();
  told.reporter->finished(report_of(evidence));
  const Json line = Json::parse(told.out.str());
  CHECK(line["outcome"] == "verification_failed");
  CHECK(line["firmware"]["method"] == "sanitize_block");
  CHECK(line["firmware"]["sent"] == true);
  CHECK(line["firmware"]["reported"] == "succeeded");
  CHECK(line["firmware"]["canaries"]["survived"] == 1);
}

FormSource source_of(const Plan& plan, const Evidence& evidence) {
  const SigningKey machine = key_of("machine");
  FormSource source;
  source.statement = make_statement(plan, plan.targets[0], evidence,
                                    sample_issuance({signer_of(KeyRole::machine, machine)}))
                         .body;
  source.envelope = "{\"payload\":\"e30=\"}\n";
  source.digest = std::string(64, 'f');
  source.trusted = true;
  source.zone = [](Time) { return ZoneOffset{0, "GMT"}; };
  return source;
}

std::string digest_of(std::string_view) { return "digest"; }

TEST_CASE("human forms of firmware: told, said and seen, in words") {
  const FormSource source = source_of(firmware_plan(), firmware_evidence());
  const auto page = html_page(source, digest_of);
  REQUIRE(page.ok());
  for (const std::string part :
       {"What the drive did itself", "The drive was told once: SANITIZE DEVICE, BLOCK ERASE EXT",
        "The drive reported: succeeded: SD4", "256 blocks of random bytes",
        "none of these was there any more", "the drive does not have it",
        "by the order of the policy", "Verified by the drive&#39;s own report and by 256 canaries",
        "reallocated sectors: 2", "Hidden area afterwards", "ata identify"}) {
    CAPTURE(part);
    const bool apostrophe = part.find("&#39;") != std::string::npos;
    const std::string plain = apostrophe ? "own report and by 256 canaries" : part;
    CHECK(has(*page, plain));
  }
  CHECK_FALSE(has(*page, "5a5a5a5a"));  // bytes stand in the record
  CHECK_FALSE(has(*page, "MoJ"));       // a scheme that was not used
  const auto text = text_form(source, 200);
  REQUIRE(text.ok());
  CHECK(has(*text, "The drive reported: succeeded"));
  const auto label = label_page(source, digest_of);
  REQUIRE(label.ok());
  CHECK(has(*label, "sanitize block, purge"));
}

TEST_CASE("human forms of firmware: a canary that survived is loud, and no purge is on the label") {
  const FormSource source = source_of(firmware_plan(), survived_evidence());
  const auto text = text_form(source, 200);
  REQUIRE(text.ok());
  CHECK(has(*text, "1 WERE STILL THERE"));
  CHECK(has(*text, "VERIFICATION FAILED"));
  CHECK_FALSE(has(*text, "Verified by"));
  const auto label = label_page(source, digest_of);
  REQUIRE(label.ok());
  CHECK_FALSE(has(*label, "purge"));
  CHECK(has(*label, "NOT RELEASABLE"));
}

TEST_CASE("human forms of firmware: canaries that nobody looked at are not gone") {
  Evidence evidence = firmware_evidence();
  evidence.outcome = Outcome::interrupted;
  evidence.firmware->canaries->checked_blocks = 0;
  const auto text = text_form(source_of(firmware_plan(), evidence), 200);
  REQUIRE(text.ok());
  CHECK(has(*text, "NONE OF THEM was looked at"));
  CHECK_FALSE(has(*text, "any more"));
}

TEST_CASE("human forms of keys: what it rests on comes first") {
  const auto text = text_form(source_of(key_plan(), key_evidence()), 200);
  REQUIRE(text.ok());
  CHECK(has(*text, "What was done to the key"));
  CHECK(has(*text, "Rests on declarations"));
  CHECK(has(*text, "LUKS2 7f4f3a0c"));
  CHECK(has(*text, "Key slots that were in use: 2"));
}

TEST_CASE("letter: each certificate with its method and what that counts as") {
  Letter letter;
  letter.records = {{"urn:uuid:1", "d", "drive", "sanitized", "2026-11-22T01:00:05Z",
                     "sanitize block: " + kBlockErase, "purge: IEEE 2883"}};
  for (const std::string& text : {letter_text(letter), letter_html(letter)}) {
    CHECK(has(text, "sanitize block: SANITIZE DEVICE"));
    CHECK(has(text, "purge: IEEE 2883"));
  }
}

}  // namespace
}  // namespace quietus::test
