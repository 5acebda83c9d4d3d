// SPDX-License-Identifier: GPL-3.0-or-later
// The whole program as a function on a machine in memory whose operations can be made to fail, and
// everything that it said and left behind.
#pragma once

#include <chrono>
#include <doctest/doctest.h>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "quietus/text.h"

#include "cli/app.h"
#include "support/fault_platform.h"
#include "support/fixed_seams.h"
#include "support/memory_platform.h"

namespace quietus::test {

inline constexpr const char* kState = "/var/lib/quietus";

/// Keeps every draw of 32 bytes: one of them is the job's secret.
class KeptRandom final : public Random {
 public:
  Status fill(std::span<std::byte> out) override {
    const Status filled = inner_.fill(out);
    if (out.size() == 32) draws.emplace_back(out.begin(), out.end());
    return filled;
  }
  std::vector<Bytes> draws;

 private:
  FixedRandom inner_;
};

struct AppWorld {
  MemoryPlatform memory;
  FaultPlatform platform{memory};
  FixedClock clock;
  KeptRandom random;
  std::string answer;  ///< what is typed on standard input
  bool in_is_terminal = false;
  bool is_terminal = false;                   ///< standard output and error
  std::function<void(StopFlag&)> on_signals;  ///< gets the flag that a signal would set
  std::string out;
  std::string err;

  explicit AppWorld(std::chrono::microseconds step = std::chrono::milliseconds(1)) : clock(step) {
    memory.processor_count = 1;
    memory.add_file("/usr/bin/quietus", "program", 0755);
  }

  int run(const std::vector<std::string>& arguments) {
    std::istringstream in(answer);
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    cli::Console console{in, out_stream, err_stream, in_is_terminal, is_terminal, is_terminal, 80};
    cli::Seams seams{
        platform,
        clock,
        random,
        console,
        [](const std::string&) -> Result<std::string> {
          return Error{Errc::unsupported, 0, "no terminal"};
        },
        [](int) -> Result<std::string> {
          return Error{Errc::io, 0, "no descriptor"};
        },
        [this](StopFlag& stop, const std::function<void()>&, const std::function<void()>& work) {
          if (on_signals) on_signals(stop);
          work();
        },
        [](const std::function<int()>& work) { return work(); }};
    const int exit_code = cli::run(arguments, seams);
    out = out_stream.str();
    err = err_stream.str();
    return exit_code;
  }

  /// Puts the other world's state folder into this one.
  void copy_state(const AppWorld& from) {
    for (const std::string& path : from.memory.nodes()) {
      if (!path.starts_with(kState)) continue;
      const auto node = from.memory.node(path);
      const std::uint32_t mode = node->attributes.mode;
      if (node->attributes.kind == NodeKind::directory) {
        memory.add_directory(path, mode);
      } else {
        memory.add_file(path, text_of(node->content), mode);
      }
    }
  }
  /// Names of the certificates in the state folder.
  [[nodiscard]] std::set<std::string> certificates() const {
    std::set<std::string> found;
    for (const std::string& path : memory.nodes()) {
      if (path.ends_with(".cert.json") && path.find("/.") == path.npos) found.insert(path);
    }
    return found;
  }
};

}  // namespace quietus::test
