// SPDX-License-Identifier: GPL-3.0-or-later
// The reporter for scripts: one JSON object a line.
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>
#include <variant>

#include "quietus/certificate.h"
#include "quietus/json_text.h"
#include "quietus/plan_policy.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "report/device_json.h"
#include "report/operation_board.h"
#include "report/policy_text.h"
#include "report/progress_board.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kIntervalUs = 500'000;

Json about(const char* event, const Sweep& sweep) {
  Json out = {{"event", event}};
  put_text(out, "target", sweep.target);
  out["batch"] = sweep.batch;
  out["pass"] = sweep.pass;
  out["passes"] = sweep.passes;
  out["kind"] = name_of(sweep.kind);
  return out;
}

Json progress_line(const ProgressFigures& figures) {
  Json line = about("progress", figures.sweep);
  line["done_bytes"] = figures.done_bytes;
  line["total_bytes"] = figures.total_bytes;
  line["bytes_per_second"] = figures.bytes_per_second;
  if (figures.seconds_left) line["seconds_left"] = *figures.seconds_left;
  if (figures.bad_extents > 0) line["bad_extents"] = figures.bad_extents;
  return line;
}

Json operation_line(const OperationSeen& event) {
  Json line = {{"event", "operation"}};
  put_text(line, "target", event.target);
  line["method"] = event.method;
  line["state"] = event.state;
  put_text(line, "text", event.text);
  if (event.progress_ppm) line["progress_ppm"] = *event.progress_ppm;
  if (event.remaining_s) line["remaining_s"] = *event.remaining_s;
  line["stalled"] = event.stalled;
  return line;
}

Json json_of(const FirmwareEvidence& firmware) {
  Json out = {{"method", name_of(firmware.method)}};
  put_text(out, "command", firmware.command);
  out["sent"] = firmware.sent.has_value();
  out["reported"] = firmware.reported;
  out["reset_seen"] = firmware.reset_seen;
  out["hidden_area"] = name_of(firmware.hidden_after.present);
  if (firmware.canaries) {
    out["canaries"] = {{"planted", json_number(firmware.canaries->planted_blocks)},
                       {"checked", json_number(firmware.canaries->checked_blocks)},
                       {"survived", json_number(firmware.canaries->survived_blocks)},
                       {"unreadable", json_number(firmware.canaries->unreadable_blocks)}};
  }
  if (firmware.keys) out["headers_left"] = json_number(firmware.keys->headers_left);
  return out;
}

Json json_of(const SamplingEvidence& sampling) {
  return {{"seed", to_hex(sampling.seed)},
          {"strata", json_number(sampling.strata)},
          {"samples", json_number(sampling.samples)},
          {"sample_bytes", json_number(sampling.sample_bytes)},
          {"population_bytes", json_number(sampling.population_bytes)},
          {"detectable_ppm", json_number(sampling.detectable_ppm)}};
}

Json json_of(const DeviceAfterwards& afterwards) {
  Json out = Json::object();
  put_text(out, "partition_table", afterwards.partition_table);
  out["signatures"] = afterwards.signatures ? json_of(*afterwards.signatures) : Json("unknown");
  return out;
}

class JsonReporter final : public Reporter {
 public:
  JsonReporter(std::ostream& out, MonotonicClock clock)
      : out_(out), board_(clock, kIntervalUs), operations_(std::move(clock), kIntervalUs) {}

  void planned(const Plan& plan) override {
    Json line = {{"event", "plan"}};
    line["plan_sha256"] = plan_digest(plan);
    line["plan"] = Json::parse(to_json(plan), nullptr, false);
    Json policies = Json::array();
    for (const auto& of_target : plan.policies) policies.push_back(policies_json(of_target));
    line["policies"] = std::move(policies);
    Json warnings = Json::array();
    for (const Finding& finding : policy_warnings(plan)) warnings.push_back(json_of(finding));
    line["policy_findings"] = std::move(warnings);
    print(line);
  }

  void on(const Event& event) override {
    std::visit([this](const auto& one) { show(one); }, event);
  }

  void finished(const TargetReport& report) override {
    board_.remove(report.target);
    operations_.remove(report.target);
    Json line = {{"event", "finished"}};
    put_text(line, "target", report.target);
    line["outcome"] = row_of(report.result.outcome).name;
    line["exit"] = report.result.exit_code();
    line["recorded"] = report.result.recorded;
    if (report.evidence) line["policies"] = policies_json(report.policies);
    if (!report.certificate_path.empty()) put_text(line, "certificate", report.certificate_path);
    if (!report.job_id.empty()) line["job"] = report.job_id;
    if (!report.receipt_path.empty()) put_text(line, "receipt", report.receipt_path);
    if (report.ledger_index) line["ledger_index"] = *report.ledger_index;
    if (report.evidence) add_evidence(line, *report.evidence);
    Json reasons = Json::array();
    for (const Finding& reason : report.reasons) reasons.push_back(json_of(reason));
    if (!reasons.empty()) line["reasons"] = reasons;
    for (const Error& problem : report.problems) line["problems"].push_back(problem.what);
    if (!report.unrecorded_certificate.empty()) {
      Json certificate = {{"event", "certificate"}};
      certificate["envelope"] = report.unrecorded_certificate;
      print(certificate);
    }
    print(line);
  }

