// SPDX-License-Identifier: GPL-3.0-or-later
// Terminal facts, and a line editor that shows nothing.
#include "posix/terminal.h"

#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "posix/fd.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

constexpr unsigned kUsualWidth = 80;
constexpr unsigned kWidest = 10000;

// Keys as a terminal in raw mode sends them (ASCII control characters).
constexpr unsigned char kInterrupt = 0x03;
constexpr unsigned char kEndOfInput = 0x04;
constexpr unsigned char kBackspace = 0x08;
constexpr unsigned char kClearLine = 0x15;
constexpr unsigned char kDelete = 0x7f;

/// Echo, line editing and signals off while it lives, if the descriptor is a terminal.
class Hidden final {
 public:
  explicit Hidden(int descriptor) : descriptor_(descriptor) {
    active_ = ::tcgetattr(descriptor_, &before_) == 0;
    if (!active_) return;
    termios raw = before_;
    // Signals too: they are blocked in our threads, so Ctrl-C has to come as a key.
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(descriptor_, TCSAFLUSH, &raw);
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  ~Hidden() {
    if (active_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool active() const { return active_; }

 private:
  int descriptor_;
  bool active_ = false;
  termios before_{};
};

/// The line as typed so far.
struct Line {
  std::span<std::byte> room;
  std::size_t length = 0;
  bool too_long = false;

  void add(unsigned char key) {
    too_long = too_long || length == room.size();
    if (!too_long) room[length++] = std::byte{key};
  }
  /// Takes one character back, which may be several bytes of UTF-8.
  void take_back() {
    while (length > 0 && (room[length - 1] & std::byte{0xC0}) == std::byte{0x80}) --length;
    if (length > 0) --length;
  }
};

enum class Next { more, done, interrupted, ended };

Next apply_key(Line& line, unsigned char key, bool editing) {
  if (key == '\n' || (editing && key == '\r')) return Next::done;
  if (!editing) {
    line.add(key);
    return Next::more;
  }
  if (key == kInterrupt) return Next::interrupted;
  if (key == kEndOfInput) return line.length == 0 ? Next::ended : Next::done;
  if (key == kClearLine) {
    line.length = 0;
    line.too_long = false;
  } else if (key == kBackspace || key == kDelete) {
    line.take_back();
  } else {
    line.add(key);
  }
  return Next::more;
}

Result<Next> read_key(int descriptor, Line& line, bool editing) {
  unsigned char key = 0;
  const ssize_t got = repeat_interrupted([&] { return ::read(descriptor, &key, 1); });
  if (got < 0) return posix_error("read", "the passphrase");
  if (got == 0) return line.length == 0 ? Next::ended : Next::done;
  return apply_key(line, key, editing);
}

void show(int descriptor, std::string_view text) {
  // A prompt that can't be shown is no reason to fail.
  static_cast<void>(
      repeat_interrupted([&] { return ::write(descriptor, text.data(), text.size()); }));
}

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

unsigned terminal_width(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* const columns = std::getenv("COLUMNS");
  const auto number = columns == nullptr ? std::nullopt : decimal(columns);
  if (number && *number > 0 && *number <= kWidest) return static_cast<unsigned>(*number);
  return kUsualWidth;
}

unsigned terminal_height(int descriptor) {
  constexpr unsigned kUsualHeight = 24;
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row
                                                                        : kUsualHeight;
}

Result<std::size_t> read_hidden_line(int descriptor, std::string_view prompt,
                                     std::span<std::byte> out) {
  const Hidden hidden(descriptor);
  if (hidden.active()) show(descriptor, prompt);
  Line line{out};
  Next next = Next::more;
  while (next == Next::more) {
    const Result<Next> read = read_key(descriptor, line, hidden.active());
    if (!read) return read.error();
    next = *read;
  }
  if (hidden.active()) show(descriptor, "\n");
  if (next == Next::interrupted) return Error{Errc::interrupted, 0, "stopped at the prompt", {}};
  if (next == Next::ended) return Error{Errc::not_found, 0, "no passphrase was given", {}};
  if (line.too_long) return Error{Errc::invalid, 0, "the passphrase is too long", {}};
  return line.length;
}

Result<std::size_t> read_hidden_line(std::string_view prompt, std::span<std::byte> out) {
  const Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  return read_hidden_line(terminal.valid() ? terminal.get() : STDIN_FILENO, prompt, out);
}

}  // namespace quietus
