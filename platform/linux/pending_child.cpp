// SPDX-License-Identifier: GPL-3.0-or-later
// Two forks, one ioctl, and a pipe that tells its end. After the first fork only what is
// async-signal-safe: other threads of ours may hold any lock.
#include "linux/pending_child.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "posix/fd.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

// Where the kernel lacks close_range (before 5.9); prepare_process allows no more.
constexpr int kMostDescriptors = 65'536;
constexpr std::array kIgnored = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1};

using Kept = std::array<int, 3>;  // in order

void close_between(int first, int last) {
  if (first > last) return;
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), static_cast<unsigned>(last), 0U) ==
      0) {
    return;
  }
  for (int each = first; each <= std::min(last, kMostDescriptors); ++each) ::close(each);
}

/// Journals, locks and pipes of ours must not stay open with it.
void close_all_but(const Kept& kept) {
  int next = 0;
  for (const int descriptor : kept) {
    if (descriptor < 0) continue;
    close_between(next, descriptor - 1);
    next = descriptor + 1;
  }
  close_between(next, std::numeric_limits<int>::max());
}

[[noreturn]] void be_grandchild(const KernelRequest& request, int device, int answer,
                                const Kept& kept) {
  close_all_but(kept);
  const RequestEnd end = request.send(device);
  const bool is_told = ::write(answer, &end, sizeof end) == static_cast<ssize_t>(sizeof end);
  ::_exit(is_told ? 0 : 1);
}

[[noreturn]] void be_child(const KernelRequest& request, int device, int answer, const Kept& kept) {
  // Out of the terminal's group, and out of a folder that may have to be unmounted.
  ::setsid();
  static_cast<void>(::chdir("/") == 0);
  for (const int signal : kIgnored) ::signal(signal, SIG_IGN);
  const pid_t worker = ::_Fork();
  if (worker == 0) be_grandchild(request, device, answer, kept);
  ::_exit(worker < 0 ? 1 : 0);
}

class ChildCommand final : public PendingCommand {
 public:
  ChildCommand(std::unique_ptr<KernelRequest> request, Fd answer, std::string shown)
      : request_(std::move(request)), answer_(std::move(answer)), shown_(std::move(shown)) {}

  std::optional<Result<DeviceReply>> poll() override {
    if (!ended_) ended_ = look();
    return ended_;
  }

 private:
  std::optional<Result<DeviceReply>> look() {
    RequestEnd end;
    const ssize_t got = repeat_interrupted([&] { return ::read(answer_.get(), &end, sizeof end); });
    if (got == static_cast<ssize_t>(sizeof end)) return request_->reply(end, shown_);
    if (got < 0 && errno == EAGAIN) return std::nullopt;
    return Result<DeviceReply>(command_lost(shown_, "the process that sent it has ended"));
  }

  // The process works in the request's own memory.
  const std::unique_ptr<KernelRequest> request_;
  const Fd answer_;
  const std::string shown_;
  std::optional<Result<DeviceReply>> ended_;
};

Error no_process(std::string_view shown) {
  Error failure = posix_error("start a process for a command to", shown);
  failure.code = Errc::io;
  return failure;
}

}  // namespace

Result<std::unique_ptr<PendingCommand>> begin_in_child(std::unique_ptr<KernelRequest> request,
                                                       const KeptDescriptors& kept,
                                                       std::string shown) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return no_process(shown);
  Fd answer(ends[0]);
  Fd told(ends[1]);
  Kept all = {kept.device, kept.lock, told.get()};
  std::sort(all.begin(), all.end());
  const pid_t child = ::fork();
  if (child < 0) return no_process(shown);
  if (child == 0) be_child(*request, kept.device, told.get(), all);
  int status = 0;
  const pid_t ended = repeat_interrupted([&] { return ::waitpid(child, &status, 0); });
  // A signal at the wrong moment leaves it open whether the second one began.
  if (ended == child && WIFEXITED(status) && WEXITSTATUS(status) != 0) {
    errno = EAGAIN;
    return no_process(shown);
  }
  return std::unique_ptr<PendingCommand>(
      std::make_unique<ChildCommand>(std::move(request), std::move(answer), std::move(shown)));
}

}  // namespace quietus
