// SPDX-License-Identifier: GPL-3.0-or-later
// Result<T>: a value or an Error. Every operation of the tool that can fail returns one; no
// exception crosses a module border.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace quietus {

/// The kinds of failure that callers tell apart. What a person reads is Error::what.
enum class Errc {
  invalid,      ///< an argument or a setting that makes no sense
  malformed,    ///< text or bytes that break the format they claim
  unsupported,  ///< this platform, file system or device can't do it
  not_found,
  exists,
  permission,  ///< rights are missing
  read_only,   ///< the file system or the device does not take writes
  busy,        ///< in use by somebody else
  changed,     ///< not the object that was seen before
  no_space,
  io,           ///< the medium failed; os_code says how
  interrupted,  ///< stopped on request
  untrusted,    ///< a signature or a key that does not hold
  internal,     ///< a defect of ours
};

/// Why something failed: the kind, the operating system's own number (0: none), a sentence without
/// a full stop
/// ("cannot open /x: no such file or directory") and, where there is one, a remedy.
struct Error {
  Errc code = Errc::internal;
  int os_code = 0;
  std::string what;
  std::string hint = {};

  /// The same error, with what was being done put in front: "context: what".
  [[nodiscard]] Error in(std::string_view context) const {
    Error wider = *this;
    wider.what = std::string(context) + ": " + what;
    return wider;
  }
};

/// Either a T or an Error. Asking for the one that it does not hold is a defect and ends the
/// program.
template <class T>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): functions return the value or the error itself
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): functions return the value or the error itself
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] T& value() & { return std::get<0>(held_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(held_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] const Error& error() const { return std::get<1>(held_); }

 private:
  std::variant<T, Error> held_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): functions return the value or the error itself
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  [[nodiscard]] bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
  bool failed_ = false;
};

using Status = Result<void>;

}  // namespace quietus
