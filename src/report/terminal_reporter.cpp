// SPDX-License-Identifier: GPL-3.0-or-later
// The reporter for people: plan and results as text, progress as a bar or as sparse lines.
#include <ostream>
#include <utility>
#include <variant>

#include "quietus/report.h"
#include "quietus/text.h"

#include "report/progress_line.h"
#include "report/result_text.h"

namespace quietus {
namespace {

constexpr std::uint64_t kBarIntervalUs = 150'000;
constexpr std::uint64_t kLogIntervalUs = 30'000'000;

class TerminalReporter final : public Reporter {
 public:
  TerminalReporter(std::ostream& out, std::ostream& err, MonotonicClock clock,
                   const TerminalStyle& style)
      : out_(out),
        err_(err),
        style_(style),
        meter_(std::move(clock),
               style.progress == ProgressStyle::bar ? kBarIntervalUs : kLogIntervalUs) {}

  void planned(const Plan& plan) override {
    if (!style_.quiet) print_plan(out_, plan);
    for (const Finding& finding : plan.findings) print_finding(err_, finding);
  }

  void on(const Event& event) override {
    std::visit([this](const auto& one) { show(one); }, event);
  }

  void finished(const TargetReport& report) override {
    clear_bar();
    for (const Finding& reason : report.reasons) print_finding(err_, reason);
    if (!report.unrecorded_certificate.empty()) out_ << report.unrecorded_certificate;
    if (!style_.quiet) {
      const std::vector<std::string> lines = lines_of(report);
      out_ << coloured(lines.front(), report.result.outcome) << "\n";
      for (std::size_t i = 1; i < lines.size(); ++i) out_ << lines[i] << "\n";
    }
    out_.flush();
    if (report.result.outcome != Outcome::sanitized || !report.result.recorded) complain(report);
  }

 private:
  void complain(const TargetReport& report) {
    if (!report.result.recorded && report.result.outcome != Outcome::refused) {
      err_ << "error: " << escaped(report.target)
           << ": the certificate or the ledger entry could not be written\n";
      for (const Error& problem : report.problems) print_error(err_, problem);
    }
    if (report.result.outcome == Outcome::sanitized || report.result.outcome == Outcome::refused) {
      return;
    }
    err_ << (report.result.exit_code() == row_of(Outcome::unverified).exit_code ? "warning: "
                                                                                : "error: ")
         << escaped(report.target) << ": " << row_of(report.result.outcome).title << "\n";
  }

  [[nodiscard]] std::string coloured(const std::string& line, Outcome outcome) const {
    if (!style_.colour) return line;
    const char* colour = outcome == Outcome::sanitized ? "\x1b[32m" : "\x1b[31m";
    return colour + line + "\x1b[0m";
  }

  void show(const PassStarted& event) {
    meter_.start(event);
    if (style_.progress != ProgressStyle::log || style_.quiet) return;
    err_ << escaped(event.sweep.target) << ": pass " << event.sweep.pass << " of "
         << event.sweep.passes << ", " << name_of(event.sweep.kind) << ", "
         << human_bytes(event.total_bytes) << "\n";
  }

  void show(const Progress& event) {
    if (style_.progress == ProgressStyle::none || style_.quiet) return;
    const auto figures = meter_.update(event);
    if (!figures) return;
    if (style_.progress == ProgressStyle::bar) {
      err_ << "\r\x1b[K" << bar_of(*figures, style_.width);
      bar_shown_ = true;
    } else {
      err_ << escaped(event.sweep.target) << ": " << line_of(*figures) << "\n";
    }
    err_.flush();
  }

  void show(const BadExtentFound& event) {
    clear_bar();
    err_ << "warning: " << escaped(event.path) << ": " << name_of(event.state) << ", "
         << event.extent.length << " bytes at offset " << event.extent.offset << "\n";
  }

  void show(const ConditionSeen&) {}

  void show(const PassFinished&) { clear_bar(); }

  void clear_bar() {
    if (!bar_shown_) return;
    err_ << "\r\x1b[K";
    err_.flush();
    bar_shown_ = false;
  }

  std::ostream& out_;
  std::ostream& err_;
  TerminalStyle style_;
  ProgressMeter meter_;
  bool bar_shown_ = false;
};

}  // namespace

std::unique_ptr<Reporter> make_terminal_reporter(std::ostream& out, std::ostream& err,
                                                 MonotonicClock clock, const TerminalStyle& style) {
  return std::make_unique<TerminalReporter>(out, err, std::move(clock), style);
}

}  // namespace quietus
