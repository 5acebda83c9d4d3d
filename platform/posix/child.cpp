// SPDX-License-Identifier: GPL-3.0-or-later
// A child that works and a parent that only waits for signals.
#include "posix/child.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace quietus {
namespace {

constexpr std::array kPassedOn = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
constexpr int kLeft = SIGUSR2;   // with the exit code, from the child
constexpr int kSignalled = 128;  // as shells say it

void die_with_parent(pid_t parent) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (::getppid() != parent) std::_Exit(kSignalled + SIGKILL);
}

[[noreturn]] void be_child(pid_t parent, const std::function<int()>& work,
                           const std::function<bool()>& left_behind) {
  die_with_parent(parent);
  const int exit_code = work();
  if (left_behind()) {
    sigval value{};
    value.sival_int = exit_code;
    ::sigqueue(parent, kLeft, value);
  }
  std::_Exit(exit_code);
}

/// The child's exit code, if it has ended.
bool has_ended(pid_t child, int& exit_code) {
  int status = 0;
  if (::waitpid(child, &status, WNOHANG) != child) return false;
  exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
  return true;
}

int wait_for(pid_t child, const sigset_t& waited) {
  int exit_code = 0;
  while (!has_ended(child, exit_code)) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&waited, &info);
    if (signal == kLeft && info.si_pid == child) return info.si_value.sival_int;
    // What the terminal sends, the child gets itself.
    const bool sent_to_us = info.si_code <= 0;
    if (signal > 0 && signal != SIGCHLD && signal != kLeft && sent_to_us) ::kill(child, signal);
  }
  return exit_code;
}

}  // namespace

int run_in_child(const std::function<int()>& work, const std::function<bool()>& left_behind) {
  sigset_t waited;
  sigset_t before;
  ::sigemptyset(&waited);
  for (const int signal : kPassedOn) ::sigaddset(&waited, signal);
  ::sigaddset(&waited, SIGCHLD);
  ::sigaddset(&waited, kLeft);
  ::sigprocmask(SIG_BLOCK, &waited, &before);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child <= 0) ::sigprocmask(SIG_SETMASK, &before, nullptr);
  if (child < 0) return work();
  if (child == 0) be_child(parent, work, left_behind);
  const int exit_code = wait_for(child, waited);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return exit_code;
}

}  // namespace quietus
