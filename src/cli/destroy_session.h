// SPDX-License-Identifier: GPL-3.0-or-later
// DestroySession: carries out a plan that was agreed to: state, ledger, engine, certificates.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/destroy.h"
#include "quietus/job_log.h"
#include "quietus/report.h"

#include "cli/app.h"
#include "cli/job_request.h"
#include "cli/leftovers.h"
#include "cli/plan_file.h"
#include "cli/state.h"

namespace quietus::cli {

/// A job that is taken up again: its file, locked, and what it says.
struct ResumedJob {
  JobState state;
  JobRequest request;
  std::unique_ptr<JobLog> log;
};

/// Lets several threads speak through one reporter.
class SharedEvents final : public EventSink {
 public:
  explicit SharedEvents(Reporter& reporter) : reporter_(reporter) {}
  void on(const Event& event) override {
    const std::lock_guard lock(mutex_);
    reporter_.on(event);
  }
  void finished(const TargetReport& report) {
    const std::lock_guard lock(mutex_);
    reporter_.finished(report);
  }
  void status() {
    const std::lock_guard lock(mutex_);
    reporter_.status();
  }

 private:
  std::mutex mutex_;
  Reporter& reporter_;
};

/// One run of a destructive command. All arguments outlive it.
class DestroySession {
 public:
  DestroySession(const Options& options, Seams& seams, const Plan& plan, Reporter& reporter)
      : options_(options), seams_(seams), plan_(plan), events_(reporter) {}
  /// Goes on with the job; the plan has its medium as the only target.
  DestroySession(const Options& options, Seams& seams, const Plan& plan, Reporter& reporter,
                 ResumedJob resumed)
      : DestroySession(options, seams, plan, reporter) {
    resumed_ = std::make_unique<ResumedJob>(std::move(resumed));
  }

  /// The plan is carried out because it was approved, or goes on so.
  void follow(ApprovedPlan approved, std::vector<ChosenPolicy> policies);

  /// Everything from the opening of the state to the last certificate. Returns the exit code.
  int run();

  /// Nothing is begun: records the refusal where that is possible. `more`: reasons that are not in
  /// the plan.
  int refuse(std::vector<Finding> more);

 private:
  /// A target on its way, with what it needs for itself.
  struct Job {
    std::uint64_t target = 0;  ///< its place in the plan
    std::string id;
    std::unique_ptr<Secret> secret;
    std::unique_ptr<Medium> claimed;  ///< of a drive
    std::unique_ptr<JobLog> log;      ///< of an image or a drive
    std::unique_ptr<FillFile> fill;   ///< of free space
    std::vector<Ballast> ballast;     ///< where what is filled has to hold records, too
    JobRequest request;
    std::optional<std::uint64_t> run_event_index;
    bool left_behind = false;
    std::uint64_t duration_us = 0;
  };

  Status open_records();
  Status open_manifest();
  Status make_jobs();
  [[nodiscard]] std::vector<Finding> claim_drives();
  Status record_start();
  [[nodiscard]] std::vector<LedgerEvent> start_events() const;
  Status make_logs();
  Status mark_plan();
  void clear_leftovers();
  Status hold_room(Job& job);
  bool record_refusals(const std::vector<Finding>& reasons);
  void run_jobs(const StopFlag& stop);
  void run_side_by_side(const StopFlag& stop);
  [[nodiscard]] Evidence run_job(Job& job, const StopFlag& stop);
  void conclude(Job& job, const Evidence& evidence);
  void certify(const Job& job, const Evidence& evidence, TargetReport& report);
  void judge(const Statement& statement, TargetReport& report) const;
  void write_receipt(const std::string& id, TargetReport& report);
  void end_log(Job& job, const Evidence& evidence, TargetReport& report);
  [[nodiscard]] Issuance issuance(const Job& job);
  [[nodiscard]] std::vector<Finding> refusals() const;
  void report_skipped();

  const Options& options_;
  ApprovedPlan approved_;
  std::vector<ChosenPolicy> policies_;
  Seams& seams_;
  const Plan& plan_;
  SharedEvents events_;
  std::unique_ptr<ResumedJob> resumed_;
  std::optional<State> state_;
  std::unique_ptr<NamedKey> operator_key_;
  std::unique_ptr<Medium> manifest_;
  std::vector<Job> jobs_;
  std::vector<Finding> unclaimed_;  // with --skip-refused: drives that somebody else uses
  std::string program_digest_;
  std::vector<TargetResult> results_;
  bool can_record_ = true;
};

/// Runs the session, where a stall timeout is asked for so that a drive that hangs can't keep the
/// program.
[[nodiscard]] int run_leavable(DestroySession& session, const Plan& plan, Seams& seams);

}  // namespace quietus::cli
