// SPDX-License-Identifier: GPL-3.0-or-later
// FirmwareRun: has a drive sanitize itself: one command, sent once, with canaries planted before
// and looked for afterwards. Whatever ends it, it can be taken up again without a second command.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/fill.h"
#include "quietus/firmware.h"

#include "engine/drive_sweep.h"
#include "engine/firmware_check.h"
#include "engine/firmware_evidence.h"
#include "engine/firmware_record.h"

namespace quietus {

/// One run. All arguments outlive it, unless workers were left behind: then they and all they refer
/// to outlive the process.
class FirmwareRun {
 public:
  /// `passes`: of an overwrite that follows, where the rules ask for one.
  FirmwareRun(const Plan& plan, const Target& target, const std::vector<PassContent>& passes,
              const Secret& job, Workbench& bench);
  [[nodiscard]] Evidence run();

 private:
  using Phase = OperationRecord::Phase;

  void run_method();
  [[nodiscard]] bool open();
  [[nodiscard]] bool take_up();
  void note_resumed(bool is_recorded_later);
  [[nodiscard]] bool begin_anew();
  [[nodiscard]] bool identify();
  [[nodiscard]] bool is_idle();
  void open_up();
  [[nodiscard]] bool plant();
  [[nodiscard]] bool send();
  [[nodiscard]] bool refused(const Error& why);
  [[nodiscard]] bool wait();
  [[nodiscard]] bool is_gone();
  void look_at_what_failed();
  void check();
  [[nodiscard]] Status record(Phase phase);
  bool ends(Outcome outcome, Fact why);
  void stop_if_asked();

  [[nodiscard]] bool is_overwritten_next() const;
  [[nodiscard]] Evidence evidence();
  [[nodiscard]] Evidence overwrite(Evidence so_far);
  [[nodiscard]] FirmwareCheck parts();

  const Plan& plan_;
  const Target& target_;
  const std::vector<PassContent>& passes_;
  const Secret& job_;
  Workbench& bench_;
  const DriveAbilities abilities_;
  Time started_;
  std::optional<Phase> begun_;  // of the run that is taken up: how far it was
  std::vector<Time> resumed_;
  FirmwareStanding standing_;
  std::unique_ptr<DriveSweeps> sweeps_;
  std::optional<FirmwareOperation> operation_;
};

}  // namespace quietus
