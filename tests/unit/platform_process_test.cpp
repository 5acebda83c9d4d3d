// SPDX-License-Identifier: GPL-3.0-or-later
// Signals, limits, clock, randomness and the terminal.
#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <thread>
#include <vector>

#include "platform_world.h"
#include "posix/process.h"
#include "posix/signals.h"
#include "posix/system_clock.h"
#include "posix/system_random.h"
#include "posix/terminal.h"

namespace quietus::test {
namespace {

/// What the watcher called with, waited for.
class Calls final {
 public:
  void add(int count) {
    const std::lock_guard<std::mutex> hold(guard_);
    counts_.push_back(count);
  }
  std::vector<int> wait_for(std::size_t number) {
    for (int tries = 0; tries < 1000; ++tries) {
      {
        const std::lock_guard<std::mutex> hold(guard_);
        if (counts_.size() >= number) return counts_;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::lock_guard<std::mutex> hold(guard_);
    return counts_;
  }

 private:
  std::mutex guard_;
  std::vector<int> counts_;
};

bool is_blocked(int signal) {
  sigset_t now{};
  ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
  return ::sigismember(&now, signal) == 1;
}

TEST_CASE("platform: the first and the second signal are told, the third is not") {
  Calls calls;
  {
    const SignalWatcher watcher([&](int count) { calls.add(count); });
    CHECK(is_blocked(SIGINT));
    ::kill(::getpid(), SIGINT);
    CHECK(calls.wait_for(1) == std::vector<int>{1});
    ::kill(::getpid(), SIGTERM);
    CHECK(calls.wait_for(2) == std::vector<int>{1, 2});
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGUSR1);  // nobody's private wake-up: changes nothing
    while (true) {
      sigset_t pending{};
      ::sigpending(&pending);
      if (::sigismember(&pending, SIGHUP) == 0) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  CHECK(calls.wait_for(2) == std::vector<int>{1, 2});
  CHECK_FALSE(is_blocked(SIGINT));
  CHECK_FALSE(is_blocked(SIGUSR1));
}

TEST_CASE("platform: signals that arrive while the watcher ends do no harm") {
  for (int round = 0; round < 200; ++round) {
    const SignalWatcher watcher([](int) {});
    for (const int signal : {SIGINT, SIGUSR1, SIGTERM, SIGHUP}) ::kill(::getpid(), signal);
  }
  CHECK_FALSE(is_blocked(SIGTERM));
}

TEST_CASE("platform: a signal that was ignored on entry stays ignored") {
  Calls calls;
  ::signal(SIGHUP, SIG_IGN);
  {
    const SignalWatcher watcher([&](int count) { calls.add(count); });
    CHECK_FALSE(is_blocked(SIGHUP));
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGINT);
    CHECK(calls.wait_for(1) == std::vector<int>{1});
  }
  ::signal(SIGHUP, SIG_DFL);
}

bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

TEST_CASE("platform: the process is prepared") {
  const Holder child([] {
    prepare_process();
    rlimit core{1, 1};
    rlimit files{};
    ::getrlimit(RLIMIT_CORE, &core);
    ::getrlimit(RLIMIT_NOFILE, &files);
    return is_ignored(SIGPIPE) && is_ignored(SIGXFSZ) && core.rlim_cur == 0 &&
           ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && ::umask(0) == 077 &&
           files.rlim_cur >= std::min<rlim_t>(files.rlim_max, 65536);
  });
}

TEST_CASE("platform: the clocks run forwards and know the year") {
  SystemClock clock;
  const std::uint64_t before = clock.monotonic_us();
  CHECK(clock.monotonic_us() >= before);
  CHECK(clock.now() > Time(std::chrono::seconds(1700000000)));
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch());
  CHECK(std::abs(seconds.count() - std::time(nullptr)) <= 2);
  static_cast<void>(clock.state());
}

TEST_CASE("platform: randomness fills the whole buffer") {
  SystemRandom random;
  Bytes one(100000);
  Bytes other(100000);
  succeed(random.fill(one));
  succeed(random.fill(other));
  CHECK(one != other);
  // A tail that was left out would be zeros.
  CHECK(std::any_of(one.end() - 16, one.end(), [](std::byte b) { return b != std::byte{0}; }));
  succeed(random.fill({}));
}

Result<std::size_t> read_from_pipe(const std::string& text, std::span<std::byte> out) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  REQUIRE(::write(pipe[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(pipe[1]);
  const Result<std::size_t> length = read_hidden_line(pipe[0], "prompt: ", out);
  ::close(pipe[0]);
  return length;
}

TEST_CASE("platform: a passphrase from a pipe") {
  Bytes out(8);
  CHECK(take(read_from_pipe("secret\nrest\n", out)) == 6);
  CHECK(text_of(std::span(out).first(6)) == "secret");
  CHECK(take(read_from_pipe("no end", out)) == 6);
  CHECK(take(read_from_pipe("\n", out)) == 0);
  CHECK(take(read_from_pipe("12345678\n", out)) == 8);
  CHECK(code_of(read_from_pipe("123456789\n", out)) == Errc::invalid);
  CHECK(code_of(read_from_pipe("", out)) == Errc::not_found);
}

/// A pseudo terminal: we type at one end, the code under test sits at the other.
struct Console {
  Console() : keyboard(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (keyboard < 0 || ::grantpt(keyboard) != 0 || ::unlockpt(keyboard) != 0) return;
    screen = ::open(::ptsname(keyboard), O_RDWR | O_NOCTTY | O_CLOEXEC);
  }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  ~Console() {
    if (screen >= 0) ::close(screen);
    if (keyboard >= 0) ::close(keyboard);
  }
  [[nodiscard]] bool echoes() const {
    termios settings{};
    return ::tcgetattr(screen, &settings) == 0 && (settings.c_lflag & ECHO) != 0;
  }

  /// Types once the prompt is shown; returns all that was shown.
  Result<std::size_t> answer(const std::string& keys, std::span<std::byte> out) {
    std::thread typist([&] {
      std::array<char, 64> buffer{};
      while (shown.find("prompt: ") == std::string::npos) {
        const ssize_t got = ::read(keyboard, buffer.data(), buffer.size());
        if (got <= 0) return;
        shown.append(buffer.data(), static_cast<std::size_t>(got));
      }
      hidden = !echoes();
      if (::write(keyboard, keys.data(), keys.size()) < 0) hidden = false;
    });
    Result<std::size_t> length = read_hidden_line(screen, "prompt: ", out);
    typist.join();
    return length;
  }

  int keyboard = -1;
  int screen = -1;
  bool hidden = false;
  std::string shown;
};

TEST_CASE("platform: a passphrase typed at a terminal is edited, not shown, and echo comes back") {
  Console console;
  if (console.screen < 0) {
    MESSAGE("skipped: no pseudo terminals here");
    return;
  }
  CHECK(is_terminal(console.screen));
  Bytes out(16);
  CHECK(take(console.answer("wrong\x15 ab\xc3\xa4\x7f\x7f"
                            "c\r",
                            out)) == 3);
  CHECK(text_of(std::span(out).first(3)) == " ac");
  CHECK(console.hidden);
  CHECK(console.echoes());
  CHECK(console.shown == "prompt: ");
}

TEST_CASE("platform: Ctrl-C and Ctrl-D at the prompt") {
  for (const auto& [keys, expected] :
       {std::pair("ab\x03", Errc::interrupted), std::pair("\x04", Errc::not_found)}) {
    Console console;
    if (console.screen < 0) return;
    Bytes out(16);
    CHECK(code_of(console.answer(keys, out)) == expected);
    CHECK(console.echoes());
  }
}

TEST_CASE("platform: width of what is no terminal") {
  const char* const before = std::getenv("COLUMNS");
  const std::string kept = before == nullptr ? "" : before;
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  CHECK_FALSE(is_terminal(pipe[0]));
  ::setenv("COLUMNS", "132", 1);
  CHECK(terminal_width(pipe[0]) == 132);
  ::setenv("COLUMNS", "many", 1);
  CHECK(terminal_width(pipe[0]) == 80);
  ::unsetenv("COLUMNS");
  CHECK(terminal_width(pipe[0]) == 80);
  if (before != nullptr) ::setenv("COLUMNS", kept.c_str(), 1);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

}  // namespace
}  // namespace quietus::test
