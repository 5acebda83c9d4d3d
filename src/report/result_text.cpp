// SPDX-License-Identifier: GPL-3.0-or-later
// The words for a plan and for a result, line by line.
#include "report/result_text.h"

#include "quietus/text.h"

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
  return "full: everything is read back after the last pass and after every pass that says so";
}

std::string fate_of(const Plan& plan, const Target& target, const Root& root) {
  if (!root.obstacles.empty() && !plan.rules.best_effort) {
    return "left alone: overwriting would not be effective";
  }
  if (target.kind == TargetKind::image) return "overwritten; the image file stays";
  return plan.rules.keep ? "overwritten; the name stays" : "overwritten and removed";
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

void add_passes(std::vector<std::string>& lines, const Evidence& evidence) {
  if (evidence.content_bytes == 0 || evidence.passes.empty()) {
    lines.emplace_back("  there was nothing to overwrite");
    return;
  }
  const PassEvidence& last = evidence.passes.back();
  lines.push_back("  written: " + std::to_string(evidence.passes.size()) + " of " +
                  plural(evidence.passes_planned, "pass", "passes") + ", the last over " +
                  human_bytes(last.written_bytes) + " of " + human_bytes(evidence.content_bytes));
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
  add_passes(lines, evidence);
  if (evidence.kind == TargetKind::files) {
    lines.push_back("  entries: " + std::to_string(evidence.entries) +
                    ", names removed: " + std::to_string(evidence.names_removed));
  }
  for (const Fact& fact : evidence.facts) {
    lines.push_back(std::string(fact.exception ? "  exception: " : "  remark: ") +
                    escaped(fact.text) + " [" + fact.code + "]");
  }
  add_exceptions(lines, evidence);
}

}  // namespace

std::vector<std::string> lines_of(const Plan& plan) {
  std::vector<std::string> lines{"Plan"};
  const Rules& rules = plan.rules;
  lines.push_back("  scheme: " + rules.scheme.id + ", " + escaped(rules.scheme.title) + " (" +
                  std::string(name_of(rules.scheme.status)) + ")");
  lines.push_back("  " + passes_text(rules));
  if (!rules.scheme.note.empty()) lines.push_back("  note: " + escaped(rules.scheme.note));
  lines.push_back("  verification: " + verify_text(rules));
  for (const Target& target : plan.targets) {
    for (const Root& root : target.roots) {
      const std::string size = root.kind == NodeKind::directory
                                   ? "directory and all below it"
                                   : std::to_string(root.size_bytes) + " bytes";
      lines.push_back("  " + escaped(root.path) + " (" + size + " on " +
                      escaped(root.file_system.type) + "): " + fate_of(plan, target, root));
    }
  }
  return lines;
}

std::vector<std::string> lines_of(const TargetReport& report) {
  const OutcomeRow& row = row_of(report.result.outcome);
  std::vector<std::string> lines{escaped(report.target) + ": " + std::string(row.title)};
  lines.push_back("  " + std::string(row.sentence));
  if (report.evidence) add_evidence(lines, *report.evidence);
  if (!report.certificate_path.empty()) {
    lines.push_back("  certificate: " + escaped(report.certificate_path));
  }
  if (!report.receipt_path.empty()) lines.push_back("  receipt: " + escaped(report.receipt_path));
  if (report.ledger_index) {
    lines.push_back("  ledger entry: " + std::to_string(*report.ledger_index));
  }
  return lines;
}

}  // namespace quietus
