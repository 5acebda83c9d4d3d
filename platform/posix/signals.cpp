// SPDX-License-Identifier: GPL-3.0-or-later
// One thread that waits for the signals that ask a run to end.
#include "posix/signals.h"

#include <array>
#include <ctime>
#include <system_error>

namespace quietus {
namespace {

constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr int kStatus = SIGUSR1;
constexpr int kWake = SIGUSR2;

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

SignalWatcher::SignalWatcher(std::function<void(int)> on_signal, std::function<void()> on_status)
    : on_signal_(std::move(on_signal)), on_status_(std::move(on_status)) {
  ::sigemptyset(&watched_);
  ::sigaddset(&watched_, kWake);
  ::sigaddset(&watched_, kStatus);
  for (const int signal : kStopSignals) {
    // A blocked signal arrives even if it is ignored, so these must not be blocked.
    if (!is_ignored(signal)) ::sigaddset(&watched_, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &watched_, &before_);
  try {
    thread_ = std::thread([this] { watch(); });
  } catch (const std::system_error&) {
    // Without a thread the signals keep their usual effect: they end the program.
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
}

SignalWatcher::~SignalWatcher() {
  if (!thread_.joinable()) return;
  ending_.store(true);
  ::pthread_kill(thread_.native_handle(), kWake);
  thread_.join();
  // What came in since has nobody left to ask to stop; unblocked, it would kill the program.
  const timespec at_once{};
  while (::sigtimedwait(&watched_, nullptr, &at_once) > 0) continue;
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void SignalWatcher::watch() {
  int count = 0;
  while (!ending_.load()) {
    int signal = 0;
    if (::sigwait(&watched_, &signal) != 0 || signal == kWake) continue;
    if (signal == kStatus) {
      on_status_();
      continue;
    }
    if (count < 2) on_signal_(++count);
  }
}

}  // namespace quietus
