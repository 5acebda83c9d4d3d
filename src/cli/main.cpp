// SPDX-License-Identifier: GPL-3.0-or-later
// The program: the one place that names a concrete platform, clock and source of randomness.
#include <cstdlib>
#include <iostream>
#include <memory>

#include "cli/app.h"
#include "linux/platform.h"
#include "posix/child.h"
#include "posix/local_time.h"
#include "posix/process.h"
#include "posix/signals.h"
#include "posix/system_clock.h"
#include "posix/system_random.h"
#include "posix/terminal.h"

namespace {

using quietus::Result;

constexpr std::size_t kMaxLine = 4096;

Result<std::string> read_line(int descriptor, const std::string& prompt) {
  std::array<std::byte, kMaxLine> line{};
  const Result<std::size_t> length = descriptor < 0
                                         ? quietus::read_hidden_line(prompt, line)
                                         : quietus::read_hidden_line(descriptor, prompt, line);
  if (!length) return length.error();
  std::string text = quietus::text_of(std::span(line).first(*length));
  quietus::wipe(line);
  return text;
}

void with_signals(quietus::StopFlag& stop, const std::function<void()>& status,
                  const std::function<void()>& work) {
  quietus::SignalWatcher watcher([&stop](int) { stop.request(); }, status);
  work();
}

}  // namespace

int main(int argc, char** argv) {
  quietus::prepare_process();
  quietus::LinuxPlatform platform;
  quietus::SystemClock clock;
  quietus::SystemRandom random;
  quietus::cli::Console console{std::cin, std::cout, std::cerr};
  console.in_is_terminal = quietus::is_terminal(0);
  console.out_is_terminal = quietus::is_terminal(1);
  console.err_is_terminal = quietus::is_terminal(2);
  console.width = quietus::terminal_width(2);
  console.height = quietus::terminal_height(2);
  quietus::cli::Seams seams{platform,
                            clock,
                            random,
                            console,
                            [](const std::string& prompt) { return read_line(-1, prompt); },
                            [](int descriptor) { return read_line(descriptor, ""); },
                            with_signals};
  seams.zone = quietus::local_zone_at;
  seams.leavable = [&seams](const std::function<int()>& work) {
    std::cout.flush();
    const auto flushed = [&work] {
      const int exit_code = work();
      std::cout.flush();
      return exit_code;
    };
    return quietus::run_in_child(flushed, [&seams] { return seams.left_behind; });
  };
  const int exit_code = quietus::cli::run({argv + 1, argv + argc}, seams);
  std::cout.flush();
  // Threads that hang must not meet destructors.
  if (seams.left_behind) std::_Exit(exit_code);
  return exit_code;
}
