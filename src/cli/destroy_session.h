// SPDX-License-Identifier: GPL-3.0-or-later
// DestroySession: carries out a plan that was agreed to: state, ledger, engine, certificates.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/destroy.h"
#include "quietus/report.h"

#include "cli/app.h"
#include "cli/state.h"

namespace quietus::cli {

/// One run of a destructive command. All arguments outlive it.
class DestroySession {
 public:
  DestroySession(const Options& options, Seams& seams, const Plan& plan, Reporter& reporter)
      : options_(options), seams_(seams), plan_(plan), reporter_(reporter) {}

  /// Everything from the opening of the state to the last certificate. Returns the exit code.
  int run();

  /// Nothing is begun: records the refusal where that is possible. `more`: reasons that are not in
  /// the plan.
  int refuse(std::vector<Finding> more);

 private:
  Status open_records();
  Status open_operator_key();
  Status open_manifest();
  Status record_start();
  bool record_refusals(const std::vector<Finding>& reasons);
  void run_target(std::uint64_t number, const StopFlag& stop);
  void conclude(std::uint64_t number, const Evidence& evidence);
  void certify(std::uint64_t number, const Evidence& evidence, TargetReport& report);
  void write_receipt(const std::string& id, TargetReport& report);
  [[nodiscard]] Issuance issuance(std::uint64_t number);
  [[nodiscard]] std::vector<Finding> refusals() const;
  void report_skipped();

  const Options& options_;
  Seams& seams_;
  const Plan& plan_;
  Reporter& reporter_;
  std::optional<State> state_;
  std::unique_ptr<NamedKey> operator_key_;
  std::unique_ptr<Medium> manifest_;
  std::unique_ptr<Secret> job_;
  std::vector<Appended> started_;
  std::string program_digest_;
  std::vector<TargetResult> results_;
  bool can_record_ = true;
};

}  // namespace quietus::cli
