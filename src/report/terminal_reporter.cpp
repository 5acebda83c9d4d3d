// SPDX-License-Identifier: GPL-3.0-or-later
// The reporter for people: plan and results as text, progress as bars or as sparse lines.
#include <ostream>
#include <utility>
#include <variant>

#include "quietus/plan_policy.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "report/firmware_text.h"
#include "report/operation_board.h"
#include "report/policy_text.h"
#include "report/progress_board.h"
#include "report/result_text.h"

namespace quietus {
namespace {

constexpr std::uint64_t kBarIntervalUs = 150'000;
constexpr std::uint64_t kLogIntervalUs = 30'000'000;
constexpr std::uint64_t kOperationIntervalUs = 10'000'000;
constexpr std::size_t kNameColumns = 20;

class TerminalReporter final : public Reporter {
 public:
  TerminalReporter(std::ostream& out, std::ostream& err, MonotonicClock clock,
                   const TerminalStyle& style)
      : out_(out),
        err_(err),
        clock_(clock),
        style_(style),
        board_(clock, kLogIntervalUs),
        operations_(std::move(clock), kOperationIntervalUs),
        block_(err) {}

  void planned(const Plan& plan) override {
    if (!style_.quiet) print_plan(out_, plan);
    for (const Finding& finding : plan.findings) print_finding(err_, finding);
    for (const Finding& finding : policy_warnings(plan)) print_finding(err_, finding);
  }

  void on(const Event& event) override {
    std::visit([this](const auto& one) { show(one); }, event);
  }

  void finished(const TargetReport& report) override {
    block_.clear();
    board_.remove(report.target);
    operations_.remove(report.target);
    for (const Finding& reason : report.reasons) print_finding(err_, reason);
    if (!report.unrecorded_certificate.empty()) out_ << report.unrecorded_certificate;
    if (!style_.quiet) {
      const std::vector<std::string> lines = lines_of(report);
      out_ << coloured(lines.front(), report.result.outcome) << "\n";
      for (std::size_t i = 1; i < lines.size(); ++i) out_ << lines[i] << "\n";
    }
    out_.flush();
    const bool fine = report.result.outcome == Outcome::sanitized && report.result.recorded &&
                      !report.result.policy_unmet;
    if (!fine || !report.problems.empty()) complain(report);
  }

  void status() override {
    block_.clear();
    const std::vector<ProgressFigures> all = board_.figures();
    for (const ProgressFigures& one : all) {
      err_ << escaped(one.sweep.target) << ": " << line_of(one) << "\n";
    }
    for (const OperationSeen& one : operations_.all()) {
      err_ << escaped(one.target) << ": " << line_of(one) << "\n";
    }
    if (all.empty() && operations_.all().empty()) err_ << "nothing is under way\n";
    err_.flush();
  }

 private:
  void complain(const TargetReport& report) {
    if (!report.result.recorded && report.result.outcome != Outcome::refused) {
      err_ << "error: " << escaped(report.target)
           << ": the certificate or the ledger entry could not be written\n";
    }
    for (const Error& problem : report.problems) print_error(err_, problem);
    if (report.result.policy_unmet) {
      for (const std::string& line : unmet_policies(report.policies)) {
        err_ << "error: " << escaped(report.target) << ": " << line << "\n";
      }
    }
    if (report.result.outcome == Outcome::sanitized || report.result.outcome == Outcome::refused) {
      return;
    }
    err_ << (report.result.exit_code() == row_of(Outcome::unverified).exit_code ? "warning: "
                                                                                : "error: ")
         << escaped(report.target) << ": " << row_of(report.result.outcome).title << "\n";
    if (report.evidence == nullptr) return;
    for (const std::string& hint : hints_of(*report.evidence, report.target)) {
      err_ << "hint: " << hint << "\n";
    }
  }

  [[nodiscard]] std::string coloured(const std::string& line, Outcome outcome) const {
    if (!style_.colour) return line;
    const char* colour = outcome == Outcome::sanitized ? "\x1b[32m" : "\x1b[31m";
    return colour + line + "\x1b[0m";
  }

  void show(const PassStarted& event) {
    operations_.remove(event.sweep.target);
    begin();
    board_.start(event);
    if (style_.progress != ProgressStyle::log || style_.quiet) return;
    err_ << escaped(event.sweep.target) << ": pass " << event.sweep.pass << " of "
         << event.sweep.passes << ", " << name_of(event.sweep.kind) << ", "
         << human_bytes(event.total_bytes) << "\n";
  }

  // Followed in any style: somebody may ask for the status.
  void show(const Progress& event) {
    const auto figures = board_.meter_of(event.sweep).update(event);
    if (style_.quiet) return;
    if (style_.progress == ProgressStyle::bar) redraw();
    if (style_.progress == ProgressStyle::log && figures) {
      err_ << escaped(event.sweep.target) << ": " << line_of(*figures) << "\n";
      err_.flush();
    }
  }

  void show(const BadExtentFound& event) {
    block_.clear();
    board_.note(event);
    err_ << "warning: " << escaped(event.path) << ": " << name_of(event.state) << ", "
         << event.extent.length << " bytes at offset " << event.extent.offset << "\n";
  }

  void show(const ConditionSeen& event) { board_.note(event); }

  void show(const OperationSeen& event) {
    board_.remove(event.target);  // a drive does the one or the other
    begin();
    const bool due = operations_.note(event);
    if (style_.quiet) return;
    if (style_.progress == ProgressStyle::bar) redraw();
    if (style_.progress == ProgressStyle::log && due) {
      err_ << escaped(event.target) << ": " << line_of(event) << "\n";
      err_.flush();
    }
  }

  /// Of several targets, the others' lines stay.
  void show(const PassFinished&) {
    if (board_.size() <= 1) block_.clear();
  }

  /// What is over at once needs no bar.
  void begin() {
    if (board_.size() == 0 && operations_.all().empty()) drawn_us_ = clock_();
  }

  void redraw() {
    const std::uint64_t now = clock_();
    if (now - drawn_us_ < kBarIntervalUs) return;
    drawn_us_ = now;
    block_.draw(lines());
  }

  /// Drives that are busy with themselves first, then passes.
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::vector<ProgressFigures> passes = board_.figures();
    if (operations_.all().empty()) return block_of(passes, style_.width, style_.height);
    const unsigned room = style_.height > 4 ? style_.height - 2 : 2;
    std::vector<std::string> out = block_of(operations_.all(), !passes.empty(), style_.width, room);
    for (const ProgressFigures& one : passes) {
      if (out.size() < room) out.push_back(named_bar_of(one, kNameColumns, style_.width));
    }
    return out;
  }

  std::ostream& out_;
  std::ostream& err_;
  MonotonicClock clock_;
  TerminalStyle style_;
  ProgressBoard board_;
  OperationBoard operations_;
  LiveBlock block_;
  std::uint64_t drawn_us_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> make_terminal_reporter(std::ostream& out, std::ostream& err,
                                                 MonotonicClock clock, const TerminalStyle& style) {
  return std::make_unique<TerminalReporter>(out, err, std::move(clock), style);
}

}  // namespace quietus
