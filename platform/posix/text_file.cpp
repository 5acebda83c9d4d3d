// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and taking apart the small text files in which a system tells about itself.
#include "posix/text_file.h"

#include <array>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>

#include "posix/fd.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr std::size_t kLargestText = std::size_t{16} << 20;
constexpr std::string_view kBlanks = " \t\r\n";

bool is_octal(char c) { return c >= '0' && c <= '7'; }

bool escape_at(std::string_view text, std::size_t at) {
  return text[at] == '\\' && at + 3 < text.size() && text[at + 1] <= '3' &&
         is_octal(text[at + 1]) && is_octal(text[at + 2]) && is_octal(text[at + 3]);
}

}  // namespace

Result<std::string> read_text(const std::string& path) {
  const Fd fd(repeat_interrupted(
      [&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); }));
  if (!fd.valid()) return posix_error("open", path);
  std::string text;
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t got =
        repeat_interrupted([&] { return ::read(fd.get(), buffer.data(), buffer.size()); });
    if (got < 0) return posix_error("read", path);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kLargestText) return posix_error("read", path, EINVAL);
  }
}

Result<std::string> read_link(const std::string& path) {
  std::string target(4096, '\0');
  const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  if (length < 0) return posix_error("read the link", path);
  target.resize(static_cast<std::size_t>(length));
  return target;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const std::size_t end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = text.find_first_of(kBlanks, at);
    found.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(kBlanks, end);
  }
  return found;
}

std::string without_octal_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!escape_at(text, at)) {
      plain.push_back(text[at]);
      continue;
    }
    const int code = (text[at + 1] - '0') * 64 + (text[at + 2] - '0') * 8 + (text[at + 3] - '0');
    plain.push_back(static_cast<char>(code));
    at += 3;
  }
  return plain;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (text.empty() || problem != std::errc{} || stop != end) return std::nullopt;
  return number;
}

}  // namespace quietus
