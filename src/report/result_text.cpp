// SPDX-License-Identifier: GPL-3.0-or-later
// The words for a plan and for a result, line by line.
#include "report/result_text.h"

#include "quietus/certificate.h"
#include "quietus/text.h"

#include "report/device_text.h"
#include "report/firmware_text.h"
#include "report/method_text.h"
#include "report/policy_text.h"
#include "report/space_text.h"

namespace quietus {
namespace {

constexpr std::size_t kMaxLines = 10;  // of one kind; the certificate has the rest

std::string plural(std::uint64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string pass_text(const Pass& pass) {
  return to_text(pass.pattern) + (pass.verify ? " (verified)" : "");
}

/// Long schemes are named by their number of passes, short ones spelt out.
std::string passes_text(const Rules& rules) {
  const std::vector<Pass>& passes = rules.scheme.passes;
  std::string text = plural(passes.size(), "pass", "passes");
  if (passes.size() <= 9) {
    text += ": ";
    for (std::size_t i = 0; i < passes.size(); ++i) text += (i ? ", " : "") + pass_text(passes[i]);
  }
  if (rules.rounds > 1) text += "; " + std::to_string(rules.rounds) + " rounds";
  return text;
}

std::string verify_text(const Rules& rules) {
  if (rules.verify == VerifyMode::none)
    return "none: nothing is read back, the result is unverified";
  if (rules.verify == VerifyMode::sample) {
    constexpr std::uint32_t kPerPercent = 10'000;
    const std::string decimals = std::to_string(kPerPercent + rules.sample_ppm % kPerPercent);
    return "sample: at least " + std::to_string(rules.sample_ppm / kPerPercent) + "." +
           decimals.substr(1) + " % is read back after the last pass";
  }
  return "full: everything is read back after the last pass and after every pass that says so";
}

std::string fate_of_drive(const Plan& plan, const Target& target) {
  const Method method = target.choice.method;
  if (method == Method::overwrite) {
    return "overwritten; sanitized only as far as its addresses reach";
  }
  std::string text = method == Method::key_erase
                         ? "its key slots and headers are destroyed"
                         : "sanitized by its own command, " + option_word(method);
  return text + (plan.rules.then_overwrite ? ", then overwritten" : "");
}

/// A plan in which nothing is overwritten has a scheme in its rules all the same.
bool overwrites_any(const Plan& plan) {
  if (plan.rules.then_overwrite) return true;
  if (plan.targets.empty()) {
    return plan.rules.method.value_or(Method::overwrite) == Method::overwrite;
  }
  for (const Target& target : plan.targets) {
    if (target.choice.method == Method::overwrite) return true;
  }
  return false;
}

std::string fate_of(const Plan& plan, const Target& target, const Root& root) {
  if (!root.obstacles.empty() && plan.rules.chase && target.kind == TargetKind::files) {
    return "removed; its old blocks are followed until they are used anew";
  }
  if (!root.obstacles.empty() && !plan.rules.best_effort) {
    return "left alone: overwriting would not be effective";
  }
  if (target.kind == TargetKind::drive) return fate_of_drive(plan, target);
  if (target.kind == TargetKind::image) return "overwritten; the image file stays";
  if (target.kind == TargetKind::free_space) return "its free space is filled and given back";
  return plan.rules.keep ? "overwritten; the name stays" : "overwritten and removed";
}

std::string named(const std::string& text, const char* otherwise) {
  return text.empty() ? otherwise : escaped(text);
}

std::string content_text(const DeviceFacts& device) {
  if (device.content) return signatures_text(*device.content);
  return "not known" +
         (device.content_unknown.empty() ? "" : ": " + escaped(device.content_unknown));
}

/// A person compares this with the label of the drive.
void add_drive(std::vector<std::string>& lines, const DeviceFacts& device,
               const std::string& path) {
  const std::string& stable = device.stable_path.empty() ? device.path : device.stable_path;
  if (stable != path) lines.push_back("    also: " + escaped(stable));
  lines.push_back("    model: " + named(device.model, "not told"));
  lines.push_back("    serial: " + named(device.serial, "no serial") +
                  (device.serial_source.empty() || device.serial.empty()
                       ? ""
                       : " (from " + escaped(device.serial_source) + ")"));
  lines.push_back("    WWN: " + named(device.wwn, "no WWN"));
  lines.push_back("    size: " + std::to_string(device.size_bytes) + " bytes (" +
                  human_bytes(device.size_bytes) + ")");
  lines.push_back("    bus: " + named(device.bus, "unknown") +
                  ", storage: " + std::string(name_of(device.storage)));
  lines.push_back("    on it: " + content_text(device));
  if (!device.backing_file.empty()) {
    lines.push_back("    attached to: " + escaped(device.backing_file) +
                    (device.backing_is_buffered ? ", through the system's cache" : ""));
  }
}

void add_root(std::vector<std::string>& lines, const Root& root, const std::string& fate,
              bool of_free_space) {
  if (root.device) {
    lines.push_back("  " + escaped(root.path) + " (" + std::string(name_of(root.device->kind)) +
                    "): " + fate);
    add_drive(lines, *root.device, root.path);
    return;
  }
  std::string size = std::to_string(root.size_bytes) + " bytes";
  if (root.kind == NodeKind::directory) size = "directory and all below it";
  if (of_free_space) size = human_bytes(root.file_system.free_bytes) + " free";
  lines.push_back("  " + escaped(root.path) + " (" + size + " on " +
                  escaped(root.file_system.type) + "): " + fate);
}

void add_exceptions(std::vector<std::string>& lines, const Evidence& evidence) {
  for (std::size_t i = 0; i < evidence.extents.size() && i < kMaxLines; ++i) {
    const BadExtent& bad = evidence.extents[i];
    lines.push_back("  " + std::string(name_of(bad.state)) + ": " +
                    std::to_string(bad.extent.length) + " bytes at offset " +
                    std::to_string(bad.extent.offset));
  }
  for (std::size_t i = 0; i < evidence.exceptions.size() && i < kMaxLines; ++i) {
    const EntryException& entry = evidence.exceptions[i];
    std::string why;
    for (const Fact& fact : entry.facts) why += (why.empty() ? ": " : "; ") + fact.text;
    lines.push_back("  " + escaped(entry.path) + ": " + std::string(row_of(entry.outcome).title) +
                    escaped(why));
  }
  const std::size_t listed = evidence.extents.size() + evidence.exceptions.size();
  if (listed > kMaxLines) {
    lines.push_back("  ... and " + std::to_string(listed - kMaxLines) + " more in the certificate");
  }
}

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

/// In tenths, rounded down: never more than was read.
std::string share_text(std::uint64_t part, std::uint64_t whole) {
  const double share = whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
  const auto tenths = static_cast<std::uint64_t>(share * 1000.0);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

/// In hundredths, rounded up: never better than it was.
std::string detectable_text(std::uint64_t ppm) {
  const std::uint64_t hundredths = (ppm + 99) / 100;
  const std::string decimals = std::to_string(100 + hundredths % 100).substr(1);
  return std::to_string(hundredths / 100) + "." + decimals + " %";
}

/// What a sample shows holds only where all of it was read.
void add_sampling(std::vector<std::string>& lines, const Evidence& evidence) {
  if (!evidence.sampling) return;
  const SamplingEvidence& sampling = *evidence.sampling;
  std::string line =
      "  read back: a sample of " + share_text(sampling.sample_bytes, sampling.population_bytes) +
      " (" + grouped(sampling.samples) + " samples in " + grouped(sampling.strata) + " strata)";
  const PassEvidence& last = evidence.passes.back();
  if (!last.verified || last.compared_bytes < sampling.sample_bytes) {
    line += "; not all of it was read, so it shows nothing of the rest";
  } else if (sampling.detectable_ppm == 0) {
    line += ", which is all of it";
  } else {
    line += "; wrong content in " + detectable_text(sampling.detectable_ppm) + " of the " +
            std::string(name_of(evidence.kind)) +
            " or more would have been seen with 99 % probability";
  }
  lines.push_back(line);
}

void add_afterwards(std::vector<std::string>& lines, const DeviceAfterwards& after) {
  if (after.partition_table == "reread") {
    lines.emplace_back("  partition table: read again by the system");
  } else if (after.partition_table == "no_partitions") {
    lines.emplace_back("  partition table: the system keeps no partitions here");
  } else {
    lines.push_back("  partition table: not read again: " + escaped(after.partition_table));
  }
  if (!after.signatures) {
    lines.emplace_back("  signatures left: could not be looked for");
  } else {
    lines.push_back("  signatures left: " +
                    (after.signatures->empty() ? "none" : signatures_text(*after.signatures)));
  }
}

void add_resumed(std::vector<std::string>& lines, const std::vector<Time>& resumed) {
  std::string times;
  for (std::size_t i = 0; i < resumed.size() && i < kMaxLines; ++i) {
    times += (i ? ", " : "") + to_rfc3339(resumed[i]);
  }
  if (resumed.size() > kMaxLines) {
    times += " and " + std::to_string(resumed.size() - kMaxLines) + " times more";
  }
  if (!resumed.empty()) lines.push_back("  resumed: " + times);
}

void add_passes(std::vector<std::string>& lines, const Evidence& evidence) {
  if (evidence.content_bytes == 0 || evidence.passes.empty()) {
    if (!evidence.chase && !evidence.firmware)
      lines.emplace_back("  there was nothing to overwrite");
    return;
  }
  const PassEvidence& last = evidence.passes.back();
  lines.push_back("  written: " + std::to_string(evidence.passes.size()) + " of " +
                  plural(evidence.passes_planned, "pass", "passes") + ", the last over " +
                  human_bytes(last.written_bytes) + " of " + human_bytes(evidence.content_bytes));
  add_sampling(lines, evidence);
  if (!last.verified) {
    lines.emplace_back("  read back after the last pass: nothing, or not all");
    return;
  }
  const std::uint64_t equal = last.compared_bytes - last.mismatched_bytes;
  lines.push_back("  read back after the last pass: " + human_bytes(last.compared_bytes) +
                  ", of which equal " + human_bytes(equal) +
                  (evidence.cache_bypass == CacheBypass::direct_io
                       ? ""
                       : " (through the system's cache, which proves little)"));
}

void add_evidence(std::vector<std::string>& lines, const Evidence& evidence) {
  add_resumed(lines, evidence.resumed);
  add_firmware(lines, evidence);
  add_passes(lines, evidence);
  if (evidence.kind == TargetKind::files) {
    lines.push_back("  entries: " + std::to_string(evidence.entries) +
                    ", names removed: " + std::to_string(evidence.names_removed));
  }
  if (evidence.afterwards) add_afterwards(lines, *evidence.afterwards);
  add_health(lines, evidence);
  add_places(lines, evidence);
  for (const Fact& fact : evidence.facts) {
    lines.push_back(std::string(fact.exception ? "  exception: " : "  remark: ") +
                    escaped(fact.text) + " [" + fact.code + "]");
  }
  add_exceptions(lines, evidence);
}

/// How what nothing is overwritten of is verified.
std::string_view method_verification(const Plan& plan) {
  const bool keys = std::any_of(plan.targets.begin(), plan.targets.end(), [](const Target& target) {
    return target.choice.method == Method::key_erase;
  });
  if (keys || plan.rules.method == Method::key_erase) {
    return "headers read back, and a search for copies of them";
  }
  if (plan.rules.verify == VerifyMode::none) {
    return "marks that must be gone, and no sample: the result is unverified";
  }
  return "the drive's own report, marks that must be gone, and a sample";
}

/// By what is overwritten, and what is read back.
void add_scheme(std::vector<std::string>& lines, const Plan& plan) {
  const Rules& rules = plan.rules;
  if (!overwrites_any(plan)) {
    lines.push_back("  verification: " + std::string(method_verification(plan)));
    return;
  }
  lines.push_back("  scheme: " + rules.scheme.id + ", " + escaped(rules.scheme.title) + " (" +
                  std::string(name_of(rules.scheme.status)) + ")");
  lines.push_back("  " + passes_text(rules));
  if (!rules.scheme.note.empty()) lines.push_back("  note: " + escaped(rules.scheme.note));
  lines.push_back("  verification: " + verify_text(rules));
}

}  // namespace

std::vector<std::string> lines_of(const Plan& plan) {
  std::vector<std::string> lines{"Plan"};
  add_scheme(lines, plan);
  for (std::size_t i = 0; i < plan.targets.size(); ++i) {
    const Target& target = plan.targets[i];
    const bool of_free_space = target.kind == TargetKind::free_space;
    for (const Root& root : target.roots) {
      add_root(lines, root, fate_of(plan, target, root), of_free_space);
      if (root.device) add_choice(lines, target.choice, *root.device);
    }
    add_space_plan(lines, plan, target);
    if (i < plan.policies.size()) add_policies(lines, plan.policies[i], PolicyTense::before);
  }
  return lines;
}

std::vector<std::string> lines_of(const TargetReport& report) {
  const OutcomeRow& row = row_of(report.result.outcome);
  std::vector<std::string> lines{escaped(report.target) + ": " + std::string(row.title)};
  lines.push_back("  " +
                  std::string(report.evidence ? meaning_of(*report.evidence) : row.sentence));
  if (report.evidence) add_evidence(lines, *report.evidence);
  add_policies(lines, report.policies, PolicyTense::after);
  if (!report.certificate_path.empty()) {
    lines.push_back("  certificate: " + escaped(report.certificate_path));
  }
  if (!report.job_id.empty()) {
    lines.push_back("  unfinished: `quietus resume " + report.job_id + "` goes on with it");
  }
  if (!report.receipt_path.empty()) lines.push_back("  receipt: " + escaped(report.receipt_path));
  if (report.ledger_index) {
    lines.push_back("  ledger entry: " + std::to_string(*report.ledger_index));
  }
  return lines;
}

}  // namespace quietus
