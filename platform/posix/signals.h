// SPDX-License-Identifier: GPL-3.0-or-later
// SignalWatcher: turns SIGINT, SIGTERM, SIGHUP and SIGUSR1 into calls on a thread of its own. No
// signal handler ever runs.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

namespace quietus {

/// Watches from construction to destruction, and drops what is pending at its end. Construct it
/// before any other thread: those inherit the blocked signals. A signal that was ignored on entry
/// (nohup, a shell's background job) stays ignored.
class SignalWatcher final {
 public:
  /// `on_signal` is called on the watcher's thread with 1 and 2 for the first and the second
  /// signal, then no more; it must not throw and must not destroy the watcher.
  /// `on_status` is called there for every SIGUSR1.
  explicit SignalWatcher(
      std::function<void(int count)> on_signal, std::function<void()> on_status = [] {});
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;
  /// Ends the thread and gives the constructing thread its signals back; call it on that thread.
  ~SignalWatcher();

 private:
  void watch();

  std::function<void(int)> on_signal_;
  std::function<void()> on_status_;
  std::atomic<bool> ending_{false};
  sigset_t watched_{};
  sigset_t before_{};
  std::thread thread_;
};

}  // namespace quietus
