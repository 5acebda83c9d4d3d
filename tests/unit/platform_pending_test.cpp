// SPDX-License-Identifier: GPL-3.0-or-later
// A command in a process of its own: it tells its end, outlives us, and holds on to nothing else.
#include <poll.h>
#include <thread>

#include "linux/pending_child.h"
#include "platform_world.h"
#include "posix/fd.h"

namespace quietus::test {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    from = Fd(ends[0]);
    to = Fd(ends[1]);
  }
  Fd from;
  Fd to;
};

/// Works on a pipe in place of a drive: says which process it is, waits for a byte, and says that
/// it got it.
class Slow final : public KernelRequest {
 public:
  Slow(RequestMemory memory, int told) : KernelRequest(0, std::move(memory)), told_(told) {}

  RequestEnd send(int descriptor) const override {
    const pid_t self = ::getpid();
    if (::write(told_, &self, sizeof self) < 0) return {-1, EIO};
    char byte = 0;
    if (::read(descriptor, &byte, 1) != 1) return {-1, EIO};
    memory().data()[0] = std::byte{static_cast<unsigned char>(byte)};
    if (::write(told_, &self, sizeof self) < 0) return {-1, EIO};
    return {7, 0};
  }
  Result<DeviceReply> reply(const RequestEnd& end, std::string_view shown) const override {
    if (end.returned < 0) return request_refused(end.code, shown);
    NvmeReply reply;
    reply.status = static_cast<std::uint16_t>(end.returned);
    reply.data = arrived(1);
    return DeviceReply(reply);
  }

 private:
  const int told_;
};

/// A command under way, the drive that it waits for, and what its process tells.
struct Rig {
  [[nodiscard]] std::unique_ptr<PendingCommand> begin() const {
    auto request = std::make_unique<Slow>(take(RequestMemory::make({{}, 1})), told.to.get());
    return take(begin_in_child(std::move(request), {drive.from.get(), told.to.get()}, "/dev/x"));
  }
  /// Waits for at most ten seconds.
  [[nodiscard]] pid_t next_told() const {
    pollfd wanted{told.from.get(), POLLIN, 0};
    REQUIRE(::poll(&wanted, 1, 10'000) == 1);
    pid_t process = 0;
    REQUIRE(::read(told.from.get(), &process, sizeof process) == sizeof process);
    return process;
  }
  void answer() const { REQUIRE(::write(drive.to.get(), "a", 1) == 1); }

  Pipe drive;
  Pipe told;
};

Result<DeviceReply> end_of(PendingCommand& pending) {
  for (int round = 0; round < 1'000; ++round) {
    auto end = pending.poll();
    if (end) return *end;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL("it does not end");
  return Error{Errc::internal, 0, "", {}};
}

bool is_alive(pid_t process) { return ::kill(process, 0) == 0; }

TEST_CASE("pending: not over until the drive answers, then the same for ever") {
  const Rig rig;
  const auto pending = rig.begin();
  const pid_t process = rig.next_told();
  CHECK_FALSE(pending->poll().has_value());
  CHECK(process != ::getpid());
  CHECK(::getpgid(process) != ::getpgrp());
  // It is nobody's child here, so nobody has to wait for it.
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
  rig.answer();
  for (int twice = 0; twice < 2; ++twice) {
    const auto reply = std::get<NvmeReply>(take(end_of(*pending)));
    CHECK(reply.status == 7);
    CHECK(reply.data == Bytes{std::byte{'a'}});
  }
}

TEST_CASE("pending: what ends a program does not end it") {
  const Rig rig;
  const auto pending = rig.begin();
  const pid_t process = rig.next_told();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) REQUIRE(::kill(process, signal) == 0);
  rig.answer();
  CHECK(end_of(*pending).ok());
}

TEST_CASE("pending: given up, it goes on by itself") {
  const Rig rig;
  auto pending = rig.begin();
  const pid_t process = rig.next_told();
  pending.reset();
  CHECK(is_alive(process));
  rig.answer();
  CHECK(rig.next_told() == process);
}

TEST_CASE("pending: it outlives the program that began it") {
  const Rig rig;
  pid_t process = 0;
  {
    const Holder program([&] {
      static auto pending = rig.begin();
      return true;
    });
    process = rig.next_told();
  }
  CHECK(is_alive(process));
  rig.answer();
  CHECK(rig.next_told() == process);
}

TEST_CASE("pending: a process that is killed leaves an unknown end") {
  const Rig rig;
  const auto pending = rig.begin();
  REQUIRE(::kill(rig.next_told(), SIGKILL) == 0);
  CHECK(code_of(end_of(*pending)) == Errc::io);
  CHECK(code_of(end_of(*pending)) == Errc::io);
}

TEST_CASE("pending: nothing else of ours stays open with it") {
  const Rig rig;
  Pipe other;
  const auto pending = rig.begin();
  static_cast<void>(rig.next_told());
  other.to = Fd();
  char byte = 0;
  pollfd wanted{other.from.get(), POLLIN, 0};
  REQUIRE(::poll(&wanted, 1, 10'000) == 1);
  CHECK(::read(other.from.get(), &byte, 1) == 0);
  rig.answer();
  CHECK(end_of(*pending).ok());
}

TEST_CASE("pending: what the kernel refuses is told by the process") {
  Rig rig;
  const auto pending = rig.begin();
  static_cast<void>(rig.next_told());
  rig.drive.to = Fd();
  CHECK(code_of(end_of(*pending)) == Errc::io);
}

}  // namespace
}  // namespace quietus::test
