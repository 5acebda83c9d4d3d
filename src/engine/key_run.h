// SPDX-License-Identifier: GPL-3.0-or-later
// KeyRun: destroys the keys of an encrypted volume: its key slots, its header with all copies, and
// what else of them lies on the same medium. The data stays, unreadable for want of a key.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/destroy.h"

#include "engine/drive_sweep.h"

namespace quietus {

/// One run. All arguments outlive it, unless workers were left behind. Taken up again it begins
/// anew, with what was recorded of the volume: everything in it may be done twice.
class KeyRun {
 public:
  KeyRun(const Plan& plan, const Target& target, const Secret& job, Workbench& bench);
  [[nodiscard]] Evidence run();

 private:
  /// A header that was found in the search, other than the volume's own.
  struct Found {
    std::uint64_t offset = 0;
    std::string uuid;
  };

  void destroy_keys();
  [[nodiscard]] bool open();
  [[nodiscard]] bool know_volume();
  [[nodiscard]] bool destroy_slots();
  [[nodiscard]] bool overwrite(std::vector<Extent> places);
  [[nodiscard]] bool search();
  void heard(std::uint64_t offset, std::span<const std::byte> data);
  void overwrite_copies();
  void look_again();
  bool ends(Outcome outcome, Fact why);
  void note(Outcome outcome, Fact fact);
  [[nodiscard]] BytesDone progress(const char* state, std::uint64_t total);
  [[nodiscard]] Evidence evidence();

  const Plan& plan_;
  const Target& target_;
  const Secret& job_;
  Workbench& bench_;
  Time started_;
  std::unique_ptr<DriveSweeps> sweeps_;
  const PassContent* content_ = nullptr;
  FirmwareEvidence found_;
  KeyEvidence keys_;
  std::vector<Found> headers_;  // in no order
  std::vector<Extent> bad_;
  std::vector<Extent> mismatched_;
  std::vector<Time> resumed_;
  std::optional<DeviceAfterwards> afterwards_;
  Outcome outcome_ = Outcome::sanitized;
  std::vector<Fact> facts_;
};

}  // namespace quietus
