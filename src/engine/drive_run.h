// SPDX-License-Identifier: GPL-3.0-or-later
// DriveRun: carries one image or drive through all passes, in stretches that end with a flush and a
// record, so that the run can be taken up again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/fill.h"
#include "quietus/sampling.h"
#include "quietus/vitals.h"

#include "engine/conditions.h"
#include "engine/file_job.h"

namespace quietus {

/// A stretch ends after so many bytes or so long: that much at most is done again after a loss of
/// power.
inline constexpr std::uint64_t kStretchBytes = std::uint64_t{1} << 30U;
inline constexpr std::uint64_t kStretchUs = 10'000'000;

/// One run. All arguments outlive it, unless workers were left behind: then they and all they refer
/// to outlive the process.
class DriveRun {
 public:
  DriveRun(const Plan& plan, const Target& target, const std::vector<PassContent>& passes,
           Workbench& bench);
  /// The drive's firmware did its part before, in the same job: it was asked already what it hides.
  void follow_firmware() { follows_firmware_ = true; }
  [[nodiscard]] Evidence run();

 private:
  /// A part of a sweep: where it stands.
  struct Stretch {
    Sweep about;
    std::uint64_t total_bytes = 0;
    std::uint64_t done_bytes = 0;
    std::uint64_t good_bytes = 0;
    std::uint64_t started_us = 0;
  };

  [[nodiscard]] bool open();
  [[nodiscard]] bool open_image();
  [[nodiscard]] bool open_drive();
  [[nodiscard]] std::vector<Fact> ask_firmware(Medium& drive, std::uint64_t& size_bytes);
  bool not_opened(Fact why);

  void replay();
  void close(const PassRecord& record);
  void run_pass(std::uint32_t number);
  void write(std::uint32_t number);
  void write_stretches(Stretch& sweep);
  void verify(std::uint32_t number);
  void verify_stretches(Stretch& sweep);
  [[nodiscard]] std::vector<Extent> to_be_read(std::uint32_t number);
  [[nodiscard]] bool sampled(std::uint32_t number) const;
  [[nodiscard]] Stretch begin_sweep(std::uint32_t number, SweepKind kind, std::uint64_t total);
  [[nodiscard]] SweepEnd sweep_over(Stretch& sweep, std::span<const Extent> ranges);
  [[nodiscard]] bool another_stretch(std::uint64_t before, std::uint64_t rest);
  void settle(Stretch& sweep, const std::vector<Extent>& part);
  void record(std::span<const Extent> ranges, const Stretch& sweep);
  void append(const std::vector<JobRecord>& records);
  void end_sweep(const Stretch& sweep);
  /// No more is done: stopped, given up, or the medium is lost.
  [[nodiscard]] bool over();
  void note_health();
  [[nodiscard]] std::optional<std::uint64_t> sectors_read();

  void look_afterwards();
  [[nodiscard]] bool sample_was_read() const;
  void note_signatures(const std::vector<ContentSignature>& found);
  void finish();

  const Rules& rules_;
  const Target& target_;
  const std::vector<PassContent>& passes_;
  Workbench& bench_;
  Evidence evidence_;
  std::unique_ptr<FileJob> job_;
  /// On the heap, since workers that hang go on using them.
  struct Watch {
    Vitals vitals;
    std::vector<std::uint64_t> probes;
  };
  std::unique_ptr<Watch> watch_;
  Conditions conditions_;
  std::uint32_t pass_ = 0;  // the one under way, 1-based
  bool resuming_ = false;   // the pass under way was begun before
  bool health_noted_ = false;
  bool follows_firmware_ = false;
  bool idle_ = false;  // nothing was done in the stretch before
  SamplePlan sample_;
};

}  // namespace quietus
