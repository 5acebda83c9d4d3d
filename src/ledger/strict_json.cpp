// SPDX-License-Identifier: GPL-3.0-or-later
// The scanner behind check_strict_json. It keeps nothing of the text but the keys of the objects
// that are open, and must never build values.
#include "quietus/strict_json.h"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::uint64_t kLargestInteger = (std::uint64_t{1} << 53U) - 1;  // RFC 8259 §6, I-JSON
constexpr std::size_t kLargestDigits = 16;                                // digits of that number
constexpr std::string_view kEscapes = "\"\\/bfnrt";
constexpr std::string_view kEscaped = "\"\\/\b\f\n\r\t";  // what they stand for, in that order

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0U | (code >> 6U));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
  }
  put(0x80U | (code & 0x3FU));
}

class Scanner {
 public:
  Scanner(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Status run() {
    while (expect_ != Expect::end) {
      while (is_space(peek())) ++at_;
      if (Status good = step(); !good) return good;
    }
    if (peek() == '\n') ++at_;
    return at_ == text_.size() ? Status{} : fail("something follows the value");
  }

 private:
  enum class Expect { value, value_or_close, key, key_or_close, comma_or_close, end };
  struct Level {
    bool object = false;
    std::set<std::string> keys = {};  // in lower case
  };

  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  // NUL at the end: it is allowed nowhere in a text, so that it needs no case of its own.
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char take() {
    const char c = peek();
    if (at_ < text_.size()) ++at_;
    return c;
  }
  bool take(char wanted) {
    if (peek() != wanted || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] Error fail(std::string_view what) const {
    return {Errc::malformed, 0,
            "not strict JSON at byte " + std::to_string(at_) + ": " + std::string(what)};
  }

  Status step() {
    switch (expect_) {
      case Expect::value_or_close:
        return peek() == ']' ? close() : value();
      case Expect::value:
        return value();
      case Expect::key_or_close:
        return peek() == '}' ? close() : key();
      case Expect::key:
        return key();
      case Expect::comma_or_close:
        return comma_or_close();
      case Expect::end:
        break;
    }
    return {};
  }

  Status value() {
    const char c = peek();
    if (c == '{' || c == '[') return open(c == '{');
    expect_ = levels_.empty() ? Expect::end : Expect::comma_or_close;
    if (c == '"') return string(nullptr);
    if (c == '-' || is_digit(c)) return number();
    return literal();
  }

  Status open(bool object) {
    if (levels_.size() == limits_.max_depth) return fail("nested too deeply");
    ++at_;
    levels_.push_back({object});
    expect_ = object ? Expect::key_or_close : Expect::value_or_close;
    return {};
  }

  Status close() {
    ++at_;
    levels_.pop_back();
    expect_ = levels_.empty() ? Expect::end : Expect::comma_or_close;
    return {};
  }

  Status comma_or_close() {
    const bool object = levels_.back().object;
    if (peek() == (object ? '}' : ']')) return close();
    if (!take(',')) return fail("a comma or the end of the list is missing");
    expect_ = object ? Expect::key : Expect::value;
    return {};
  }

  Status key() {
    std::string name;
    if (peek() != '"') return fail("a key is missing");
    if (Status good = string(&name); !good) return good;
    for (char& c : name) c = lower(c);
    if (!levels_.back().keys.insert(std::move(name)).second) {
      return fail("a key stands twice (capitals do not count)");
    }
    while (is_space(peek())) ++at_;
    if (!take(':')) return fail("a colon is missing");
    expect_ = Expect::value;
    return {};
  }

  Status literal() {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return {};
    }
    return fail("no value");
  }

  Status number() {
    const bool negative = take('-');
    const std::size_t first = at_;
    std::uint64_t magnitude = 0;
    while (is_digit(peek()) && at_ - first <= kLargestDigits) {
      magnitude = magnitude * 10 + static_cast<std::uint64_t>(take() - '0');
    }
    const std::size_t digits = at_ - first;
    if (digits == 0) return fail("no digit");
    if (digits > kLargestDigits || magnitude > kLargestInteger) return fail("number too large");
    if (text_[first] == '0' && (digits > 1 || negative)) return fail("a needless zero or sign");
    const char next = peek();
    if (next == '.' || next == 'e' || next == 'E') return fail("not a whole number");
    return {};
  }

  Status string(std::string* out) {
    ++at_;
    while (!take('"')) {
      const char c = take();
      if (static_cast<unsigned char>(c) < 0x20) return fail("a string does not end");
      if (c == '\\') {
        if (Status good = escape(out); !good) return good;
      } else if (out != nullptr) {
        out->push_back(c);
      }
    }
    return {};
  }

  Status escape(std::string* out) {
    if (take('u')) return unicode(out);
    const std::size_t which = kEscapes.find(peek());
    if (which == std::string_view::npos) return fail("an unknown escape");
    ++at_;
    if (out != nullptr) out->push_back(kEscaped[which]);
    return {};
  }

  Status unicode(std::string* out) {
    std::uint32_t code = 0;
    if (!hex4(code)) return fail("four hexadecimal digits are missing");
    if (code >= 0xDC00 && code < 0xE000) return fail("half of a surrogate pair");
    if (code >= 0xD800 && code < 0xDC00) {
      std::uint32_t low = 0;
      const bool pair = take('\\') && take('u') && hex4(low) && low >= 0xDC00 && low < 0xE000;
      if (!pair) return fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    }
    if (out != nullptr) append_utf8(*out, code);
    return {};
  }

  bool hex4(std::uint32_t& code) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (int i = 0; i < 4; ++i) {
      const std::size_t digit = kDigits.find(lower(peek()));
      if (digit == std::string_view::npos) return false;
      code = code * 16 + static_cast<std::uint32_t>(digit);
      ++at_;
    }
    return true;
  }

  std::string_view text_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  Expect expect_ = Expect::value;
  std::vector<Level> levels_;
};

}  // namespace

Status check_strict_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Error{Errc::malformed, 0,
                 "not strict JSON: longer than " + std::to_string(limits.max_bytes) + " bytes"};
  }
  if (!is_utf8(text)) return Error{Errc::malformed, 0, "not strict JSON: not UTF-8"};
  return Scanner(text, limits).run();
}

}  // namespace quietus
