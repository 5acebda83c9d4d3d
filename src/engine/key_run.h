// SPDX-License-Identifier: GPL-3.0-or-later
// KeyRun: destroys the keys of an encrypted volume: its key slots, its header with all copies, and
// what else of them lies on the same medium. The data stays, unreadable for want of a key.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/fill.h"

#include "engine/drive_sweep.h"
#include "engine/firmware_evidence.h"

namespace quietus {

/// One run. All arguments outlive it, unless workers were left behind. Taken up again it begins
/// anew, with what was recorded of the volume: everything in it may be done twice.
class KeyRun {
 public:
  /// `passes`: of an overwrite that follows, where the rules ask for one.
  KeyRun(const Plan& plan, const Target& target, const std::vector<PassContent>& passes,
         const Secret& job, Workbench& bench);
  [[nodiscard]] Evidence run();

 private:
  using Phase = OperationRecord::Phase;

  /// A header that was found in the search, other than the volume's own.
  struct Found {
    std::uint64_t offset = 0;
    std::string uuid;
  };

  void destroy_keys();
  [[nodiscard]] bool open();
  [[nodiscard]] bool know_volume();
  [[nodiscard]] bool take_up();
  [[nodiscard]] bool destroy_slots();
  [[nodiscard]] bool overwrite(std::vector<Extent> places);
  [[nodiscard]] bool search();
  void heard(std::uint64_t offset, std::span<const std::byte> data);
  void overwrite_copies();
  void look_again();
  void keep_standing();
  [[nodiscard]] Status record(Phase phase);
  bool ends(Outcome outcome, Fact why);
  void note(Outcome outcome, Fact fact);
  [[nodiscard]] BytesDone progress(const char* state, std::uint64_t total);
  [[nodiscard]] Evidence evidence();

  const Plan& plan_;
  const Target& target_;
  const std::vector<PassContent>& passes_;
  const Secret& job_;
  Workbench& bench_;
  Time started_;
  std::unique_ptr<DriveSweeps> sweeps_;
  const PassContent* content_ = nullptr;
  FirmwareEvidence found_;
  KeyEvidence keys_;
  std::vector<Found> headers_;  // in no order
  std::uint64_t headers_not_kept_ = 0;
  std::vector<Extent> bad_;
  std::vector<Time> resumed_;
  std::optional<Phase> begun_;  // of the run that is taken up: how far it was
  FirmwareStanding standing_;
};

}  // namespace quietus
