// SPDX-License-Identifier: GPL-3.0-or-later
// Report: how plans, progress and results reach people (terminal) and scripts (JSON lines). Reads
// only; decides nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/events.h"
#include "quietus/evidence.h"
#include "quietus/outcome.h"
#include "quietus/plan.h"

namespace quietus {

/// One target's end, as it is told: evidence, and what became of the record.
struct TargetReport {
  std::string target;
  TargetResult result;
  const Evidence* evidence = nullptr;    ///< null: refused
  std::vector<Finding> reasons;          ///< of a refusal
  std::vector<PolicyDecision> policies;  ///< as the certificate has them
  std::string certificate_path;          ///< empty: none was written
  std::string receipt_path;              ///< empty: none was written
  std::optional<std::uint64_t> ledger_index;
  std::vector<Error> problems;         ///< why something was not recorded
  std::string job_id;                  ///< of a run that can be taken up again; empty: it can't
  std::string unrecorded_certificate;  ///< the envelope itself, where it could be written nowhere
};

/// Speaks for a destructive command. For one thread at a time.
class Reporter : public EventSink {
 public:
  virtual void planned(const Plan& plan) = 0;
  virtual void finished(const TargetReport& report) = 0;
  /// Says at once, because somebody asked, where each target under way stands, or that there is
  /// none: a terminal reporter on `err`, however quiet it is otherwise; a JSON reporter as an event
  /// "status" with their number, and a "progress" for each.
  virtual void status() = 0;
};

enum class ProgressStyle { bar, log, none };

/// Where and how a terminal reporter writes.
struct TerminalStyle {
  ProgressStyle progress = ProgressStyle::log;
  unsigned width = 80;
  bool colour = false;
  bool quiet = false;
  unsigned height = 24;  ///< lines; bars of many targets keep to it
};

/// Microseconds since some fixed moment; never goes back.
using MonotonicClock = std::function<std::uint64_t()>;

/// Text for people: plan and results on `out`, progress and problems on `err`. Several targets may
/// be under way at once. The streams and the clock outlive it.
[[nodiscard]] std::unique_ptr<Reporter> make_terminal_reporter(std::ostream& out, std::ostream& err,
                                                               MonotonicClock clock,
                                                               const TerminalStyle& style);

/// One JSON object a line on `out`, its kind in "event". Progress at most twice a second.
[[nodiscard]] std::unique_ptr<Reporter> make_json_reporter(std::ostream& out, MonotonicClock clock);

/// The plan as text, as the terminal reporter shows it.
void print_plan(std::ostream& out, const Plan& plan);
/// "error: ..." and, where there is one, "hint: ...". Foreign text is escaped.
void print_error(std::ostream& err, const Error& error);
/// "refused", "warning" and "ok" findings with object, sentence, code and remedy.
void print_finding(std::ostream& err, const Finding& finding);

}  // namespace quietus
