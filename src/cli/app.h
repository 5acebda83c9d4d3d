// SPDX-License-Identifier: GPL-3.0-or-later
// The program as a function: options in, exit code out, everything outside it through seams.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "quietus/key_file.h"
#include "quietus/platform.h"
#include "quietus/seams.h"
#include "quietus/stop_flag.h"
#include "quietus/zone.h"

#include "cli/options.h"

namespace quietus::cli {

/// Where a person or a script sits.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  unsigned width = 80;
  unsigned height = 24;
};

/// Everything outside the program.
struct Seams {
  Platform& platform;
  Clock& clock;
  Random& random;
  Console& console;
  /// Reads one line without showing it. Errors: unsupported (no terminal).
  std::function<Result<std::string>(const std::string& prompt)> read_hidden;
  /// Reads an open descriptor to its end or to a newline. Errors: io.
  std::function<Result<std::string>(int descriptor)> read_descriptor;
  /// Runs the work while the signals that end a program set the flag instead, and the one that asks
  /// for progress calls `status`.
  std::function<void(StopFlag& stop, const std::function<void()>& status,
                     const std::function<void()>& work)>
      with_signals;
  /// Runs the work so that the program can end even while a drive hangs; returns its exit code.
  std::function<int(const std::function<int()>& work)> leavable =
      [](const std::function<int()>& work) { return work(); };
  /// The offset of local time; empty: UTC.
  Zone zone = {};
  /// Set where threads hang in a drive: the program then ends without waiting for them.
  bool left_behind = false;
};

/// Parses and runs.
[[nodiscard]] int run(const std::vector<std::string>& arguments, Seams& seams);

// The commands, each in a file of its own.
[[nodiscard]] int run_destroy(const Options& options, Seams& seams);
[[nodiscard]] int run_plan(const Options& options, Seams& seams);
[[nodiscard]] int run_planned(const Options& options, Seams& seams);
[[nodiscard]] int run_letter(const Options& options, Seams& seams);
[[nodiscard]] int run_free_space(const Options& options, Seams& seams);
[[nodiscard]] int run_resume(const Options& options, Seams& seams);
[[nodiscard]] int run_recheck(const Options& options, Seams& seams);
[[nodiscard]] int run_policies(const Options& options, Seams& seams);
[[nodiscard]] int run_status(const Options& options, Seams& seams);
[[nodiscard]] int run_list(const Options& options, Seams& seams);
[[nodiscard]] int run_schemes(const Options& options, Seams& seams);
[[nodiscard]] int run_certificate_verify(const Options& options, Seams& seams);
[[nodiscard]] int run_certificate_show(const Options& options, Seams& seams);
[[nodiscard]] int run_certificate_sign(const Options& options, Seams& seams);
[[nodiscard]] int run_certificate_redact(const Options& options, Seams& seams);
[[nodiscard]] int run_certificate_unpack(const Options& options, Seams& seams);
[[nodiscard]] int run_certificate_render(const Options& options, Seams& seams);
[[nodiscard]] int run_certificate_verifier(const Options& options, Seams& seams);
[[nodiscard]] int run_key_new(const Options& options, Seams& seams);
[[nodiscard]] int run_key_list(const Options& options, Seams& seams);
[[nodiscard]] int run_key_export(const Options& options, Seams& seams);
[[nodiscard]] int run_trust_add(const Options& options, Seams& seams);
[[nodiscard]] int run_trust_revoke(const Options& options, Seams& seams);
[[nodiscard]] int run_trust_list(const Options& options, Seams& seams);
[[nodiscard]] int run_ledger_verify(const Options& options, Seams& seams);
[[nodiscard]] int run_ledger_show(const Options& options, Seams& seams);
[[nodiscard]] int run_selftest(const Options& options, Seams& seams);
[[nodiscard]] int run_demo(const Options& options, Seams& seams);

}  // namespace quietus::cli