  void status() override {
    const std::vector<ProgressFigures> all = board_.figures();
    print({{"event", "status"}, {"under_way", all.size() + operations_.all().size()}});
    for (const ProgressFigures& one : all) print(progress_line(one));
    for (const OperationSeen& one : operations_.all()) print(operation_line(one));
  }

 private:
  /// The sums only; the certificate has the lists.
  static void add_places(Json& line, const Evidence& evidence) {
    if (evidence.proof) {
      line["proof"] = {{"proven_bytes", evidence.proof->proven_bytes},
                       {"unproven_bytes", evidence.proof->unproven_bytes}};
    }
    if (evidence.chase) {
      line["chase"] = {{"blocks", evidence.chase->blocks},
                       {"changed", evidence.chase->changed},
                       {"unchanged_bytes", evidence.chase->unchanged.bytes},
                       {"inline_bytes", evidence.chase->inline_bytes}};
    }
    if (!evidence.space) return;
    const SpaceEvidence& space = *evidence.space;
    line["space"] = {{"free_before_bytes", space.free_before_bytes},
                     {"filled_bytes", space.filled_bytes},
                     {"reserved_bytes", space.reserved_bytes},
                     {"left_bytes", space.left_bytes}};
    if (space.unreached) line["space"]["unreached_bytes"] = space.unreached->bytes;
    if (!space.canaries) return;
    std::uint64_t survivors = 0;
    for (const CanaryClass& one : space.canaries->classes) survivors += one.survivors;
    line["space"]["canaries"] = {{"scanned", space.canaries->scanned}, {"survivors", survivors}};
  }

  static void add_evidence(Json& line, const Evidence& evidence) {
    line["content_bytes"] = evidence.content_bytes;
    line["cache_bypass"] = name_of(evidence.cache_bypass);
    Json facts = Json::array();
    for (const Fact& fact : evidence.facts) {
      facts.push_back({{"code", fact.code}, {"exception", fact.exception}});
    }
    line["facts"] = facts;
    if (evidence.kind == TargetKind::files) {
      line["entries"] = evidence.entries;
      line["names_removed"] = evidence.names_removed;
    }
    add_places(line, evidence);
    if (evidence.firmware) line["firmware"] = json_of(*evidence.firmware);
    if (evidence.sampling) line["sampling"] = json_of(*evidence.sampling);
    if (evidence.afterwards) line["afterwards"] = json_of(*evidence.afterwards);
    for (const Time moment : evidence.resumed) line["resumed"].push_back(to_rfc3339(moment));
  }

  void show(const PassStarted& event) {
    operations_.remove(event.sweep.target);
    board_.start(event);
    Json line = about("pass_started", event.sweep);
    line["total_bytes"] = event.total_bytes;
    print(line);
  }

  void show(const Progress& event) {
    const auto figures = board_.meter_of(event.sweep).update(event);
    if (figures) print(progress_line(*figures));
  }

  void show(const BadExtentFound& event) {
    board_.note(event);
    Json line = about("bad_extent", event.sweep);
    put_text(line, "path", event.path);
    line["offset_bytes"] = event.extent.offset;
    line["length_bytes"] = event.extent.length;
    line["state"] = name_of(event.state);
    if (event.os_code != 0) line["os_code"] = event.os_code;
    print(line);
  }

  void show(const ConditionSeen& event) {
    board_.note(event);
    Json line = about("condition", event.sweep);
    line["bytes_per_second"] = event.bytes_per_second;
    if (event.temperature_millicelsius) {
      line["temperature_millicelsius"] = *event.temperature_millicelsius;
    }
    print(line);
  }

  void show(const OperationSeen& event) {
    board_.remove(event.target);
    if (operations_.note(event)) print(operation_line(event));
  }

  void show(const PassFinished& event) {
    Json line = about("pass_finished", event.sweep);
    line["bytes"] = event.bytes;
    line["seconds"] = static_cast<double>(event.duration_us) / 1e6;
    print(line);
  }

  void print(const Json& line) {
    out_ << to_line(line) << '\n';
    out_.flush();
  }

  std::ostream& out_;
  ProgressBoard board_;
  OperationBoard operations_;
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(std::ostream& out, MonotonicClock clock) {
  return std::make_unique<JsonReporter>(out, std::move(clock));
}

}  // namespace quietus
