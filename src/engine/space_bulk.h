// SPDX-License-Identifier: GPL-3.0-or-later
// Fillers: files that take the free space of a file system, and the passes over them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/directory.h"
#include "quietus/fill.h"
#include "quietus/platform.h"

#include "engine/overwrite.h"
#include "engine/placement.h"

namespace quietus {

/// How far a filler goes.
struct TakeOrder {
  std::uint64_t first_step = std::uint64_t{1} << 30U;  ///< halved when it does not fit
  std::uint64_t block_bytes = 4096;                    ///< the last step
  std::uint64_t most_bytes = UINT64_MAX;               ///< of this file
  std::uint64_t keep_free = 0;                         ///< so much is left free in the file system
  /// Asked after each step; empty: never.
  std::function<bool()> enough;
};

/// Why a filler takes no more.
enum class TakeEnd {
  enough,    ///< the order's size, `keep_free` or predicate is reached, or the run is to stop
  no_space,  ///< not even one block fits
  quota,     ///< a quota does not allow more
  too_long,  ///< the file can't be longer; another one may take more
  failed
};

struct Taken {
  std::uint64_t bytes = 0;
  TakeEnd end = TakeEnd::enough;
  Status failure;
};

/// Makes a file longer by space that is free, without writing where the file system can allocate;
/// else with zeros. `there` is any directory of the file system.
[[nodiscard]] Taken take_space(Medium& file, Directory& there, const TakeOrder& order,
                               const StopFlag& stop);

/// What lies in space that was taken is overwritten through these.
struct SpacePasses {
  const std::string& title;
  const Rules& rules;
  std::vector<PassContent>& passes;
  const FileSystemFacts& file_system;
};

/// A file that took space, on its way to the passes.
struct Filler {
  std::unique_ptr<Medium> medium;
  std::string path;  ///< for messages
};

/// What became of fillers that went through the passes.
struct PassedSum {
  Outcome outcome = Outcome::sanitized;
  bool all_direct = true;
  std::uint64_t bytes = 0;      ///< of the fillers
  std::uint64_t bad_bytes = 0;  ///< of places that some pass did not complete
  std::vector<Fact> facts;      ///< distinct
};

/// Carries fillers through passes and sums up what came of it. For one thread.
class PassRunner {
 public:
  /// All outlive it. `anywhere` is a directory of the file system. The sums of passes go to
  /// `evidence`.
  PassRunner(const SpacePasses& what, Directory& anywhere, Evidence& evidence, Workbench& bench)
      : what_(what),
        anywhere_(anywhere),
        evidence_(evidence),
        bench_(bench),
        devices_(bench.platform),
        overwriter_({what.title, what.rules}, what.passes, evidence, bench) {}

  /// All passes over all fillers together. The result holds their space as long as it lives.
  std::vector<BatchEntry> run(std::vector<Filler> fillers);
  /// One pass alone (0-based), for file systems that write every pass elsewhere.
  std::vector<BatchEntry> run_one(std::vector<Filler> fillers, std::uint32_t pass);
  [[nodiscard]] const PassedSum& sum() const { return sum_; }

 private:
  [[nodiscard]] std::vector<BatchEntry> batch_of(std::vector<Filler> fillers);
  void add_up(const std::vector<BatchEntry>& batch);
  void add_fact(const Fact& fact);

  const SpacePasses& what_;
  Directory& anywhere_;
  Evidence& evidence_;
  Workbench& bench_;
  ProofDevices devices_;
  Overwriter overwriter_;
  PassedSum sum_;
  std::uint64_t next_item_ = 0;
};

}  // namespace quietus
